#include "tests/unit/keyserver/test_server.h"

#include <spdlog/spdlog.h>

#include "hwid/devices.h"
#include "licensing/seal.h"
#include "licensing/tpm_credential.h"

namespace latchkey::keyserver {
namespace {

Premises opened(const std::filesystem::path& directory, const DatabaseChoice& database,
                const fakes::FakeClock& clock) {
    auto premises = open_premises(directory, "acme", database, clock);
    if (!premises) {
        ADD_FAILURE() << premises.error().detail;
        std::abort();
    }
    return std::move(*premises);
}

}  // namespace

hwid::Fingerprint Hardware::seen_under(const Publisher& publisher) const {
    hwid::Snapshot snapshot;
    snapshot.os = "linux";
    const auto add = [&](hwid::Kind kind, const std::string& value,
                         hwid::Attributes attributes = {}) {
        snapshot.components.push_back(
            {kind, value, {}, std::move(attributes), hwid::State::present});
    };
    add(hwid::Kind::system_uuid, uuid);
    add(hwid::Kind::system_serial, board);
    add(hwid::Kind::board_serial, board.empty() ? board : "/" + board + "/CN7220021Q00AB/");
    add(hwid::Kind::nic, mac, {{"bus", "pci"}});
    add(hwid::Kind::nic, card, {{"bus", "pci"}});
    add(hwid::Kind::disk, disk, {{"bus", "nvme"}, {"model", "Samsung SSD 980"}});
    add(hwid::Kind::system_vendor, "Dell Inc.");
    add(hwid::Kind::system_product, "OptiPlex 7090");
    add(hwid::Kind::cpu_model, "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz");
    add(hwid::Kind::memory_total_mb, "16384");
    if (!tpm.empty())
        snapshot.components.push_back(
            hwid::parse_tpm({{hwid::Access::read, tpm, {}}}, licensing::endorsement_key_digest())
                .front());
    return hwid::fingerprint(snapshot, licensing::keyed_digest(publisher.salt), publisher.salt_id);
}

Hardware Hardware::with_other_board() const {
    Hardware other = *this;
    other.board = "9QX7K55";
    other.uuid = "4c4c4544-0051-5810-8037-b9c04f4b3535";
    other.mac = "00:1b:21:9c:10:07";
    return other;
}

Hardware Hardware::with_other_card() const {
    Hardware other = *this;
    other.card = "00:15:17:77:88:02";
    return other;
}

Hardware Hardware::another() {
    return {"1AB2C34", "4c4c4544-0041-4210-8032-b1c04f433334", "00:1b:21:55:66:03",
            "00:15:17:55:66:03", "S5GXNX0T654321"};
}

TestServer::TestServer(const DatabaseChoice& database)
    : directory_(own_directory_.emplace().path()),
      premises_(opened(directory_, database, clock)),
      routes_(*premises_.store, *premises_.keys, policy_, clock),
      office_(*premises_.store, *premises_.keys, clock, directory_) {
    spdlog::set_level(spdlog::level::off);
}

TestServer::TestServer(std::filesystem::path directory, WallTime from)
    : clock(fakes::FakeClock::at(from)),
      directory_(std::move(directory)),
      premises_(opened(directory_, {}, clock)),
      routes_(*premises_.store, *premises_.keys, policy_, clock),
      office_(*premises_.store, *premises_.keys, clock, directory_) {
    spdlog::set_level(spdlog::level::off);
}

const KeyRoom& TestServer::room() const {
    auto now = premises_.keys->room();
    if (rooms_.empty() || rooms_.back() != now) rooms_.push_back(std::move(now));
    return *rooms_.back();
}

Result<json::bj::object> TestServer::try_admin(std::string noun, std::string name,
                                               admin::RawArguments arguments) {
    return office_.run({std::move(noun), std::move(name), std::move(arguments)});
}

json::bj::object TestServer::admin(std::string noun, std::string name,
                                   admin::RawArguments arguments) {
    auto result = try_admin(noun, name, std::move(arguments));
    EXPECT_TRUE(result) << noun << ' ' << name << ": " << result.error().detail;
    return result ? *result : json::bj::object{};
}

std::string TestServer::sell(std::string program, int activations,
                             admin::RawArguments entitlement) {
    (void)try_admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    entitlement["product"] = {"editor"};
    entitlement["program"] = {std::move(program)};
    entitlement["organization"] = {"contoso"};
    entitlement["quantity"] = {"100"};
    entitlement["activations"] = {std::to_string(activations)};
    const auto added = admin("entitlement", "add", std::move(entitlement));
    const auto key =
        admin("key", "issue", {{"entitlement", {std::string(added.at("id").as_string())}}});
    key_id_ = key.at("id").as_string();
    return std::string(key.at("key").as_string());
}

std::int64_t TestServer::used() {
    return admin("key", "show", {{"id", {key_id_}}}).at("activations").at("used").as_int64();
}

HttpResponse TestServer::answer(const HttpRequest& request) {
    HttpRequest arrived = request;
    routes_.arrives(arrived);
    auto response = routes_.quick(arrived);
    if (!response) response = routes_.answer(arrived);
    routes_.answered(arrived, *response);
    return *response;
}

std::string TestDevice::fresh() { return base64url(licensing::random_bytes(18)); }

std::string TestDevice::challenge() {
    HttpRequest ask;
    ask.method = "GET";
    ask.target = "/v1/time?nonce=" + fresh();
    const auto value = json::parse_strict(server_.answer(ask).body);
    return std::string(value->at("challenge").as_string());
}

HttpRequest TestDevice::request(std::string method, std::string path, const std::string& inner,
                                std::string idempotency_key) {
    const auto& room = server_.room();
    HttpRequest http;
    http.body = json::to_text(licensing::to_json(licensing::SealedBody{
        room.publisher().id,
        licensing::seal(room.key_set().seal_key, room.key_set().seal_kid, inner)}));
    proof_nonce_ = fresh();
    const licensing::RequestProof proof{method,
                                        path,
                                        room.publisher().id,
                                        base64url(licensing::sha256(http.body)),
                                        challenge(),
                                        idempotency_key,
                                        proof_nonce_};
    http.method = std::move(method);
    http.target = std::move(path);
    http.peer = "127.0.0.1";
    http.protocol = "1";
    http.device = public_key();
    http.proof = licensing::sign_request(key_, proof);
    http.idempotency_key = std::move(idempotency_key);
    return http;
}

licensing::RequestProof TestDevice::proof_of(const HttpRequest& request) {
    const auto device = licensing::public_key_from_text(request.device);
    return *licensing::verify_request(request.proof, *device).value();
}

std::string TestDevice::sign(const licensing::RequestProof& proof) const {
    return licensing::sign_request(key_, proof);
}

Told TestDevice::send(const HttpRequest& request) {
    const HttpResponse response = server_.answer(request);
    Told told;
    told.status = response.status;
    auto value = json::parse_strict(response.body);
    EXPECT_TRUE(value) << response.body;
    if (!value) return told;
    const auto* reply = value->as_object().if_contains("reply");
    if (reply) {
        const auto verified = licensing::verify_reply(
            std::string(reply->as_string()), server_.room().key_set(), proof_nonce_, request.proof);
        EXPECT_TRUE(verified) << "the reply must be signed for this request";
        if (!verified) return told;
        told.was_signed = true;
        EXPECT_EQ((*verified)->status, response.status);
        value = (*verified)->body;
    }
    told.body = std::move(*value);
    if (response.status >= 400) told.code = told.body.at("code").as_string();
    keep(told);
    return told;
}

void TestDevice::keep(const Told& told) {
    const auto* object = told.body.if_object();
    if (!object || told.status >= 400) return;
    const auto& keys = server_.room().key_set();
    if (const auto* jws = object->if_contains("license")) {
        const auto verified = licensing::verify_license(std::string(jws->as_string()), keys);
        ASSERT_TRUE(verified);
        license = **verified;
    }
    if (const auto* jws = object->if_contains("receipt")) {
        const auto verified = licensing::verify_receipt(std::string(jws->as_string()), keys);
        ASSERT_TRUE(verified) << verified.error().detail;
        receipt = **verified;
    }
}

std::string TestDevice::activation_message(const std::string& product_key, const Hardware& hardware,
                                           int max_count) const {
    licensing::ActivationRequest message;
    message.product = "editor";
    message.product_key = product_key;
    message.fingerprint = hardware.seen_under(server_.room().publisher());
    message.max_count = max_count;
    message.platform = platform;
    message.organization = organization;
    message.country = country;
    message.location = location;
    message.agent_version = "0.1.0";
    return json::to_text(licensing::to_json(message));
}

Told TestDevice::activate(const std::string& product_key, const Hardware& hardware, int max_count,
                          std::optional<std::string> idempotency_key) {
    return send(request("POST", "/v1/activations",
                        activation_message(product_key, hardware, max_count),
                        idempotency_key.value_or(fresh())));
}

Told TestDevice::preview(const std::string& product_key, const Hardware& hardware) {
    return send(request("POST", "/v1/activations/preview",
                        activation_message(product_key, hardware, 0), fresh()));
}

Told TestDevice::renew(const Hardware& hardware, std::int64_t sequence) {
    licensing::RenewRequest message;
    message.product = "editor";
    message.lease_sequence = sequence;
    message.fingerprint = hardware.seen_under(server_.room().publisher());
    message.platform = platform;
    message.agent_version = "0.1.0";
    return send(request("POST", "/v1/licenses/" + license->id + "/renew",
                        json::to_text(licensing::to_json(message)), fresh()));
}

Told TestDevice::rearms(const Hardware& hardware, int used, licensing::GraceUse grace,
                        std::string product, std::optional<std::string> idempotency_key) {
    licensing::LedgerRequest message;
    message.product = std::move(product);
    message.fingerprint = hardware.seen_under(server_.room().publisher());
    message.platform = platform;
    message.agent_version = "0.1.0";
    message.lab = lab;
    message.rearms_used = used;
    message.grace = grace;
    return send(request("POST", "/v1/rearms", json::to_text(licensing::to_json(message)),
                        idempotency_key.value_or(fresh())));
}

Told TestDevice::redeem(const std::string& token, std::string product,
                        std::optional<std::string> idempotency_key) {
    const licensing::RedeemRequest message{std::move(product), token, "0.1.0",
                                           organization,       {},    country};
    return send(request("POST", "/v1/tokens/redeem", json::to_text(licensing::to_json(message)),
                        idempotency_key.value_or(fresh())));
}

Told TestDevice::release() {
    return send(request("DELETE", "/v1/licenses/" + license->id,
                        json::to_text(licensing::to_json(licensing::ReleaseRequest{"editor"})),
                        fresh()));
}

}  // namespace latchkey::keyserver
