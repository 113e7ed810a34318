#include "licensing/receipt.h"

#include <limits>

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::int64_t kMaxScore = 1'000'000;

template <class T, std::size_t N>
std::optional<T> from_name(const T (&all)[N], std::string_view text) {
    for (const auto value : all)
        if (name(value) == text) return value;
    return std::nullopt;
}

bool may_be_empty_last5(std::string_view text) { return text.empty() || fields::is_last5(text); }

/// An activation moves the number used by what it counted; nothing else counts.
void check_sums(ObjectReader& in, const Receipt& r) {
    switch (r.kind) {
        case ReceiptKind::activation:
            if (r.used_after - r.used_before != r.counted)
                in.refuse("used_after", "does not follow from used_before and counted");
            break;
        case ReceiptKind::release:
        case ReceiptKind::returned:
        case ReceiptKind::adoption:
            if (r.counted != 0) in.refuse("counted", "must be 0 where nothing was activated");
            if (r.used_after > r.used_before) in.refuse("used_after", "is above used_before");
            break;
        case ReceiptKind::redemption:
            if (r.counted != 0) in.refuse("counted", "must be 0 where nothing was activated");
            if (r.used_before != 0 || r.used_after != 0 || r.limit != 0)
                in.refuse("limit", "must be 0 where there are no activations");
            break;
    }
}

}  // namespace

std::string_view name(ReceiptKind kind) {
    switch (kind) {
        case ReceiptKind::activation:
            return "activation";
        case ReceiptKind::release:
            return "release";
        case ReceiptKind::returned:
            return "returned";
        case ReceiptKind::adoption:
            return "adoption";
        case ReceiptKind::redemption:
            return "redemption";
    }
    return {};
}

std::optional<ReceiptKind> receipt_kind_from_name(std::string_view text) {
    using enum ReceiptKind;
    return from_name({activation, release, returned, adoption, redemption}, text);
}

std::string_view name(Continuity continuity) {
    switch (continuity) {
        case Continuity::none:
            return "none";
        case Continuity::digests:
            return "digests";
        case Continuity::device_key:
            return "device_key";
        case Continuity::tpm:
            return "tpm";
    }
    return {};
}

std::optional<Continuity> continuity_from_name(std::string_view text) {
    using enum Continuity;
    return from_name({none, digests, device_key, tpm}, text);
}

json::bj::value to_json(const ComponentFinding& finding) {
    return json::bj::object{{"kind", fields::json_text(hwid::name(finding.kind))},
                            {"result", fields::json_text(hwid::name(finding.outcome))},
                            {"why", finding.why},
                            {"weight", finding.weight},
                            {"multiplicity", finding.multiplicity}};
}

Result<ComponentFinding> component_finding_from_json(const json::bj::value& value) {
    ObjectReader in(value, "component");
    ComponentFinding finding;
    finding.kind = fields::choice(in, "kind", hwid::kind_from_name);
    finding.outcome = fields::choice(in, "result", hwid::outcome_from_name);
    finding.why = in.string("why", fields::kMaxIdBytes);
    finding.weight = static_cast<std::int32_t>(in.integer("weight", -kMaxScore, kMaxScore));
    finding.multiplicity = fields::count(in, "multiplicity");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return finding;
}

json::bj::value to_json(const AgentVerdict& verdict) {
    return json::bj::object{{"verdict", fields::json_text(hwid::name(verdict.verdict))},
                            {"significant", verdict.significant},
                            {"changed_any", verdict.changed_any}};
}

Result<AgentVerdict> agent_verdict_from_json(const json::bj::value& value) {
    ObjectReader in(value, "agent verdict");
    AgentVerdict verdict;
    verdict.verdict = fields::choice(in, "verdict", hwid::verdict_from_name);
    verdict.significant = in.boolean("significant");
    verdict.changed_any = in.boolean("changed_any");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return verdict;
}

json::bj::value to_json(const Receipt& r) {
    json::bj::object object{
        {"id", r.id},
        {"kind", fields::json_text(name(r.kind))},
        {"publisher", r.publisher},
        {"product", r.product},
        {"license", r.license},
        {"machine", r.machine},
        {"device_key", to_text(r.device_key)},
        {"key_last5", r.key_last5},
        {"organization", r.organization},
        {"program", r.program},
        {"rule", fields::json_text(name(r.rule))},
        {"new_machine", r.new_machine},
        {"verdict", fields::json_text(hwid::name(r.verdict))},
        {"significant", r.significant},
        {"changed_any", r.changed_any},
        {"score", r.score},
        {"continuity", fields::json_text(name(r.continuity))},
        {"counted", r.counted},
        {"reasons", fields::json_texts(r.reasons)},
        {"components", fields::json_list(r.components)},
        {"used_before", r.used_before},
        {"used_after", r.used_after},
        {"limit", r.limit},
        {"matcher_version", r.matcher_version},
        {"weights_version", r.weights_version},
        {"claimed_location", r.claimed_location},
        {"claimed_country", r.claimed_country},
        {"agent_verdict", r.agent_verdict ? to_json(*r.agent_verdict) : json::bj::value(nullptr)},
        {"at", fields::json_time(r.at)}};
    if (r.recent_reimages) object["recent_reimages"] = *r.recent_reimages;
    if (!r.returns.empty()) object["returns"] = r.returns;
    return object;
}

Result<Receipt> receipt_from_json(const json::bj::value& value) {
    ObjectReader in(value, "receipt");
    Receipt r;
    r.id = fields::record_id(in, "id", "rcp_");
    r.kind = fields::choice(in, "kind", receipt_kind_from_name);
    r.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    r.product = fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
    const bool redemption = r.kind == ReceiptKind::redemption;
    r.license = fields::record_id(in, "license", redemption ? "cld_" : "lic_");
    r.machine = redemption ? in.string("machine", 0) : fields::record_id(in, "machine", "mch_");
    r.device_key = fields::key(in, "device_key");
    r.key_last5 = fields::text(in, "key_last5", 5, may_be_empty_last5);
    r.organization = in.string("organization", fields::kMaxNameBytes);
    r.program = fields::text(in, "program", fields::kMaxIdBytes, fields::is_product_id);
    r.rule = fields::choice(in, "rule", counting_rule_from_name);
    r.new_machine = in.boolean("new_machine");
    r.verdict = fields::choice(in, "verdict", hwid::verdict_from_name);
    r.significant = in.boolean("significant");
    r.changed_any = in.boolean("changed_any");
    r.score = static_cast<std::int32_t>(in.integer("score", -kMaxScore, kMaxScore));
    r.continuity = fields::choice(in, "continuity", continuity_from_name);
    r.counted = static_cast<int>(in.integer("counted", 0, 1));
    r.reasons = fields::texts(in, "reasons", kMaxReasons, kMaxReasonBytes);
    r.components = fields::list(in, "components", kMaxFindings, component_finding_from_json);
    r.used_before = fields::count(in, "used_before");
    r.used_after = fields::count(in, "used_after");
    r.limit = fields::count(in, "limit");
    constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();
    r.matcher_version = static_cast<int>(in.integer("matcher_version", 0, kMaxInt));
    r.weights_version = static_cast<int>(in.integer("weights_version", 0, kMaxInt));
    r.claimed_location = in.string("claimed_location", fields::kMaxNameBytes);
    r.claimed_country = fields::text(in, "claimed_country", 2, fields::is_country);
    r.agent_verdict = fields::optional_nested(in, "agent_verdict", agent_verdict_from_json);
    r.at = fields::time(in, "at");
    if (const auto recent = in.optional_integer("recent_reimages", 0, fields::kMaxCount))
        r.recent_reimages = static_cast<int>(*recent);
    r.returns = fields::optional_text(in, "returns", fields::kMaxIdBytes);
    if (in.ok()) check_sums(in, r);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return r;
}

}  // namespace latchkey::licensing
