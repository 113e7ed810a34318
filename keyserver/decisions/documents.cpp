#include "keyserver/decisions/documents.h"

#include <algorithm>

namespace latchkey::keyserver {
namespace {

/// Renewals are spread over a fifth of the interval (docs/lifecycle.md, jitter).
constexpr int kWindowDivisor = 5;

/// Where the agent came to another verdict, the receipt says so.
std::optional<licensing::AgentVerdict> dissent(const CaseFile& file, const Decision& decision) {
    const auto& agent = file.request.agent_verdict;
    if (!agent) return std::nullopt;
    const bool agrees = agent->verdict == decision.verdict &&
                        agent->significant == decision.significant &&
                        agent->changed_any == decision.changed_any;
    return agrees ? std::nullopt : agent;
}

licensing::Receipt receipt_head(const Grant& grant, licensing::ReceiptKind kind, ServerTime now) {
    licensing::Receipt receipt;
    receipt.id = licensing::random_id("rcp_");
    receipt.kind = kind;
    receipt.publisher = grant.room.publisher().id;
    receipt.product = grant.product;
    receipt.license = grant.license.id;
    receipt.machine = grant.machine.id;
    receipt.device_key = grant.device;
    receipt.key_last5 = grant.key.last5;
    receipt.organization = grant.entitlement.organization;
    receipt.program = grant.program.id;
    receipt.rule = grant.program.rule;
    receipt.limit = grant.key.limit;
    receipt.matcher_version = hwid::kMatcherVersion;
    receipt.weights_version = grant.room.weights().table.version;
    receipt.claimed_location = grant.machine.claimed_location;
    receipt.claimed_country = grant.machine.claimed_country;
    receipt.at = now;
    return receipt;
}

}  // namespace

licensing::Activations activations_of(const KeyRecord& key, ServerTime now) {
    return {key.used, key.limit, now};
}

std::optional<ServerTime> lease_end(const licensing::Program& program, ServerTime now) {
    if (!program.lease) return std::nullopt;
    return now + Days{program.lease_days};
}

std::string sign_license_of(const Grant& grant, ServerTime now) {
    licensing::License license;
    license.id = grant.license.id;
    license.publisher = grant.room.publisher().id;
    license.product = grant.product;
    license.machine = grant.machine.id;
    license.device_key = grant.device;
    license.kind =
        grant.program.lease ? licensing::LicenseKind::lease : licensing::LicenseKind::perpetual;
    license.issued_at = now;
    license.expires_at = grant.license.expires_at;
    const Duration interval = Days{grant.program.renewal_days};
    license.renew_after = now + interval;
    license.renew_before = now + interval + interval / kWindowDivisor;
    license.lease_sequence = grant.license.lease_sequence;
    license.program = grant.program.id;
    license.rule = grant.program.rule;
    license.key_last5 = grant.key.last5;
    license.organization = grant.entitlement.organization;
    license.license_quantity = grant.entitlement.quantity;
    license.activate_by = grant.entitlement.activate_by;
    license.activations = activations_of(grant.key, now);
    license.salt_id = grant.room.publisher().salt_id;
    return licensing::sign_license(grant.room.signing_key(), license);
}

licensing::Receipt activation_receipt(const Grant& grant, const CaseFile& file,
                                      const Decision& decision, const Earlier& earlier) {
    licensing::Receipt receipt = receipt_head(grant, licensing::ReceiptKind::activation, file.now);
    receipt.new_machine = !decision.candidate;
    receipt.verdict = decision.verdict;
    receipt.significant = decision.significant;
    receipt.changed_any = decision.changed_any;
    receipt.score = decision.score;
    receipt.continuity = decision.continuity;
    receipt.counted = decision.counted;
    receipt.reasons = decision.reasons;
    if (const auto* match = explaining_match(file, decision))
        receipt.components = findings(*match, file.seen, false);
    receipt.used_before = earlier.used;
    receipt.used_after = grant.key.used;
    receipt.recent_reimages = static_cast<int>(std::max<std::int64_t>(earlier.reimages, 0));
    receipt.agent_verdict = dissent(file, decision);
    return receipt;
}

licensing::Receipt release_receipt(const Grant& grant, bool returned, ServerTime now) {
    licensing::Receipt receipt = receipt_head(grant, licensing::ReceiptKind::release, now);
    receipt.verdict = hwid::Verdict::same;
    receipt.continuity = licensing::Continuity::device_key;
    receipt.used_before = grant.key.used;
    receipt.used_after = grant.key.used;
    receipt.reasons.push_back(
        returned
            ? "The license ended here; its activation goes back to the key when the lease would "
              "have ended."
            : "The license ended here; activations are consumed, not lent, so none comes back.");
    return receipt;
}

/// No hardware was looked at, and no device key proved anything: verdict and continuity say so.
licensing::Receipt admin_release_receipt(const Grant& grant, const AdminRelease& how,
                                         ServerTime now) {
    licensing::Receipt receipt = receipt_head(grant, licensing::ReceiptKind::release, now);
    receipt.used_before = grant.key.used;
    receipt.used_after = grant.key.used;
    receipt.reasons.push_back("An administrator released the machine" +
                              (how.reason.empty() ? "." : ": " + how.reason));
    receipt.reasons.push_back(
        std::to_string(how.licenses_ended) + (how.licenses_ended == 1 ? " license" : " licenses") +
        " ended; no activation comes back, and the machine's next activation counts.");
    return receipt;
}

licensing::Receipt adoption_receipt(const Grant& grant, bool by_administrator, ServerTime now) {
    licensing::Receipt receipt = receipt_head(grant, licensing::ReceiptKind::adoption, now);
    receipt.verdict = hwid::Verdict::same;
    receipt.continuity = licensing::Continuity::device_key;
    receipt.used_before = grant.key.used;
    receipt.used_after = grant.key.used;
    receipt.reasons.push_back(
        by_administrator
            ? "An administrator ended the dispute over this license; the machine that renewed "
              "next goes on."
            : "The machine that shared this license fell silent; this one goes on.");
    return receipt;
}

std::string return_receipt_id(std::string_view activation_receipt) {
    const auto digest = licensing::sha256("return of " + std::string(activation_receipt));
    return "rcp_" + base64url(std::span(digest).first(16));
}

licensing::Receipt return_receipt(const Grant& grant, const ReceiptRecord& of,
                                  const std::string& reason, std::int64_t used_before,
                                  ServerTime now) {
    licensing::Receipt receipt = receipt_head(grant, licensing::ReceiptKind::returned, now);
    receipt.id = return_receipt_id(of.id);
    receipt.returns = of.id;
    receipt.verdict = hwid::verdict_from_name(of.verdict).value_or(receipt.verdict);
    receipt.continuity =
        licensing::continuity_from_name(of.continuity).value_or(receipt.continuity);
    receipt.used_before = used_before;
    receipt.used_after = grant.key.used;
    receipt.reasons.push_back("An administrator gave the activation back to the key: " + reason);
    return receipt;
}

bool looked_at_machine(const ReceiptRecord& receipt) {
    const auto kind = licensing::receipt_kind_from_name(receipt.kind);
    if (!kind) return true;
    switch (*kind) {
        case licensing::ReceiptKind::activation:
        case licensing::ReceiptKind::adoption:
            return true;
        case licensing::ReceiptKind::release:
            // Its machine's is proved by a device key, an administrator's by nothing.
            return receipt.continuity != licensing::name(licensing::Continuity::none);
        case licensing::ReceiptKind::returned:
        case licensing::ReceiptKind::redemption:
            return false;
    }
    return true;
}

ReceiptRecord signed_receipt(const Grant& grant, const licensing::Receipt& receipt, bool returned) {
    return ReceiptRecord{.id = receipt.id,
                         .kind = std::string(licensing::name(receipt.kind)),
                         .machine = receipt.machine,
                         .key = grant.key.id,
                         .license = receipt.license,
                         .device_key = licensing::to_text(receipt.device_key),
                         .counted = receipt.counted,
                         .returned = returned,
                         .continuity = std::string(licensing::name(receipt.continuity)),
                         .verdict = std::string(hwid::name(receipt.verdict)),
                         .at = receipt.at,
                         .jws = licensing::sign_receipt(grant.room.signing_key(), receipt)};
}

std::vector<licensing::ComponentFinding> findings(const hwid::MatchResult& match,
                                                  const hwid::Fingerprint& seen, bool only_sent) {
    const auto sent = [&](hwid::Kind kind) {
        return std::any_of(seen.evidence.begin(), seen.evidence.end(),
                           [&](const auto& e) { return e.kind == kind; });
    };
    std::vector<licensing::ComponentFinding> found;
    for (const auto& component : match.components) {
        if (only_sent && !sent(component.kind)) continue;
        licensing::ComponentFinding finding;
        finding.kind = component.kind;
        finding.outcome = component.outcome;
        finding.why = std::string(hwid::name(component.why));
        finding.weight = component.weight;
        if (component.after >= 0)
            finding.multiplicity =
                seen.evidence[static_cast<std::size_t>(component.after)].multiplicity;
        found.push_back(std::move(finding));
    }
    return found;
}

const hwid::MatchResult* explaining_match(const CaseFile& file, const Decision& decision) {
    if (!decision.candidate) return nullptr;
    const Candidate& candidate = file.candidates[*decision.candidate];
    return file.program.rule == licensing::CountingRule::any_change ? &candidate.counting
                                                                    : &candidate.matching;
}

}  // namespace latchkey::keyserver
