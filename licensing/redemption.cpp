#include "licensing/redemption.h"

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;
using enum ObjectReader::Unknown;

constexpr std::size_t kMaxTokenBytes = 64;
constexpr std::size_t kMaxVersionBytes = 64;

std::string read_product(ObjectReader& in) {
    return fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
}

std::string read_jws(ObjectReader& in, std::string_view name) {
    auto text = in.string(name, kMaxJwsBytes);
    if (in.ok() && text.empty()) in.refuse(name, "is empty");
    return text;
}

bool is_some(std::string_view text) { return !text.empty(); }

}  // namespace

json::bj::value to_json(const CloudEntitlement& e) {
    return json::bj::object{{"id", e.id},
                            {"publisher", e.publisher},
                            {"product", e.product},
                            {"service", e.service},
                            {"program", e.program},
                            {"organization", e.organization},
                            {"seats", e.seats},
                            {"token_last5", e.token_last5},
                            {"device_key", to_text(e.device_key)},
                            {"receipt", e.receipt},
                            {"redeemed_at", fields::json_time(e.redeemed_at)},
                            {"ends_at", fields::json_time(e.ends_at)}};
}

Result<CloudEntitlement> cloud_entitlement_from_json(const json::bj::value& value) {
    ObjectReader in(value, "cloud entitlement");
    CloudEntitlement e;
    e.id = fields::record_id(in, "id", "cld_");
    e.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    e.product = read_product(in);
    e.service = fields::text(in, "service", kMaxServiceBytes, is_some);
    e.program = fields::text(in, "program", fields::kMaxIdBytes, fields::is_product_id);
    e.organization = in.string("organization", fields::kMaxNameBytes);
    e.seats = fields::count(in, "seats");
    e.token_last5 = fields::text(in, "token_last5", 5, fields::is_last5);
    e.device_key = fields::key(in, "device_key");
    e.receipt = fields::record_id(in, "receipt", "rcp_");
    e.redeemed_at = fields::time(in, "redeemed_at");
    e.ends_at = fields::time(in, "ends_at");
    if (in.ok() && e.ends_at <= e.redeemed_at) in.refuse("ends_at", "is before redeemed_at");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return e;
}

json::bj::value to_json(const RedeemRequest& request) {
    return json::bj::object{{"product", request.product},
                            {"token", request.token},
                            {"agent_version", request.agent_version},
                            {"organization", request.organization},
                            {"location", request.location},
                            {"country", request.country}};
}

Result<RedeemRequest> redeem_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "redeem request");
    RedeemRequest request;
    request.product = read_product(in);
    request.token = in.string("token", kMaxTokenBytes);
    request.agent_version = fields::optional_text(in, "agent_version", kMaxVersionBytes);
    request.organization = fields::optional_text(in, "organization", fields::kMaxNameBytes);
    request.location = fields::optional_text(in, "location", fields::kMaxNameBytes);
    request.country = fields::optional_text(in, "country", 2);
    if (!fields::is_country(request.country)) in.refuse("country", "must be a code like DE");
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const RedeemReply& reply) {
    return json::bj::object{{"entitlement", reply.entitlement}, {"receipt", reply.receipt}};
}

Result<RedeemReply> redeem_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "redeem reply");
    RedeemReply reply;
    reply.entitlement = read_jws(in, "entitlement");
    reply.receipt = read_jws(in, "receipt");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

}  // namespace latchkey::licensing
