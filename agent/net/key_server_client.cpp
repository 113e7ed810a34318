#include "agent/net/key_server_client.h"

#include <boost/asio/use_awaitable.hpp>

#include <charconv>

#include "agent/net/http_connection.h"
#include "agent/net/make_client.h"
#include "licensing/seal.h"

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
namespace bj = json::bj;

constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kMaxJws = licensing::kMaxJwsBytes;
constexpr int kTooManyRequests = 429;
constexpr int kUpgradeRequired = 426;
constexpr std::int64_t kLongestRetryAfter = 366 * 86400;

using CallError = tl::unexpected<CallFailure>;

CallError failed(Problem problem) {
    return CallError(CallFailure{std::move(problem), false, {}, {}, {}});
}

/// An answer that no key server gives: something else is there, or cut it short.
CallError not_understood(const HostPort& server, const Problem& problem) {
    return failed({Code::captive_portal, server.text() + ": " + problem.detail, {}});
}

std::string fresh_nonce() { return base64url(licensing::random_bytes(kNonceBytes)); }

std::optional<Duration> seconds_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value < 0 || value > kLongestRetryAfter) return std::nullopt;
    return seconds{value};
}

/// What an answer is when it is not even a key server's JSON.
std::optional<Problem> foreign_answer(const HttpAnswer& answer, const HostPort& server) {
    const std::string at = server.text() + ": ";
    const std::string status = std::to_string(answer.status);
    if (answer.status / 100 == 3)
        return Problem{
            Code::captive_portal,
            at + "redirects elsewhere (status " + status + "); redirects are never followed",
            {}};
    if (answer.is_json()) return std::nullopt;
    if (answer.status / 100 == 5)
        return Problem{Code::keyserver_unreachable, at + "answers with status " + status, {}};
    if (answer.status == kTooManyRequests)
        return Problem{Code::rate_limited, at + "answers with status " + status, {}};
    return Problem{
        Code::captive_portal,
        at + "answers with \"" + answer.content_type.substr(0, 40) + "\", status " + status,
        {}};
}

/// A problem document nobody signed: believed in its words, never as the last one.
CallFailure unsigned_failure(const HttpAnswer& answer, const HostPort& server) {
    CallFailure failure;
    failure.retry_after = seconds_of(answer.retry_after);
    const auto value = json::parse_strict(answer.body);
    const auto document = value ? licensing::problem_from_json(*value)
                                : Result<licensing::ProblemDocument>(fail(value.error()));
    if (document) {
        failure.problem = document->problem;
        if (!failure.retry_after && document->retry_after_s)
            failure.retry_after = seconds{*document->retry_after_s};
    } else if (answer.status == kUpgradeRequired) {
        failure.problem = {Code::agent_too_old, server.text(), {}};
    } else if (answer.status == kTooManyRequests) {
        failure.problem = {Code::rate_limited, server.text(), {}};
    } else {
        failure.problem = {Code::keyserver_unreachable,
                           server.text() + ": answers with status " + std::to_string(answer.status),
                           {}};
    }
    return failure;
}

/// The server's own word, signed for this very request.
CallFailure verified_failure(const licensing::Reply& reply, const HttpAnswer& answer) {
    CallFailure failure;
    failure.retry_after = seconds_of(answer.retry_after);
    auto document = licensing::problem_from_json(reply.body);
    if (!document) {
        failure.problem = {
            Code::internal, "the key server refused without a word this agent understands", {}};
        return failure;
    }
    failure.problem = std::move(document->problem);
    failure.final = !failure.problem.retryable();
    failure.used = document->used;
    failure.limit = document->limit;
    if (!failure.retry_after && document->retry_after_s)
        failure.retry_after = seconds{*document->retry_after_s};
    return failure;
}

/// One conversation with one key server: trust, challenge, then the call, on one connection. Keys
/// may be rotated in the middle of it: what is signed by a key nobody here knows has the key set
/// fetched once more, and is then believed or refused.
class Conversation {
public:
    Conversation(HttpConnection& connection, const HostPort& server, const Caller& caller,
                 const std::function<SinceBoot()>& boot_now)
        : connection_(connection), server_(server), caller_(caller), boot_now_(boot_now) {}

    /// Before anything else.
    asio::awaitable<CallResult<void>> trust() {
        auto answer = co_await get("/.well-known/latchkey");
        if (!answer) co_return CallError(std::move(answer.error()));
        auto bundle = licensing::parse_trust_bundle(answer->body);
        if (!bundle) co_return not_understood(server_, bundle.error());
        const auto seen = trusted_ ? (*trusted_->key_set).version : caller_.key_set_version;
        const auto& root = trusted_ ? trusted_->root : caller_.root;
        auto trusted = licensing::accept_bundle(*bundle, root, seen);
        if (!trusted) co_return failed(trusted.error());
        trusted_ = std::move(*trusted);
        offered_weights_ = bundle->weights_version;
        co_return CallResult<void>();
    }

    /// A newer evidence table, where one is offered. What comes of it is nobody's failure: the call
    /// is done, and the next one asks again.
    asio::awaitable<std::string> newer_weights() {
        std::string jws;
        if (caller_.weights_version == 0 || offered_weights_ <= caller_.weights_version)
            co_return jws;
        const auto answer = co_await get("/v1/weights");
        if (!answer) co_return jws;
        const auto value = json::parse_strict(answer->body);
        if (!value) co_return jws;
        json::ObjectReader in(*value, "weights");
        jws = in.string("weights", kMaxJws);
        if (in.finish(json::ObjectReader::Unknown::ignored)) jws.clear();
        co_return jws;
    }

    const licensing::KeySet& keys() const { return *trusted_->key_set; }
    licensing::Trusted take_trusted() { return std::move(*trusted_); }

    asio::awaitable<CallResult<licensing::Verified<licensing::Challenge>>> challenge() {
        const std::string nonce = fresh_nonce();
        asked_at_ = boot_now_();
        auto answer = co_await get("/v1/time?nonce=" + nonce);
        if (!answer) co_return CallError(std::move(answer.error()));
        const auto value = json::parse_strict(answer->body);
        if (!value) co_return not_understood(server_, value.error());
        json::ObjectReader in(*value, "challenge");
        const std::string jws = in.string("challenge", kMaxJws);
        if (auto bad = in.finish(json::ObjectReader::Unknown::ignored))
            co_return not_understood(server_, *bad);
        if (auto known = co_await know_signer(jws); !known)
            co_return CallError(std::move(known.error()));
        auto verified = licensing::verify_challenge(jws, keys());
        if (!verified) co_return failed(verified.error());
        if ((*verified)->nonce != nonce || (*verified)->publisher != caller_.root.publisher)
            co_return failed({Code::reply_not_fresh, server_.text() + ": signed time", {}});
        co_return std::move(*verified);
    }

    asio::awaitable<CallResult<licensing::Verified<licensing::Reply>>> call(
        const Call& call, const std::string& challenge_jws) {
        HttpRequest request = seal(call);
        licensing::RequestProof proof{call.method,
                                      call.path,
                                      caller_.root.publisher,
                                      base64url(licensing::sha256(request.body)),
                                      challenge_jws,
                                      call.idempotency_key,
                                      fresh_nonce()};
        const std::string proof_jws = licensing::sign_request(*caller_.device, proof);
        request.headers.emplace_back(licensing::header::kRequest, proof_jws);
        asked_at_ = boot_now_();
        auto answer = co_await connection_.exchange(std::move(request));
        if (!answer) co_return failed(answer.error());
        if (auto foreign = foreign_answer(*answer, server_)) co_return failed(*foreign);
        const auto reply = reply_in(*answer);
        if (!reply) co_return unsigned_answer(*answer);
        if (auto known = co_await know_signer(*reply); !known)
            co_return CallError(std::move(known.error()));
        co_return judge(*answer, *reply, proof.nonce, proof_jws);
    }

    Duration round_trip() const { return boot_now_() - asked_at_; }

private:
    asio::awaitable<CallResult<HttpAnswer>> get(std::string target) {
        HttpRequest request;
        request.method = "GET";
        request.target = std::move(target);
        request.headers.emplace_back(licensing::header::kProtocol,
                                     std::to_string(licensing::kProtocolVersion));
        auto answer = co_await connection_.exchange(std::move(request));
        if (!answer) co_return failed(answer.error());
        if (auto foreign = foreign_answer(*answer, server_)) {
            CallFailure failure{
                std::move(*foreign), false, seconds_of(answer->retry_after), {}, {}};
            co_return CallError(std::move(failure));
        }
        if (answer->status / 100 != 2) co_return CallError(unsigned_failure(*answer, server_));
        co_return std::move(*answer);
    }

    /// Nothing to do for a signer of the key set at hand, which is the ordinary case.
    asio::awaitable<CallResult<void>> know_signer(const std::string& jws) {
        if (fetched_again_ || keys().find(licensing::claimed_key_id(jws)))
            co_return CallResult<void>();
        fetched_again_ = true;
        co_return co_await trust();
    }

    HttpRequest seal(const Call& call) const {
        HttpRequest request;
        request.method = call.method;
        request.target = call.path;
        request.body = json::to_text(licensing::to_json(
            licensing::SealedBody{caller_.root.publisher,
                                  licensing::seal(keys().seal_key, keys().seal_kid, call.inner)}));
        request.headers = {{"Content-Type", "application/json"},
                           {std::string(licensing::header::kProtocol),
                            std::to_string(licensing::kProtocolVersion)},
                           {std::string(licensing::header::kDevice),
                            licensing::to_text(caller_.device->public_key())},
                           {std::string(licensing::header::kIdempotency), call.idempotency_key}};
        return request;
    }

    static std::optional<std::string> reply_in(const HttpAnswer& answer) {
        const auto value = json::parse_strict(answer.body);
        const auto* object = value ? value->if_object() : nullptr;
        const auto* reply = object ? object->if_contains("reply") : nullptr;
        if (reply == nullptr || !reply->is_string()) return std::nullopt;
        return std::string(reply->get_string());
    }

    CallError unsigned_answer(const HttpAnswer& answer) const {
        if (answer.status / 100 != 2) return CallError(unsigned_failure(answer, server_));
        return failed({Code::signature_invalid, server_.text() + ": the answer is unsigned", {}});
    }

    CallResult<licensing::Verified<licensing::Reply>> judge(const HttpAnswer& answer,
                                                            const std::string& reply_jws,
                                                            const std::string& nonce,
                                                            const std::string& proof_jws) const {
        auto reply = licensing::verify_reply(reply_jws, keys(), nonce, proof_jws);
        if (!reply) return failed(reply.error());
        if ((*reply)->status / 100 != 2) return CallError(verified_failure(**reply, answer));
        return std::move(*reply);
    }

    HttpConnection& connection_;
    const HostPort& server_;
    const Caller& caller_;
    const std::function<SinceBoot()>& boot_now_;
    SinceBoot asked_at_{};
    std::optional<licensing::Trusted> trusted_;
    bool fetched_again_ = false;
    std::int64_t offered_weights_ = 0;
};

class DialingClient final : public KeyServerClient {
public:
    DialingClient(Dialer dial, std::function<SinceBoot()> boot_now)
        : dial_(std::move(dial)), boot_now_(std::move(boot_now)) {}

    asio::awaitable<CallResult<Answer<bj::value>>> call(const ServerAddress& address,
                                                        const Caller& caller,
                                                        const Call& call) override {
        auto line = co_await dial_(address);
        if (!line) co_return failed(line.error());
        Conversation talk(*line->connection, line->server, caller, boot_now_);
        auto trusted = co_await talk.trust();
        if (!trusted) co_return CallError(std::move(trusted.error()));
        auto challenge = co_await talk.challenge();
        if (!challenge) co_return CallError(std::move(challenge.error()));
        auto reply = co_await talk.call(call, challenge->jws());
        if (!reply) {
            reply.error().may_have_arrived = true;
            co_return CallError(std::move(reply.error()));
        }
        const Duration round_trip = talk.round_trip();
        std::string weights = co_await talk.newer_weights();
        Fresh fresh{talk.take_trusted(), (*reply)->server_time, round_trip, std::move(weights)};
        Answer<bj::value> answer{(*reply)->body, std::move(fresh)};
        co_return answer;
    }

    asio::awaitable<CallResult<Answer<licensing::Challenge>>> time(const ServerAddress& address,
                                                                   const Caller& caller) override {
        auto line = co_await dial_(address);
        if (!line) co_return failed(line.error());
        Conversation talk(*line->connection, line->server, caller, boot_now_);
        auto trusted = co_await talk.trust();
        if (!trusted) co_return CallError(std::move(trusted.error()));
        auto challenge = co_await talk.challenge();
        if (!challenge) co_return CallError(std::move(challenge.error()));
        Fresh fresh{talk.take_trusted(), (*challenge)->server_time, talk.round_trip()};
        Answer<licensing::Challenge> answer{**challenge, std::move(fresh)};
        co_return answer;
    }

private:
    Dialer dial_;
    std::function<SinceBoot()> boot_now_;
};

/// Over TLS, through a proxy where there is one.
class TlsDialer {
public:
    TlsDialer(asio::any_io_executor executor, Deadlines deadlines)
        : executor_(std::move(executor)), deadlines_(deadlines) {}

    asio::awaitable<Result<Line>> dial(ServerAddress address) {
        if (address.url.empty())
            co_return fail(Code::keyserver_unreachable,
                           "neither [keyserver] url nor the manifest names a key server");
        auto server = parse_origin(address.url, "https://", "443");
        if (!server)
            co_return fail(Code::config_invalid, "[keyserver] url: " + server.error().detail);
        auto proxy = proxy_for(address.proxy, *server, proxy_environment());
        if (!proxy) co_return fail(std::move(proxy.error()));
        if (address.way) {
            address.way->server = *server;
            address.way->proxy = *proxy;
            address.way->reached = Reached::address;
        }
        auto tls = contexts_.get(address.ca_file);
        if (!tls) co_return fail(std::move(tls.error()));
        Route route{*server,     std::move(*proxy), std::move(*tls), !address.ca_file.empty(),
                    address.way, address.passed};
        auto connection = co_await connect(executor_, std::move(route), deadlines_);
        if (!connection) co_return fail(std::move(connection.error()));
        Line line{std::move(*server), std::move(*connection)};
        co_return line;
    }

private:
    asio::any_io_executor executor_;
    Deadlines deadlines_;
    TlsContexts contexts_;
};

}  // namespace

std::unique_ptr<KeyServerClient> make_key_server_client(Dialer dial,
                                                        std::function<SinceBoot()> boot_now) {
    return std::make_unique<DialingClient>(std::move(dial), std::move(boot_now));
}

std::unique_ptr<KeyServerClient> make_key_server_client(asio::any_io_executor executor,
                                                        std::function<SinceBoot()> boot_now,
                                                        Deadlines deadlines) {
    auto dialer = std::make_shared<TlsDialer>(std::move(executor), deadlines);
    return make_key_server_client(
        [dialer](ServerAddress address) { return dialer->dial(std::move(address)); },
        std::move(boot_now));
}

std::unique_ptr<KeyServerClient> make_key_server_client(asio::any_io_executor executor,
                                                        std::function<SinceBoot()> boot_now) {
    return make_key_server_client(std::move(executor), std::move(boot_now), Deadlines{});
}

}  // namespace latchkey::net
