#include "agent/localapi/contract.h"

#include <algorithm>

#include "agent/localapi/cloud.h"

namespace latchkey::localapi {
namespace {

namespace bj = json::bj;
using core::ProductStatus;

constexpr Duration kLabComfort = Days{7};
constexpr std::size_t kLast = 5;

bj::value text_or_null(const std::string& text) {
    return text.empty() ? bj::value(nullptr) : bj::value(text);
}

bj::value time_or_null(const std::optional<ServerTime>& time) {
    return time ? bj::value(format_rfc3339(*time)) : bj::value(nullptr);
}

std::int64_t whole_seconds(Duration duration) {
    return std::chrono::duration_cast<seconds>(duration).count();
}

Duration remaining(const core::Grace& grace, ServerTime now) {
    if (grace.frozen) return grace.length;
    return std::max(Duration{0}, grace.ends_at - now);
}

int rearms_left(const ProductView& product) {
    return core::rearms_left(product.state, product.policy);
}

/// Which grace runs, or ran out.
std::string_view grace_kind(const core::ProductState& state) {
    switch (state.status) {
        case ProductStatus::initial_grace:
            return "initial";
        case ProductStatus::extended_grace:
            return "extended";
        case ProductStatus::out_of_tolerance_grace:
            return "out_of_tolerance";
        case ProductStatus::non_genuine_grace:
            return "non_genuine";
        case ProductStatus::unlicensed:
        case ProductStatus::licensed:
        case ProductStatus::notification:
        case ProductStatus::not_required:
            break;
    }
    if (state.license) return "out_of_tolerance";
    return state.rearms_used > 0 ? "extended" : "initial";
}

bj::value grace_json(const ProductView& product, ServerTime now) {
    const auto& state = product.state;
    const bool shown = core::in_grace(state.status) || state.status == ProductStatus::notification;
    if (!shown || !state.grace) return nullptr;
    return bj::object(
        {{"kind", grace_kind(state)},
         {"ends_at", state.grace->frozen ? bj::value(nullptr)
                                         : bj::value(format_rfc3339(state.grace->ends_at))},
         {"remaining_s", state.status == ProductStatus::notification
                             ? 0
                             : whole_seconds(remaining(*state.grace, now))},
         {"rearms_left", rearms_left(product)},
         {"started_at", format_rfc3339(state.grace->started_at)},
         {"length_s", whole_seconds(state.grace->length)},
         {"waits_for_first_use", state.grace->frozen}});
}

/// While another request waits for its answer, the next attempt is that one's.
std::optional<ServerTime> renewal_of(const core::ProductState& state) {
    const bool other = state.intent && state.intent->kind != core::IntentKind::renew;
    const auto& next = other ? state.renew_at : state.next_attempt_at;
    return next ? next : state.license->renew_after;
}

bj::value pending_json(const core::ProductState& state) {
    if (!state.intent) return nullptr;
    return bj::object({{"kind", core::name(state.intent->kind)},
                       {"since", format_rfc3339(state.intent->created_at)},
                       {"may_have_left", !state.intent->never_left()},
                       {"queued", state.queued ? bj::value(core::name(state.queued->kind))
                                               : bj::value(nullptr)}});
}

bj::value license_json(const core::ProductState& state) {
    const auto& license = *state.license;
    return bj::object({{"kind", name(license.kind)},
                       {"issued_at", format_rfc3339(license.issued_at)},
                       {"expires_at", time_or_null(license.expires_at)},
                       {"renew_at", time_or_null(renewal_of(state))}});
}

bj::value condition(std::string_view code, std::string_view text, std::optional<ServerTime> since,
                    const std::vector<std::string>& details = {}) {
    bj::array list;
    for (const auto& detail : details) list.emplace_back(detail);
    return bj::object({{"code", code},
                       {"since", time_or_null(since)},
                       {"text", text},
                       {"details", std::move(list)}});
}

bj::value condition(Code code, std::optional<ServerTime> since,
                    const std::vector<std::string>& details = {}) {
    return condition(info(code).name, info(code).title, since, details);
}

bj::value decision_json(const core::Decision& decision) {
    bj::array reasons;
    for (const auto& reason : decision.reasons) reasons.emplace_back(reason);
    return bj::object({{"verdict", name(decision.verdict)},
                       {"significant", decision.significant},
                       {"counted", decision.counted},
                       {"rule", name(decision.rule)},
                       {"reasons", std::move(reasons)},
                       {"continuity", decision.continuity ? bj::value(name(*decision.continuity))
                                                          : bj::value(nullptr)},
                       {"at", format_rfc3339(decision.at)}});
}

bj::value attempt_json(const core::Attempt& attempt) {
    return bj::object({{"at", format_rfc3339(attempt.at)},
                       {"outcome", attempt.outcome},
                       {"code", text_or_null(attempt.code)},
                       {"detail", text_or_null(attempt.detail)}});
}

bj::value key_last5(const core::ProductState& state) {
    if (state.product_key.size() >= kLast)
        return bj::value(state.product_key.substr(state.product_key.size() - kLast));
    return state.license ? text_or_null(state.license->key_last5) : bj::value(nullptr);
}

std::string_view overall_name(Severity severity) {
    return severity == Severity::info ? "ok" : name(severity);
}

/// What the key server's ledger says of this hardware; null where it never was a matter.
bj::value ledger_json(const core::Ledger& ledger) {
    const auto& told = ledger.told;
    if (!told && !ledger.ask_at && ledger.refused.empty()) return nullptr;
    return bj::object(
        {{"first_grace_at", told ? bj::value(format_rfc3339(told->first_grace_at)) : nullptr},
         {"graces_this_year", told ? bj::value(told->graces_this_year) : nullptr},
         {"graces_allowed", told ? bj::value(told->graces_allowed) : nullptr},
         {"as_of", told ? bj::value(format_rfc3339(told->as_of)) : nullptr},
         {"ask_at", time_or_null(ledger.ask_at)},
         {"refused", text_or_null(ledger.refused)}});
}

bj::value product_json(const ProductView& product, ServerTime now) {
    const auto& state = product.state;
    const auto code = core::status_code(state.status);
    const auto* license = state.license ? &*state.license : nullptr;
    return bj::object(
        {{"id", state.product},
         {"name", product.name},
         {"state", core::name(state.status)},
         {"state_code", code ? bj::value(*code) : bj::value(nullptr)},
         {"key_last5", key_last5(state)},
         {"program", license ? text_or_null(license->program) : bj::value(nullptr)},
         {"counting_rule", license ? bj::value(name(license->rule)) : bj::value(nullptr)},
         {"license", license ? license_json(state) : bj::value(nullptr)},
         {"grace", grace_json(product, now)},
         {"grace_ledger", ledger_json(state.ledger)},
         {"activations", license ? activations_summary(license->activations) : bj::value(nullptr)},
         {"license_quantity", license ? bj::value(license->license_quantity) : bj::value(nullptr)},
         {"activate_by", license ? time_or_null(license->activate_by) : bj::value(nullptr)},
         {"last_decision",
          state.last_decision ? decision_json(*state.last_decision) : bj::value(nullptr)},
         {"last_attempt",
          state.last_attempt ? attempt_json(*state.last_attempt) : bj::value(nullptr)},
         {"pending_request", pending_json(state)},
         {"next_attempt_at", time_or_null(state.next_attempt_at)},
         {"reminder_due_at", time_or_null(state.reminder_due_at)},
         {"first_used_at", time_or_null(state.first_used_at)},
         {"weights_version", product.weights_version},
         {"severity", overall_name(severity_of(product, now))},
         {"conditions", conditions(product, now)}});
}

/// A lab machine lives in its grace; only its last days without a rearm are worth a warning.
Severity grace_severity(const ProductView& product, ServerTime now) {
    if (product.policy.role != core::Role::lab) return Severity::warning;
    const bool comfortable =
        product.state.grace && remaining(*product.state.grace, now) > kLabComfort;
    return comfortable || rearms_left(product) > 0 ? Severity::info : Severity::warning;
}

Severity license_severity(const ProductView& product, ServerTime now) {
    const auto& license = product.state.license;
    if (license && license->expires_at && *license->expires_at - now <= product.policy.warn_ahead)
        return Severity::warning;
    return Severity::info;
}

Severity status_severity(const ProductView& product, ServerTime now) {
    switch (product.state.status) {
        case ProductStatus::not_required:
            return Severity::info;
        case ProductStatus::licensed:
            return license_severity(product, now);
        case ProductStatus::initial_grace:
        case ProductStatus::extended_grace:
            return grace_severity(product, now);
        case ProductStatus::unlicensed:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
            return Severity::warning;
        case ProductStatus::notification:
            return Severity::critical;
    }
    return Severity::critical;
}

bj::value health_json(const std::vector<HealthItem>& health) {
    bj::array items;
    for (const auto& item : health)
        items.push_back(bj::object({{"id", item.id},
                                    {"severity", name(item.severity)},
                                    {"text", item.text},
                                    {"remedy", item.remedy},
                                    {"product", text_or_null(item.product)}}));
    return items;
}

std::string_view clock_name(core::ClockHealth clock) {
    switch (clock) {
        case core::ClockHealth::ok:
            return "ok";
        case core::ClockHealth::behind:
            return "behind";
        case core::ClockHealth::ahead:
            return "ahead";
        case core::ClockHealth::unproven:
            return "unproven";
    }
    return "unproven";
}

bj::value tpm_json(const StatusView& view) {
    return bj::object({{"use", view.tpm_use},
                       {"evidence", text_or_null(view.tpm_evidence)},
                       {"reason", text_or_null(view.tpm_reason)},
                       {"last_proof", tpm_attempt_json(view.tpm_attempt)},
                       {"counter", tpm_attempt_json(view.tpm_counter)}});
}

/// Where what is in force came from.
bj::value configuration_json(const StatusView& view) {
    bj::array settings;
    std::int64_t by_policy = 0;
    for (const auto& setting : view.settings) {
        by_policy += setting.from == "policy" ? 1 : 0;
        if (settings.size() < kMaxSettingsShown)
            settings.push_back(bj::object({{"name", setting.name},
                                           {"value", setting.value},
                                           {"source", setting.source},
                                           {"from", setting.from}}));
    }
    return bj::object({{"file", text_or_null(view.config_file)},
                       {"by_policy", by_policy},
                       {"by_file", static_cast<std::int64_t>(view.settings.size()) - by_policy},
                       {"settings", std::move(settings)}});
}

}  // namespace

bj::value tpm_attempt_json(const std::optional<TpmAttempt>& attempt) {
    if (!attempt) return nullptr;
    return bj::object({{"outcome", attempt->outcome},
                       {"text", text_or_null(attempt->text)},
                       {"at", format_rfc3339(attempt->at)}});
}

std::string_view name(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::critical:
            return "critical";
    }
    return "critical";
}

json::bj::value activations_summary(const licensing::Activations& activations) {
    return bj::object({{"used", activations.used},
                       {"limit", activations.limit},
                       {"left", activations.left()},
                       {"as_of", format_rfc3339(activations.as_of)}});
}

json::bj::value decision_summary(const core::Decision& decision) { return decision_json(decision); }

json::bj::value license_summary(const core::ProductState& state) {
    return state.license ? license_json(state) : bj::value(nullptr);
}

json::bj::value grace_summary(const ProductView& product, ServerTime now) {
    return grace_json(product, now);
}

json::bj::value conditions(const ProductView& product, ServerTime now) {
    const auto& state = product.state;
    bj::array list;
    if (state.status == ProductStatus::not_required) return list;
    const auto& license = state.license;
    // The first of them is what the running grace is for.
    const auto since = [&]() -> std::optional<ServerTime> {
        if (!list.empty() || !state.grace) return std::nullopt;
        return state.grace->started_at;
    };
    if (license && state.revoked) list.push_back(condition(Code::license_revoked, since()));
    if (license && state.drifted)
        list.push_back(condition("hardware_changed",
                                 "The hardware changed significantly since the activation.",
                                 since(), product.drift));
    if (license && state.suspected_clone) list.push_back(condition(Code::suspected_clone, since()));
    if (license && license->expires_at && now >= *license->expires_at)
        list.push_back(condition(info(Code::license_expired).name,
                                 "The lease ran out before it could be renewed.",
                                 *license->expires_at));
    if (state.deactivated && !license)
        list.push_back(condition("deactivated", "The license on this machine was ended by hand.",
                                 std::nullopt));
    if (state.held) {
        const auto why = code_from_name(state.held_code).value_or(Code::confirmation_required);
        list.push_back(
            condition(Code::confirmation_required, std::nullopt, {std::string(info(why).title)}));
    }
    return list;
}

Severity severity_of(const ProductView& product, ServerTime now) {
    Severity worst = status_severity(product, now);
    if (product.state.held || product.state.suspected_clone)
        worst = std::max(worst, Severity::warning);
    return worst;
}

Severity overall(const StatusView& view) {
    Severity worst = Severity::info;
    for (const auto& item : view.health) worst = std::max(worst, item.severity);
    for (const auto& product : view.products)
        worst = std::max(worst, severity_of(product, view.now));
    for (const auto& one : view.cloud)
        worst = std::max(worst, cloud_severity(one, view.cloud, view.now, view.cloud_policy));
    return worst;
}

json::bj::value to_json(const StatusView& view) {
    bj::array products;
    for (const auto& product : view.products) products.push_back(product_json(product, view.now));
    bj::array cloud;
    for (const auto& one : view.cloud)
        cloud.push_back(cloud_json(one, view.cloud, view.now, view.cloud_policy));
    return bj::object(
        {{"schema_version", kSchemaVersion},
         {"overall", overall_name(overall(view))},
         {"agent", bj::object({{"version", view.version},
                               {"role", view.role == core::Role::lab ? "lab" : "workstation"},
                               {"started_at", format_rfc3339(view.started_at)},
                               {"clock", clock_name(view.clock)},
                               {"now", format_rfc3339(view.now)},
                               {"health", health_json(view.health)},
                               {"configuration", configuration_json(view)}})},
         {"machine", bj::object({{"id", text_or_null(view.machine_id)},
                                 {"support_code", text_or_null(view.support_code)},
                                 {"evidence", view.evidence},
                                 {"anchor", view.anchor},
                                 {"tpm", tpm_json(view)},
                                 {"virtual", view.is_virtual},
                                 {"ephemeral", view.ephemeral}})},
         {"products", std::move(products)},
         {"cloud_entitlements", std::move(cloud)}});
}

}  // namespace latchkey::localapi
