#include "licensing/messages.h"

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;
using enum ObjectReader::Unknown;

constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::size_t kMaxVersionBytes = 64;
constexpr std::int64_t kMaxRearms = 1000;
constexpr std::int64_t kMaxGraces = 100'000;

std::string read_product(ObjectReader& in) {
    return fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
}

std::string read_platform(ObjectReader& in) {
    return fields::text(in, "platform", 16, fields::is_platform);
}

std::string read_jws(ObjectReader& in, std::string_view name) {
    auto text = in.string(name, kMaxJwsBytes);
    if (in.ok() && text.empty()) in.refuse(name, "is empty");
    return text;
}

/// A part of a request holds what this version knows, whole, and nothing else.
template <class T>
void refuse_unknown(ObjectReader& in, std::string_view name, const json::bj::value* value,
                    const T& part) {
    if (in.ok() && value && value->as_object().size() != to_json(part).as_object().size())
        in.refuse(name, "has a member that this version does not know");
}

int read_small(ObjectReader& in, std::string_view name, std::int64_t most) {
    return static_cast<int>(in.integer(name, 0, most));
}

/// A proof that cannot be read is none; the activation goes on without it.
void read_tpm(ObjectReader& in, ActivationRequest& request) {
    request.tpm_unproven = fields::optional_text(in, "tpm_unproven", fields::kMaxIdBytes);
    if (!request.tpm_unproven.empty() && !fields::is_token(request.tpm_unproven))
        in.refuse("tpm_unproven", "is no name");
    const auto* proof = in.optional_object("tpm");
    if (!proof) return;
    auto read = tpm_proof_from_json(*proof);
    if (read)
        request.tpm = std::move(*read);
    else
        request.tpm_unproven = "malformed";
}

}  // namespace

json::bj::value to_json(const ActivationRequest& request) {
    json::bj::object object{
        {"product", request.product},
        {"product_key", request.product_key},
        {"fingerprint", to_json(request.fingerprint)},
        {"max_count", request.max_count},
        {"platform", request.platform},
        {"os_edition", request.os_edition},
        {"product_version", request.product_version},
        {"agent_version", request.agent_version},
        {"organization", request.organization},
        {"location", request.location},
        {"country", request.country},
        {"agent_verdict",
         request.agent_verdict ? to_json(*request.agent_verdict) : json::bj::value(nullptr)}};
    if (request.tpm) object["tpm"] = to_json(*request.tpm);
    if (!request.tpm_unproven.empty()) object["tpm_unproven"] = request.tpm_unproven;
    return object;
}

Result<ActivationRequest> activation_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "activation request");
    ActivationRequest request;
    request.product = read_product(in);
    request.product_key = in.string("product_key", kMaxKeyBytes);
    request.fingerprint = fields::nested(in, "fingerprint", fingerprint_from_json);
    request.max_count = static_cast<int>(in.integer("max_count", 0, 1));
    request.platform = read_platform(in);
    request.os_edition = fields::optional_text(in, "os_edition", fields::kMaxNameBytes);
    request.product_version = fields::optional_text(in, "product_version", kMaxVersionBytes);
    request.agent_version = fields::optional_text(in, "agent_version", kMaxVersionBytes);
    request.organization = fields::optional_text(in, "organization", fields::kMaxNameBytes);
    request.location = fields::optional_text(in, "location", fields::kMaxNameBytes);
    request.country = fields::optional_text(in, "country", 2);
    if (!fields::is_country(request.country)) in.refuse("country", "must be a code like DE");
    request.agent_verdict = fields::optional_nested(in, "agent_verdict", agent_verdict_from_json);
    if (request.agent_verdict)
        refuse_unknown(in, "agent_verdict", in.optional_object("agent_verdict"),
                       *request.agent_verdict);
    read_tpm(in, request);
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const ActivationReply& reply) {
    return json::bj::object{{"license", reply.license}, {"receipt", reply.receipt}};
}

Result<ActivationReply> activation_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "activation reply");
    ActivationReply reply;
    reply.license = read_jws(in, "license");
    reply.receipt = read_jws(in, "receipt");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

json::bj::value to_json(const PreviewReply& reply) {
    return json::bj::object{{"new_machine", reply.new_machine},
                            {"verdict", fields::json_text(hwid::name(reply.verdict))},
                            {"significant", reply.significant},
                            {"changed_any", reply.changed_any},
                            {"count", reply.count},
                            {"program", reply.program},
                            {"rule", fields::json_text(name(reply.rule))},
                            {"reasons", fields::json_texts(reply.reasons)},
                            {"components", fields::json_list(reply.components)},
                            {"activations", to_json(reply.activations)},
                            {"license_quantity", reply.license_quantity},
                            {"activate_by", fields::json_time(reply.activate_by)},
                            {"refusal", reply.refusal},
                            {"refusal_detail", reply.refusal_detail}};
}

Result<PreviewReply> preview_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "preview reply");
    PreviewReply reply;
    reply.new_machine = in.boolean("new_machine");
    reply.verdict = fields::choice(in, "verdict", hwid::verdict_from_name);
    reply.significant = in.boolean("significant");
    reply.changed_any = in.boolean("changed_any");
    reply.count = static_cast<int>(in.integer("count", 0, 1));
    reply.program = fields::text(in, "program", fields::kMaxIdBytes, fields::is_product_id);
    reply.rule = fields::choice(in, "rule", counting_rule_from_name);
    reply.reasons = fields::texts(in, "reasons", kMaxReasons, kMaxReasonBytes);
    reply.components = fields::list(in, "components", kMaxFindings, component_finding_from_json);
    reply.activations = fields::nested(in, "activations", activations_from_json);
    reply.license_quantity = fields::count(in, "license_quantity");
    reply.activate_by = fields::optional_time(in, "activate_by");
    reply.refusal = fields::optional_text(in, "refusal", fields::kMaxIdBytes);
    if (!reply.refusal.empty() && !fields::is_token(reply.refusal))
        in.refuse("refusal", "is no code");
    reply.refusal_detail = fields::optional_text(in, "refusal_detail", kMaxReasonBytes);
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

json::bj::value to_json(const RenewRequest& request) {
    return json::bj::object{{"product", request.product},
                            {"lease_sequence", request.lease_sequence},
                            {"fingerprint", to_json(request.fingerprint)},
                            {"platform", request.platform},
                            {"agent_version", request.agent_version}};
}

Result<RenewRequest> renew_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "renewal request");
    RenewRequest request;
    request.product = read_product(in);
    request.lease_sequence = in.integer("lease_sequence", 0, fields::kMaxVersion);
    request.fingerprint = fields::nested(in, "fingerprint", fingerprint_from_json);
    request.platform = read_platform(in);
    request.agent_version = fields::optional_text(in, "agent_version", kMaxVersionBytes);
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const RenewReply& reply) {
    return json::bj::object{{"license", reply.license}};
}

Result<RenewReply> renew_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "renewal reply");
    RenewReply reply;
    reply.license = read_jws(in, "license");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

json::bj::value to_json(const ReleaseRequest& request) {
    return json::bj::object{{"product", request.product}};
}

Result<ReleaseRequest> release_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "release request");
    ReleaseRequest request;
    request.product = read_product(in);
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const ReleaseReply& reply) {
    return json::bj::object{{"receipt", reply.receipt},
                            {"returned", reply.returned},
                            {"returns_at", fields::json_time(reply.returns_at)},
                            {"activations", to_json(reply.activations)}};
}

Result<ReleaseReply> release_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "release reply");
    ReleaseReply reply;
    reply.receipt = read_jws(in, "receipt");
    reply.returned = in.boolean("returned");
    reply.returns_at = fields::optional_time(in, "returns_at");
    if (reply.returns_at && !reply.returned) in.refuse("returns_at", "is of nothing");
    reply.activations = fields::nested(in, "activations", activations_from_json);
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

json::bj::value to_json(const GraceUse& grace) {
    return json::bj::object{{"kind", grace.extended ? "extended" : "initial"},
                            {"frozen", grace.frozen},
                            {"used_s", std::chrono::duration_cast<seconds>(grace.used).count()}};
}

Result<GraceUse> grace_use_from_json(const json::bj::value& value) {
    ObjectReader in(value, "grace");
    GraceUse grace;
    const auto kind = in.string("kind", fields::kMaxIdBytes);
    grace.extended = kind == "extended";
    if (in.ok() && !grace.extended && kind != "initial")
        in.refuse("kind", "has a value this version does not know");
    grace.frozen = in.boolean("frozen");
    grace.used = seconds{in.integer("used_s", 0, seconds{kLongestGraceUse}.count())};
    if (in.ok() && grace.frozen && grace.used != Duration{0})
        in.refuse("frozen", "yet it was used");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return grace;
}

json::bj::value to_json(const LedgerRequest& request) {
    return json::bj::object{{"product", request.product},
                            {"fingerprint", to_json(request.fingerprint)},
                            {"platform", request.platform},
                            {"agent_version", request.agent_version},
                            {"lab", request.lab},
                            {"rearms_used", request.rearms_used},
                            {"grace", to_json(request.grace)}};
}

Result<LedgerRequest> ledger_request_from_json(const json::bj::value& value) {
    ObjectReader in(value, "ledger request");
    LedgerRequest request;
    request.product = read_product(in);
    request.fingerprint = fields::nested(in, "fingerprint", fingerprint_from_json);
    request.platform = read_platform(in);
    request.agent_version = fields::optional_text(in, "agent_version", kMaxVersionBytes);
    request.lab = in.boolean("lab");
    request.rearms_used = read_small(in, "rearms_used", kMaxRearms);
    request.grace = fields::nested(in, "grace", grace_use_from_json);
    refuse_unknown(in, "grace", in.object("grace"), request.grace);
    if (auto bad = in.finish(refused)) return fail(*bad);
    return request;
}

json::bj::value to_json(const LedgerReply& reply) {
    return json::bj::object{{"first_grace_at", fields::json_time(reply.first_grace_at)},
                            {"graces_this_year", reply.graces_this_year},
                            {"graces_allowed", reply.graces_allowed},
                            {"rearms_used", reply.rearms_used},
                            {"grace", to_json(reply.grace)},
                            {"fresh", reply.fresh}};
}

Result<LedgerReply> ledger_reply_from_json(const json::bj::value& value) {
    ObjectReader in(value, "ledger reply");
    LedgerReply reply;
    reply.first_grace_at = fields::time(in, "first_grace_at");
    reply.graces_this_year = read_small(in, "graces_this_year", kMaxGraces);
    reply.graces_allowed = read_small(in, "graces_allowed", kMaxGraces);
    reply.rearms_used = read_small(in, "rearms_used", kMaxRearms);
    reply.grace = fields::nested(in, "grace", grace_use_from_json);
    reply.fresh = in.boolean("fresh");
    if (auto bad = in.finish(ignored)) return fail(*bad);
    return reply;
}

}  // namespace latchkey::licensing
