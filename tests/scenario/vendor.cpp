#include "tests/scenario/vendor.h"

#include <cstdio>
#include <cstdlib>

#include "keyserver/admin/ceremony.h"
#include "licensing/manifest.h"
#include "licensing/product_key.h"
#include "platform/secure_file.h"

namespace latchkey::scenario {
namespace {

namespace asio = boost::asio;
namespace bj = boost::json;

template <class T>
T required(Result<T> result, const char* what) {
    if (!result) {
        std::fprintf(stderr, "%s: %s\n", what, result.error().detail.c_str());
        std::abort();
    }
    return std::move(*result);
}

std::string field(const net::HttpRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

}  // namespace

/// A connection that needs no network: the request is handed to the key server's routes.
class Wire final : public net::HttpConnection {
public:
    explicit Wire(Vendor& vendor) : vendor_(vendor) {}

    asio::awaitable<Result<net::HttpAnswer>> exchange(net::HttpRequest request) override {
        keyserver::HttpRequest seen;
        seen.method = request.method;
        seen.target = request.target;
        seen.peer = "127.0.0.1";
        seen.protocol = field(request, licensing::header::kProtocol);
        seen.device = field(request, licensing::header::kDevice);
        seen.proof = field(request, licensing::header::kRequest);
        seen.idempotency_key = field(request, licensing::header::kIdempotency);
        seen.body = request.body;
        keyserver::HttpHandler& handler = vendor_.handler();
        auto response = handler.quick(seen);
        if (request.target == "/.well-known/latchkey" && !vendor_.served_trust.empty())
            response->body = vendor_.served_trust;
        if (!response) {
            ++vendor_.decisions;
            if (request.target == "/v1/activations") ++vendor_.activations;
            response = handler.answer(seen);
            if (vendor_.on_decision) vendor_.on_decision();
            if (vendor_.lost_replies > 0) {
                --vendor_.lost_replies;
                co_return fail(Code::keyserver_unreachable, "the answer was lost on the way");
            }
        }
        vendor_.mishaps += response->status == 429 || response->status == 503 ||
                           response->delivery != keyserver::Delivery::whole;
        if (response->delivery != keyserver::Delivery::whole)
            co_return fail(Code::keyserver_unreachable, "the connection was closed");
        net::HttpAnswer answer;
        answer.status = response->status;
        answer.content_type = response->content_type;
        if (response->retry_after_s) answer.retry_after = std::to_string(*response->retry_after_s);
        answer.body = response->body;
        co_return answer;
    }

private:
    Vendor& vendor_;
};

Vendor::Vendor(std::filesystem::path folder, const std::string& publisher)
    : folder_(std::move(folder)),
      premises_(required(keyserver::open_premises(folder_, publisher, {}, clock), "premises")),
      routes_(*premises_.store, *premises_.keys, policy_, clock),
      office_(*premises_.store, *premises_.keys, clock, folder_) {}

void Vendor::trouble(double share, std::uint32_t seed) {
    dice_.seed(seed);
    chaos_.emplace(routes_, share,
                   [this] { return std::uniform_real_distribution<double>(0, 1)(dice_); });
}

keyserver::HttpHandler& Vendor::handler() {
    if (chaos_) return *chaos_;
    return routes_;
}

bj::object Vendor::admin(const std::string& noun, const std::string& name, Arguments arguments) {
    return required(office_.run({noun, name, std::move(arguments)}), (noun + " " + name).c_str());
}

bj::object Vendor::rotate_keys(Arguments arguments) {
    return with_root("signing-key", "rotate", std::move(arguments));
}

bj::object Vendor::with_root(const std::string& noun, const std::string& name,
                             Arguments arguments) {
    return required(
        keyserver::admin::hold_ceremony(
            {noun, name, std::move(arguments)}, folder_,
            [this](const keyserver::admin::Command& command) { return office_.run(command); }),
        (noun + " " + name).c_str());
}

void Vendor::add_product(const std::string& product, Arguments more) {
    more["id"] = {product};
    more["name"] = {"Example " + product};
    admin("product", "add", std::move(more));
}

std::string Vendor::sell(const std::string& product, const std::string& program, int activations) {
    const auto entitlement = admin("entitlement", "add",
                                   {{"product", {product}},
                                    {"program", {program}},
                                    {"organization", {"acme"}},
                                    {"quantity", {"10"}},
                                    {"activations", {std::to_string(activations)}}});
    const auto key =
        admin("key", "issue", {{"entitlement", {std::string(entitlement.at("id").as_string())}}});
    return std::string(key.at("key").as_string());
}

std::string Vendor::issue_token(const std::string& product) {
    const auto manifest = licensing::verify_manifest(
        std::string(admin("product", "export", {{"id", {product}}}).at("manifest").as_string()),
        nullptr);
    return licensing::ProductKey::make(licensing::KeyKind::token, (*manifest)->token_group,
                                       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
        .text();
}

void Vendor::export_manifest(const std::string& product, const std::filesystem::path& file) {
    const auto exported =
        admin("product", "export", {{"id", {product}}, {"url", {"https://keys.example.org"}}});
    const auto written =
        platform::write_public_file(file, std::string(exported.at("manifest").as_string()) + "\n");
    if (!written) std::abort();
}

net::Dialer Vendor::network() {
    return [this](net::ServerAddress) -> asio::awaitable<Result<net::Line>> {
        if (!reachable) co_return fail(Code::keyserver_unreachable, "the network is down");
        ++connections;
        net::Line line{{"keys.example.org", "443"}, std::make_unique<Wire>(*this)};
        co_return line;
    };
}

}  // namespace latchkey::scenario
