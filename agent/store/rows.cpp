#include "agent/store/rows.h"

#include <limits>

#include "licensing/messages.h"

namespace latchkey::store {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxReasons = 64;
constexpr std::size_t kMaxDocument = 128 * 1024;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
constexpr int kMaxCount = 1'000'000;

template <class T>
T choice(ObjectReader& in, std::string_view name, std::optional<T> (*from_name)(std::string_view)) {
    const auto value = from_name(in.string(name, kMaxName));
    if (!value) in.refuse(name, "has a value this version does not know");
    return value.value_or(T{});
}

template <class T>
std::optional<T> nested(ObjectReader& in, std::string_view name,
                        Result<T> (*read)(const bj::value&)) {
    const auto* value = in.optional_object(name);
    if (!value) return std::nullopt;
    auto result = read(*value);
    if (result) return std::move(*result);
    in.refuse(name, result.error().detail);
    return std::nullopt;
}

template <class T, class ToJson>
bj::value nullable(const std::optional<T>& value, ToJson to_json) {
    return value ? to_json(*value) : bj::value(nullptr);
}

bj::value intent_json(const core::Intent& intent) {
    return bj::object{{"kind", text_json(core::name(intent.kind))},
                      {"idempotency_key", intent.idempotency_key},
                      {"body", intent.body},
                      {"license_id", intent.license_id},
                      {"max_count", intent.max_count},
                      {"created_at", instant_json(intent.created_at)},
                      {"asked_by_hand", intent.asked_by_hand},
                      {"product_key", intent.product_key},
                      {"awaiting_answer", intent.awaiting_answer},
                      {"may_have_arrived", intent.may_have_arrived}};
}

Result<core::Intent> intent_from_json(const bj::value& value) {
    ObjectReader in(value, "intent");
    core::Intent intent;
    intent.kind = choice(in, "kind", core::intent_kind_from_name);
    intent.idempotency_key = in.string("idempotency_key", kMaxName);
    intent.body = in.string("body", kMaxDocument);
    intent.license_id = in.string("license_id", kMaxName);
    intent.max_count = static_cast<int>(in.integer("max_count", 0, 1));
    intent.created_at = read_instant(in, "created_at");
    intent.asked_by_hand = in.boolean("asked_by_hand");
    intent.product_key = in.string("product_key", kMaxName);
    intent.awaiting_answer = in.boolean("awaiting_answer");
    intent.may_have_arrived = in.boolean_or("may_have_arrived", true);
    if (auto bad = finish(in)) return fail(*bad);
    return intent;
}

bj::value decision_json(const core::Decision& decision) {
    bj::array reasons;
    for (const auto& reason : decision.reasons)
        if (reasons.size() < kMaxReasons) reasons.emplace_back(printable(reason, kMaxText));
    return bj::object{
        {"verdict", text_json(hwid::name(decision.verdict))},
        {"significant", decision.significant},
        {"counted", decision.counted},
        {"rule", text_json(licensing::name(decision.rule))},
        {"reasons", std::move(reasons)},
        {"at", instant_json(decision.at)},
        {"recent_reimages",
         decision.recent_reimages ? bj::value(*decision.recent_reimages) : bj::value(nullptr)},
        {"continuity", decision.continuity ? text_json(licensing::name(*decision.continuity))
                                           : bj::value(nullptr)}};
}

Result<core::Decision> decision_from_json(const bj::value& value) {
    ObjectReader in(value, "decision");
    core::Decision decision;
    decision.verdict = choice(in, "verdict", hwid::verdict_from_name);
    decision.significant = in.boolean("significant");
    decision.counted = static_cast<int>(in.integer("counted", 0, 1));
    decision.rule = choice(in, "rule", licensing::counting_rule_from_name);
    if (const auto* reasons = in.array("reasons", kMaxReasons)) {
        for (const auto& reason : *reasons) {
            if (!reason.is_string()) in.refuse("reasons", "must be strings");
            if (reason.is_string()) decision.reasons.emplace_back(reason.get_string().c_str());
        }
    }
    decision.at = read_instant(in, "at");
    if (const auto recent = in.optional_integer("recent_reimages", 0, kMaxCount))
        decision.recent_reimages = static_cast<int>(*recent);
    if (const auto continuity = in.optional_string("continuity", kMaxName)) {
        decision.continuity = licensing::continuity_from_name(*continuity);
        if (!decision.continuity) in.refuse("continuity", "is unknown");
    }
    if (auto bad = finish(in)) return fail(*bad);
    return decision;
}

bj::value attempt_json(const core::Attempt& attempt) {
    return bj::object{{"at", instant_json(attempt.at)},
                      {"outcome", printable(attempt.outcome, kMaxName)},
                      {"code", printable(attempt.code, kMaxName)},
                      {"detail", printable(attempt.detail, kMaxText)}};
}

Result<core::Attempt> attempt_from_json(const bj::value& value) {
    ObjectReader in(value, "attempt");
    core::Attempt attempt;
    attempt.at = read_instant(in, "at");
    attempt.outcome = in.string("outcome", kMaxName);
    attempt.code = in.string("code", kMaxName);
    attempt.detail = in.string("detail", kMaxText);
    if (auto bad = finish(in)) return fail(*bad);
    return attempt;
}

bj::value fingerprint_json(const hwid::Fingerprint& fingerprint) {
    return licensing::to_json(fingerprint);
}

void put_request_fields(bj::object& out, const core::ProductState& s) {
    out["intent"] = nullable(s.intent, intent_json);
    out["queued"] = nullable(s.queued, intent_json);
    out["held"] = s.held;
    out["held_code"] = s.held_code;
    out["held_key"] = s.held_key;
    out["last_decision"] = nullable(s.last_decision, decision_json);
    out["last_attempt"] = nullable(s.last_attempt, attempt_json);
    out["next_attempt_at"] = instant_json(s.next_attempt_at);
    out["renew_at"] = instant_json(s.renew_at);
    out["retry_position"] = s.retry_position;
    out["reminder_due_at"] = instant_json(s.reminder_due_at);
    out["first_used_at"] = instant_json(s.first_used_at);
}

void read_request_fields(ObjectReader& in, core::ProductState& s) {
    s.intent = nested(in, "intent", intent_from_json);
    s.queued = nested(in, "queued", intent_from_json);
    s.held = in.boolean("held");
    s.held_code = in.string("held_code", kMaxName);
    s.held_key = in.string("held_key", kMaxName);
    s.last_decision = nested(in, "last_decision", decision_from_json);
    s.last_attempt = nested(in, "last_attempt", attempt_from_json);
    s.next_attempt_at = read_optional_instant(in, "next_attempt_at");
    s.renew_at = read_optional_instant(in, "renew_at");
    s.retry_position = static_cast<int>(in.integer("retry_position", 0, kMaxCount));
    s.reminder_due_at = read_optional_instant(in, "reminder_due_at");
    s.first_used_at = read_optional_instant(in, "first_used_at");
}

void put_license_fields(bj::object& out, const core::ProductState& s) {
    out["product_key"] = s.product_key;
    out["license"] = nullable(s.license, license_to_json);
    out["license_jws"] = s.license_jws;
    out["receipt_jws"] = s.receipt_jws;
    out["lease_sequence"] = s.lease_sequence;
    out["matching_baseline"] = nullable(s.matching_baseline, fingerprint_json);
    out["counting_baseline"] = nullable(s.counting_baseline, fingerprint_json);
    out["suspected_clone"] = s.suspected_clone;
    out["revoked"] = s.revoked;
    out["drifted"] = s.drifted;
    out["deactivated"] = s.deactivated;
    out["tolerance_used"] = s.tolerance_used.count();
}

void read_license_fields(ObjectReader& in, core::ProductState& s) {
    s.product_key = in.string("product_key", kMaxName);
    s.license = nested(in, "license", license_from_json);
    s.license_jws = in.string("license_jws", kMaxDocument);
    s.receipt_jws = in.string("receipt_jws", kMaxDocument);
    s.lease_sequence = in.integer("lease_sequence", 0, kAny);
    s.matching_baseline = nested(in, "matching_baseline", licensing::fingerprint_from_json);
    s.counting_baseline = nested(in, "counting_baseline", licensing::fingerprint_from_json);
    s.suspected_clone = in.boolean("suspected_clone");
    s.revoked = in.boolean("revoked");
    s.drifted = in.boolean("drifted");
    s.deactivated = in.boolean("deactivated");
    s.tolerance_used = read_duration(in, "tolerance_used");
}

Result<bj::value> parse_row(std::string_view text) {
    auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(Code::state_corrupt, value.error().detail);
    return value;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
    // Every byte that is no printable ASCII and not part of a well-formed sequence becomes '?'.
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80    ? 1
                                   : lead < 0xc2  ? 0
                                   : lead < 0xe0  ? 2
                                   : lead < 0xf0  ? 3
                                   : lead <= 0xf4 ? 4
                                                  : 0;
        const auto piece = text.substr(i, length);
        bool fine = length > 0 && piece.size() == length && lead >= 0x20 && lead != 0x7f;
        for (std::size_t k = 1; fine && k < length; ++k)
            fine = (static_cast<unsigned char>(piece[k]) & 0xc0) == 0x80;
        // Over-long forms, surrogates and what lies beyond Unicode.
        const auto second = length > 2 && fine ? static_cast<unsigned char>(piece[1]) : 0;
        if (fine && ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90)))
            fine = false;
        if (out.size() + (fine ? length : 1) > max_bytes) break;
        fine ? out += piece : out += '?';
        i += fine ? length : 1;
    }
    return out;
}

ServerTime read_instant(ObjectReader& in, std::string_view name) {
    return ServerTime{Duration{in.integer(name, -kAny, kAny)}};
}

std::optional<ServerTime> read_optional_instant(ObjectReader& in, std::string_view name) {
    const auto ms = in.optional_integer(name, -kAny, kAny);
    if (!ms) return std::nullopt;
    return ServerTime{Duration{*ms}};
}

Duration read_duration(ObjectReader& in, std::string_view name) {
    return Duration{in.integer(name, -kAny, kAny)};
}

bj::value instant_json(std::optional<ServerTime> at) {
    return at ? bj::value(at->time_since_epoch().count()) : bj::value(nullptr);
}

bj::string text_json(std::string_view text) { return bj::string(text.data(), text.size()); }

std::optional<Problem> finish(ObjectReader& in) {
    auto bad = in.finish(ObjectReader::Unknown::refused);
    if (bad) bad->code = Code::state_corrupt;
    return bad;
}

bj::value to_json(const core::Grace& grace) {
    return bj::object{{"kind", text_json(core::name(grace.kind))},
                      {"started_at", instant_json(grace.started_at)},
                      {"ends_at", instant_json(grace.ends_at)},
                      {"frozen", grace.frozen},
                      {"length", grace.length.count()},
                      {"off_clock", grace.off_clock.count()},
                      {"scale_set", grace.scale_set.count()}};
}

Result<core::Grace> grace_from_json(const bj::value& value) {
    ObjectReader in(value, "grace");
    core::Grace grace;
    grace.kind = choice(in, "kind", core::status_from_name);
    grace.started_at = read_instant(in, "started_at");
    grace.ends_at = read_instant(in, "ends_at");
    grace.frozen = in.boolean("frozen");
    grace.length = read_duration(in, "length");
    grace.off_clock = read_duration(in, "off_clock");
    grace.scale_set = read_duration(in, "scale_set");
    if (auto bad = finish(in)) return fail(*bad);
    return grace;
}

bj::value to_json(const core::TimeLedger& ledger) {
    return bj::object{{"proven", instant_json(ledger.proven)},
                      {"boot_id", printable(ledger.boot_id, kMaxName)},
                      {"at", ledger.at.time_since_epoch().count()},
                      {"server_proved", ledger.server_proved},
                      {"from_wall", ledger.from_wall.count()},
                      {"charged", ledger.charged.count()},
                      {"scale_set", ledger.scale_set.count()},
                      {"plausible", ledger.plausible},
                      {"proved_boot", printable(ledger.proved_boot, kMaxName)}};
}

Result<core::TimeLedger> time_from_json(const bj::value& value) {
    ObjectReader in(value, "time");
    core::TimeLedger ledger;
    ledger.proven = read_instant(in, "proven");
    ledger.boot_id = in.string("boot_id", kMaxName);
    ledger.at = SinceBoot{read_duration(in, "at")};
    ledger.server_proved = in.boolean("server_proved");
    ledger.from_wall = read_duration(in, "from_wall");
    ledger.charged = read_duration(in, "charged");
    ledger.scale_set = read_duration(in, "scale_set");
    ledger.plausible = in.boolean("plausible");
    ledger.proved_boot = in.string("proved_boot", kMaxName);
    if (auto bad = finish(in)) return fail(*bad);
    return ledger;
}

std::string to_row(const core::TimeLedger& ledger) { return json::to_text(to_json(ledger)); }

Result<core::TimeLedger> time_from_row(std::string_view text) {
    return parse_row(text).and_then(time_from_json);
}

std::string to_row(const core::ProductState& s) {
    bj::object out{{"publisher", s.publisher},
                   {"product", s.product},
                   {"status", text_json(core::name(s.status))},
                   {"grace", s.grace ? to_json(*s.grace) : bj::value(nullptr)},
                   {"rearms_used", s.rearms_used},
                   {"grace_granted", s.grace_granted}};
    put_license_fields(out, s);
    put_request_fields(out, s);
    out["ledger"] = ledger_to_json(s.ledger);
    // Left out where there is none, as in rows that older agents wrote and can read.
    if (s.tpm) out["tpm"] = tpm_ledger_to_json(*s.tpm);
    return json::to_text(out);
}

Result<core::ProductState> product_from_row(std::string_view text) {
    const auto value = parse_row(text);
    if (!value) return fail(value.error());
    ObjectReader in(*value, "product");
    core::ProductState s;
    s.publisher = in.string("publisher", kMaxName);
    s.product = in.string("product", kMaxName);
    s.status = choice(in, "status", core::status_from_name);
    s.grace = nested(in, "grace", grace_from_json);
    s.rearms_used = static_cast<int>(in.integer("rearms_used", 0, kMaxCount));
    s.grace_granted = in.boolean("grace_granted");
    read_license_fields(in, s);
    read_request_fields(in, s);
    s.ledger = nested(in, "ledger", ledger_from_json).value_or(core::Ledger{});
    s.tpm = nested(in, "tpm", tpm_ledger_from_json);
    if (auto bad = finish(in)) return fail(*bad);
    return s;
}

std::string to_row(const PublisherState& state) {
    bj::object out{{"publisher", state.root.publisher},
                   {"root_version", state.root.version},
                   {"root", licensing::to_text(state.root.root)},
                   {"key_set_jws", state.key_set_jws},
                   {"key_set_version", state.key_set_version},
                   {"device_seed", base64url(state.device_seed)}};
    bj::array chain;
    for (const auto& link : state.root_chain) chain.emplace_back(link);
    // Left out where there is none, as in rows that older agents wrote and can read.
    if (!chain.empty()) out["root_chain"] = std::move(chain);
    if (!state.weights.empty()) out["weights"] = state.weights;
    return json::to_text(out);
}

Result<PublisherState> publisher_from_row(std::string_view text) {
    const auto value = parse_row(text);
    if (!value) return fail(value.error());
    ObjectReader in(*value, "publisher");
    PublisherState state;
    state.root.publisher = in.string("publisher", kMaxName);
    state.root.version = in.integer("root_version", 0, kAny);
    const auto root = licensing::public_key_from_text(in.string("root", kMaxName));
    if (!root) in.refuse("root", "is not a key");
    state.root.root = root.value_or(licensing::PublicKey{});
    state.key_set_jws = in.string("key_set_jws", kMaxDocument);
    state.key_set_version = in.integer("key_set_version", 0, kAny);
    const auto seed = from_base64url(in.string("device_seed", kMaxName));
    if (!seed) in.refuse("device_seed", "is not base64url");
    state.device_seed = seed.value_or(Bytes{});
    if (const auto* chain = in.optional_array("root_chain", kMaxName)) {
        for (const auto& link : *chain) {
            if (!link.is_string()) in.refuse("root_chain", "must be strings");
            if (link.is_string()) state.root_chain.emplace_back(link.get_string());
        }
    }
    state.weights = in.optional_string("weights", kMaxDocument).value_or("");
    if (auto bad = finish(in)) return fail(*bad);
    return state;
}

}  // namespace latchkey::store
