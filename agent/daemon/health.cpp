#include "agent/daemon/health.h"

#include <algorithm>
#include <array>

#include "agent/daemon/managed.h"
#include "hwid/explain.h"
#include "hwid/match.h"
#include "hwid/weights.h"
#include "licensing/crypto.h"
#include "licensing/tpm_messages.h"

namespace latchkey::daemon {
namespace {

using localapi::HealthItem;
using localapi::Severity;

constexpr std::size_t kCodeLength = 8;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

HealthItem item(Code code, Severity severity, std::string text) {
    return {std::string(info(code).name), severity, std::move(text),
            std::string(info(code).remedy)};
}

HealthItem item_of(const std::string& product, Code code, std::string text) {
    auto made = item(code, Severity::warning, product + ": " + std::move(text));
    made.product = product;
    return made;
}

HealthItem item(const Problem& problem) {
    auto made = item(problem.code, Severity::warning, problem.detail);
    made.remedy = problem.remedy_text();
    return made;
}

/// Network trouble that somebody has to look at; a server that is merely away is none.
bool needs_a_look(Code code) {
    constexpr std::array kCodes{
        Code::tls_untrusted,   Code::tls_intercepted, Code::captive_portal, Code::signature_invalid,
        Code::reply_not_fresh, Code::agent_too_old,   Code::config_invalid};
    return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

bool is_unlicensed(const core::ProductState& state) {
    return state.status != core::ProductStatus::licensed &&
           state.status != core::ProductStatus::not_required;
}

void product_health(const localapi::ProductView& product, ServerTime now,
                    std::vector<HealthItem>& health) {
    const auto& state = product.state;
    const auto add = [&](Code code, std::string text) {
        health.push_back(item_of(state.product, code, std::move(text)));
    };
    if (core::recommends_lab(state, now, product.policy)) {
        add(Code::lab_recommended,
            state.product + ": " + std::string(info(Code::lab_recommended).title));
        health.back().severity = Severity::info;
    }
    if (state.suspected_clone)
        add(Code::suspected_clone, std::string(info(Code::suspected_clone).title));
    if (state.held)
        add(Code::confirmation_required,
            "an activation waits for your confirmation (" + state.held_code + ").");
    if (!state.last_attempt) return;
    const auto& attempt = *state.last_attempt;
    const auto code = code_from_name(attempt.code);
    if (!code) return;
    if (attempt.outcome == "failed" && needs_a_look(*code)) add(*code, attempt.detail);
    if (attempt.outcome == "refused" && !state.held && is_unlicensed(state))
        add(*code, std::string(info(*code).title) +
                       (attempt.detail.empty() ? "" : " (" + attempt.detail + ")"));
}

void clock_health(core::ClockHealth clock, std::vector<HealthItem>& health) {
    switch (clock) {
        case core::ClockHealth::behind:
            health.push_back(item(Code::clock_behind, Severity::warning,
                                  std::string(info(Code::clock_behind).title)));
            return;
        case core::ClockHealth::ahead:
            health.push_back(item(Code::clock_ahead, Severity::warning,
                                  std::string(info(Code::clock_ahead).title)));
            return;
        case core::ClockHealth::ok:
        case core::ClockHealth::unproven:
            return;
    }
}

void unread_health(const std::vector<std::string>& unread, std::vector<HealthItem>& health) {
    if (unread.empty()) return;
    std::string text(info(Code::hardware_unreadable).title);
    for (const auto& sentence : unread)
        text += (&sentence == &unread.front() ? " " : "; ") + sentence;
    health.push_back(item(Code::hardware_unreadable, Severity::info, std::move(text)));
}

std::string unread_tpm_text(const TpmSight& tpm) {
    return std::string(info(Code::hardware_unreadable).title) +
           " The TPM's key is missing here: " + tpm.reason;
}

/// Where one is wanted and the TPM that should keep it cannot be used, nobody was asked for it.
std::optional<localapi::TpmAttempt> counter_of(const Desk& desk, const Situation& situation,
                                               ServerTime now) {
    if (!desk.config.counts_in_tpm()) return std::nullopt;
    if (situation.counter) return situation.counter;
    const auto tpm = desk.machine.tpm();
    if (!tpm || tpm->evidence == "read" || tpm->evidence == "off") return std::nullopt;
    return localapi::TpmAttempt{
        "unavailable", tpm->reason.empty() ? licensing::tpm_failure_text("absent") : tpm->reason,
        now};
}

/// Only where a proof is wanted; nothing is lost without one, so nobody is alarmed.
void tpm_health(const Desk& desk, const std::optional<localapi::TpmAttempt>& attempt,
                std::vector<HealthItem>& health) {
    if (desk.config.tpm != TpmUse::proof || !attempt || attempt->text.empty()) return;
    health.push_back(item(Code::tpm_unproven, Severity::info,
                          std::string(info(Code::tpm_unproven).title) + " " + attempt->text));
}

void machine_health(const Desk& desk, std::vector<HealthItem>& health) {
    if (!desk.machine.was_seen()) return;
    const auto facts = desk.machine.facts();
    if (facts.ephemeral && !desk.config.allow_ephemeral)
        health.push_back(item(Code::ephemeral_machine, Severity::info,
                              std::string(info(Code::ephemeral_machine).title)));
    if (facts.strength == hwid::EvidenceStrength::weak) {
        auto weak = item(Code::evidence_insufficient, Severity::info,
                         std::string(info(Code::evidence_insufficient).title));
        if (const auto hint = platform::missing_rights_hint(); !hint.empty()) weak.remedy = hint;
        health.push_back(std::move(weak));
    }
    unread_health(desk.machine.unread(), health);
    if (const auto tpm = desk.machine.tpm(); tpm && !tpm->reason.empty()) {
        auto made = item(Code::hardware_unreadable, Severity::info, unread_tpm_text(*tpm));
        if (!tpm->remedy.empty()) made.remedy = tpm->remedy;
        health.push_back(std::move(made));
    }
}

/// What keeps an [[activate]] from its end: the key file, or the key server's no to its key.
void unattended_health(const Desk& desk, const Situation& situation,
                       std::vector<HealthItem>& health) {
    for (const auto& wanted : desk.config.activations) {
        const auto add = [&](Code code, const std::string& detail, std::string_view remedy) {
            auto made =
                item(code, Severity::warning,
                     "activate " + wanted.product + ": " + std::string(info(code).title) + detail);
            made.product = wanted.product;
            made.remedy = remedy;
            health.push_back(std::move(made));
        };
        // A configuration may be for many machines, so it is no warning.
        const auto manifest = desk.manifest(wanted.product);
        if (!manifest && desk.settled) {
            auto made = item(Code::product_unknown, Severity::info,
                             "activate " + wanted.product + ": no product of that id is installed");
            made.remedy =
                "Nothing to do where the product comes later or the configuration is for other "
                "machines, too; otherwise correct the id in the configuration.";
            health.push_back(std::move(made));
        }
        if (situation.unattended_troubles) {
            const auto trouble = situation.unattended_troubles->find(wanted.product);
            if (trouble != situation.unattended_troubles->end())
                add(trouble->second.code, " (" + trouble->second.detail + ")",
                    trouble->second.remedy_text());
        }
        const auto* state = manifest ? desk.row(*manifest) : nullptr;
        // While there is no license, the product tells the refusal itself.
        if (state == nullptr || state->held || !state->last_attempt || is_unlicensed(*state))
            continue;
        const auto code = code_from_name(state->last_attempt->code);
        if (state->last_attempt->outcome == "refused" && code) add(*code, "", info(*code).remedy);
    }
}

/// What changed since the activation. Compared only while there is something to tell.
std::vector<std::string> drift_of(const Desk& desk, const licensing::Manifest& manifest) {
    const auto* state = desk.row(manifest);
    if (state == nullptr || !state->drifted || !state->matching_baseline) return {};
    return hwid::reasons(hwid::match(*state->matching_baseline, desk.machine.fingerprint(manifest),
                                     hwid::default_weights()));
}

/// A token that may have been redeemed, and nobody here knows.
void cloud_health(const std::vector<store::CloudRow>& cloud, std::vector<HealthItem>& health) {
    constexpr std::size_t kLast = 5;
    for (const auto& row : cloud) {
        if (!row.pending) continue;
        const auto& token = row.pending->token;
        auto made = item(Code::request_pending, Severity::warning,
                         "The token ending in " +
                             token.substr(token.size() - std::min(token.size(), kLast)) +
                             " may have been redeemed; the answer is not here yet.");
        made.remedy = "Run 'latchkey redeem' with the same token again; it is redeemed once.";
        health.push_back(std::move(made));
    }
}

/// No warning: a newer template is no trouble, and a mistake in it is told here and in the log.
void policy_health(const Config& config, std::vector<HealthItem>& health) {
    if (config.unknown_policy.empty()) return;
    health.push_back({"policy_unknown", Severity::info, words_of_unknown(config.unknown_policy),
                      "Nothing to do where the policy is meant for newer agents, too; otherwise "
                      "correct the name where the policy is managed."});
}

std::vector<HealthItem> health_of(const Desk& desk, const Situation& situation) {
    std::vector<HealthItem> health;
    if (situation.custody) health.push_back(*situation.custody);
    if (situation.config_trouble) health.push_back(item(*situation.config_trouble));
    policy_health(desk.config, health);
    if (situation.ca_troubles)
        for (const auto& trouble : *situation.ca_troubles) health.push_back(item(trouble));
    if (situation.manifest_troubles)
        health.insert(health.end(), situation.manifest_troubles->begin(),
                      situation.manifest_troubles->end());
    if (situation.opened)
        for (const auto& repaired : situation.opened->repaired)
            health.push_back(item(Code::state_corrupt, Severity::warning, repaired));
    if (situation.second_copy_trouble) health.push_back(item(*situation.second_copy_trouble));
    if (const auto* trouble = desk.runner.storage_trouble())
        health.push_back(item(trouble->code, Severity::critical, trouble->detail));
    clock_health(desk.runner.clock_health(), health);
    machine_health(desk, health);
    tpm_health(desk, situation.tpm, health);
    unattended_health(desk, situation, health);
    cloud_health(situation.cloud, health);
    return health;
}

}  // namespace

std::string support_code(const std::string& machine_id) {
    const auto digest = licensing::sha256(machine_id);
    std::string code;
    for (std::size_t i = 0; i < kCodeLength; ++i) code += kCrockford[digest[i] % kCrockford.size()];
    return code;
}

localapi::StatusView status_view(Desk& desk, const Situation& situation) {
    localapi::StatusView view;
    view.version = agent_version();
    view.role = desk.config.role;
    view.started_at = situation.started_at;
    view.now = desk.runner.moment().now;
    view.clock = desk.runner.clock_health();
    view.machine_id = situation.machine_id;
    if (!situation.machine_id.empty()) view.support_code = support_code(situation.machine_id);
    view.evidence = hwid::name(desk.machine.facts().strength);
    view.anchor = desk.machine.anchor();
    view.tpm_use = name(desk.config.tpm);
    view.tpm_attempt = situation.tpm;
    if (const auto tpm = desk.machine.tpm()) {
        view.tpm_evidence = tpm->evidence;
        view.tpm_reason = tpm->reason;
    }
    view.tpm_counter = counter_of(desk, situation, view.now);
    view.is_virtual = desk.machine.is_virtual();
    view.ephemeral = desk.machine.facts().ephemeral;
    view.health = health_of(desk, situation);
    for (const auto& setting : desk.config.settings)
        if (setting.by != SetBy::initial)
            view.settings.push_back(
                {setting.name, setting.value, setting.source, std::string(name(setting.by))});
    for (const auto& row : situation.cloud)
        if (row.entitlement) view.cloud.push_back(*row.entitlement);
    for (const auto& [product, manifest] : desk.manifests) {
        localapi::ProductView shown{desk.runner.shown(manifest.publisher, product),
                                    manifest.product_name, desk.policy(manifest),
                                    drift_of(desk, manifest),
                                    desk.trust.weights(manifest.publisher).version};
        product_health(shown, view.now, view.health);
        view.products.push_back(std::move(shown));
    }
    return view;
}

}  // namespace latchkey::daemon
