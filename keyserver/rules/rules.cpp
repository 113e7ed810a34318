#include "keyserver/rules/rules.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "hwid/explain.h"
#include "keyserver/rules/versions.h"
#include "licensing/counting.h"

namespace latchkey::keyserver {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

Problem refusal(Code code, std::string detail) { return Problem{code, std::move(detail), {}}; }

const Location* find_location(const Claim& claim) {
    for (const auto& location : claim.locations)
        if (location.id == claim.location) return &location;
    return nullptr;
}

/// Rule E3: only the organization itself and, where its locations are registered, those.
std::optional<Problem> refuse_organization(const Claim& claim) {
    const std::string what(claim.what);
    if (!claim.organization.empty() && claim.organization != claim.entitlement.organization)
        return refusal(Code::organization_mismatch,
                       "the " + what + " was issued to another organization");
    if (!claim.location.empty() && !claim.locations.empty() && !find_location(claim))
        return refusal(
            Code::organization_mismatch,
            "\"" + claim.location + "\" is not a location of the " + what + "'s organization");
    return std::nullopt;
}

/// Rule E6: what a toolkit added is the location's it was granted to.
std::optional<Problem> refuse_outside_toolkit(const Claim& claim) {
    const auto& granted_to = claim.entitlement.location;
    if (granted_to.empty() || claim.location == granted_to) return std::nullopt;
    const std::string of =
        "the " + std::string(claim.what) + " is of the toolkit of \"" + granted_to + "\"";
    if (claim.location.empty()) return refusal(Code::location_unknown, of);
    return refusal(Code::toolkit_not_eligible,
                   of + ", this machine is at \"" + claim.location + "\"");
}

/// Rule E1. What the administrator registered about a location is worth more than the claim.
std::optional<Problem> refuse_territory(const Claim& claim) {
    const auto& entitled = claim.entitlement.country;
    if (entitled.empty()) return std::nullopt;
    const Location* location = claim.location.empty() ? nullptr : find_location(claim);
    const std::string& country = location ? location->country : claim.country;
    if (country.empty()) return refusal(Code::location_unknown, "the license is for " + entitled);
    if (claim.program.sharing == licensing::Sharing::country && country != entitled)
        return refusal(Code::territory,
                       "the license is for " + entitled + ", this machine is in " + country);
    return std::nullopt;
}

/// Twelve months later, by the calendar; the last of a month where it has no such day.
ServerTime a_year_after(ServerTime at) {
    const auto day = std::chrono::floor<std::chrono::days>(at.time_since_epoch());
    const std::chrono::year_month_day date{std::chrono::sys_days{day}};
    auto later = date + std::chrono::years{1};
    if (!later.ok()) later = later.year() / later.month() / std::chrono::last;
    return at + (std::chrono::sys_days{later} - std::chrono::sys_days{date});
}

bool same_version(const std::string& a, const std::string& b) {
    return compare_versions(a, b) == std::strong_ordering::equal;
}

/// Rule E5: no downgrade rights. What an agent installed is told by its manifest, which names a
/// version of ours. One that is neither the latest nor the one before is older than both, unless it
/// is later than the latest on record: nobody downgrades with it (see newer_than_known).
std::optional<Problem> refuse_version(const Facts& facts) {
    const auto& product = facts.product;
    const auto& installed = facts.request.product_version;
    if (installed.empty() || product.version.empty() ||
        facts.entitlement.purpose == Purpose::training)
        return std::nullopt;
    if (same_version(installed, product.version) || is_earlier_version(product.version, installed))
        return std::nullopt;
    const std::string versions =
        "version " + installed + " is installed, the latest is " + product.version;
    if (product.previous_version.empty() || !same_version(installed, product.previous_version))
        return refusal(Code::version_window, versions);
    if (!product.released || facts.now < a_year_after(*product.released)) return std::nullopt;
    return refusal(Code::version_window,
                   versions + "; activating the version before it ended on " +
                       format_rfc3339(a_year_after(*product.released)).substr(0, 10));
}

/// Whoever released it has not told the key server: that is no fault of the machine's, and the
/// receipt says it to the publisher.
std::optional<std::string> newer_than_known(const Facts& facts) {
    const auto& known = facts.product.version;
    const auto& installed = facts.request.product_version;
    if (known.empty() || !is_earlier_version(known, installed)) return std::nullopt;
    return "Version " + installed + " is installed, and " + known +
           " is the latest that the key server knows of: its release is not recorded there yet.";
}

bool activate_by_passed(const Facts& facts) {
    return facts.entitlement.activate_by && facts.now >= *facts.entitlement.activate_by;
}

/// Highest score, then newest (docs/keyserver.md, Decisions).
std::optional<std::size_t> choose(const std::vector<Candidate>& candidates) {
    std::optional<std::size_t> best;
    const auto rank = [&](std::size_t i) {
        return std::tuple(candidates[i].matching.score, candidates[i].created_at);
    };
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (verdict_with_proof(candidates[i].matching, candidates[i].holder) != hwid::Verdict::same)
            continue;
        if (!best || rank(i) > rank(*best)) best = i;
    }
    return best;
}

void append_reasons(Decision& decision, const hwid::MatchResult& match) {
    for (auto& reason : hwid::reasons(match))
        if (!contains(decision.reasons, reason)) decision.reasons.push_back(std::move(reason));
}

/// No record is this machine. The closest one explains why.
Decision decide_new_machine(const Facts& facts) {
    Decision decision;
    decision.counted = 1;
    if (facts.candidates.empty()) {
        decision.verdict = hwid::strength(facts.request.fingerprint) == hwid::EvidenceStrength::weak
                               ? hwid::Verdict::insufficient
                               : hwid::Verdict::different;
        decision.reasons.push_back(licensing::decide_count_new_machine().reason);
        return decision;
    }
    const auto closest = std::max_element(facts.candidates.begin(), facts.candidates.end(),
                                          [](const auto& a, const auto& b) {
                                              return std::tie(a.matching.score, a.created_at) <
                                                     std::tie(b.matching.score, b.created_at);
                                          });
    decision.verdict = closest->matching.verdict;
    decision.score = closest->matching.score;
    decision.reasons.push_back(
        licensing::decide_count(facts.program.rule, decision.verdict, true, true).reason);
    append_reasons(decision, closest->matching);
    return decision;
}

/// The record's TPM is the one that is seen now, as far as one key belongs to one machine.
bool shows_that_tpm(const hwid::MatchResult& matching) {
    return matching.anchors[static_cast<std::size_t>(hwid::Anchor::tpm)] ==
           hwid::AnchorState::agrees;
}

/// `significant` is judged against the matching baseline, `any-change` against the counting one.
Decision decide_known_machine(const Facts& facts, std::size_t index) {
    const Candidate& candidate = facts.candidates[index];
    Decision decision;
    decision.candidate = index;
    decision.verdict = hwid::Verdict::same;
    decision.significant =
        candidate.matching.verdict == hwid::Verdict::same && candidate.matching.significant;
    decision.changed_any = candidate.counting.changed_any;
    decision.score = candidate.matching.score;
    const bool by_tpm = facts.tpm.proven && shows_that_tpm(candidate.matching);
    decision.continuity = candidate.holder ? licensing::Continuity::device_key
                          : by_tpm         ? licensing::Continuity::tpm
                                           : licensing::Continuity::digests;
    if (candidate.state == MachineState::released) {
        decision.counted = 1;
        decision.reasons.push_back(
            "The license of this machine was ended before; activating it again counts.");
    } else if (candidate.disputed) {
        decision.counted = 1;
        decision.reasons.push_back(
            "Two machines use one license in turns; a license of its own for one of them counts.");
    } else {
        auto count = licensing::decide_count(facts.program.rule, decision.verdict,
                                             decision.significant, decision.changed_any);
        decision.counted = count.counted;
        decision.reasons.push_back(std::move(count.reason));
    }
    if (candidate.matching.verdict != hwid::Verdict::same)
        decision.reasons.emplace_back(
            "The device key of the earlier activation proves the machine.");
    if (decision.continuity == licensing::Continuity::tpm)
        decision.reasons.emplace_back("The TPM of the earlier activation proves the machine.");
    append_reasons(decision, facts.program.rule == licensing::CountingRule::any_change
                                 ? candidate.counting
                                 : candidate.matching);
    return decision;
}

std::optional<Problem> refuse_count(const Facts& facts, const Decision& decision,
                                    const Policy& policy) {
    const auto& key = facts.key;
    if (decision.counted == 0) {
        const Candidate& candidate = facts.candidates[*decision.candidate];
        if (decision.continuity == licensing::Continuity::digests &&
            candidate.zero_counts >= policy.zero_count_limit)
            return refusal(Code::needs_admin,
                           "machine " + candidate.machine + " was activated without a count " +
                               std::to_string(candidate.zero_counts) + " times in " +
                               std::to_string(policy.zero_count_window.count()) + " days");
        return std::nullopt;
    }
    // Rule K5 is about using up: a machine that was activated in time and does not count again is
    // not late.
    if (activate_by_passed(facts))
        return refusal(Code::activate_by_passed,
                       "it was " + format_rfc3339(*facts.entitlement.activate_by).substr(0, 10));
    if (key.used + decision.counted > key.limit)
        return refusal(Code::activation_limit_reached, std::to_string(key.used) + " of " +
                                                           std::to_string(key.limit) +
                                                           " activations are used");
    if (decision.counted > facts.request.max_count)
        return refusal(Code::would_count, "it would use 1 activation; " +
                                              std::to_string(key.limit - key.used) + " of " +
                                              std::to_string(key.limit) + " are left");
    return std::nullopt;
}

}  // namespace

std::optional<Problem> refuse_use(const Facts& facts) {
    if (!facts.product.needs_activation)
        return refusal(Code::activation_not_required, facts.product.id);
    if (facts.key.blocked)
        return refusal(Code::key_blocked, "the key ending in " + facts.key.last5);
    if (contains(facts.product.excluded_platforms, facts.request.platform))
        return refusal(Code::platform_excluded,
                       "keys of " + facts.product.id + " do not work on " + facts.request.platform);
    if (!facts.product.qualifying_os.empty() &&
        !contains(facts.product.qualifying_os, facts.request.os_edition))
        return refusal(Code::os_not_qualified, facts.request.os_edition.empty()
                                                   ? "the agent names no edition"
                                                   : "the edition is " + facts.request.os_edition);
    if (auto refused = refuse_version(facts)) return refused;
    const auto& request = facts.request;
    return refuse_sharing({facts.program, facts.entitlement, facts.locations, request.organization,
                           request.location, request.country, "key"});
}

std::optional<Problem> refuse_sharing(const Claim& claim) {
    if (auto refused = refuse_organization(claim)) return refused;
    if (auto refused = refuse_outside_toolkit(claim)) return refused;
    return refuse_territory(claim);
}

hwid::Verdict verdict_with_proof(const hwid::MatchResult& match, bool holder) {
    if (match.verdict != hwid::Verdict::insufficient || !holder) return match.verdict;
    const bool contradicted = std::find(match.anchors.begin(), match.anchors.end(),
                                        hwid::AnchorState::contradicts) != match.anchors.end();
    return contradicted ? hwid::Verdict::insufficient : hwid::Verdict::same;
}

Decision decide(const Facts& facts, const Policy& policy) {
    const auto index = choose(facts.candidates);
    Decision decision = index ? decide_known_machine(facts, *index) : decide_new_machine(facts);
    if (auto unknown = newer_than_known(facts)) decision.reasons.push_back(std::move(*unknown));
    if (!facts.tpm.remark.empty()) decision.reasons.push_back(facts.tpm.remark);
    decision.refusal = refuse_use(facts);
    if (!decision.refusal) decision.refusal = refuse_count(facts, decision, policy);
    return decision;
}

std::optional<Problem> refuse_renewal(const RenewalFacts& facts) {
    if (!facts.product_matches)
        return refusal(Code::key_wrong_product, "the license is for another product");
    if (facts.key.blocked)
        return refusal(Code::key_blocked, "the key ending in " + facts.key.last5);
    if (facts.license.ended || facts.machine.state == MachineState::released)
        return refusal(Code::license_revoked,
                       "it was ended by deactivation or by an administrator");
    switch (verdict_with_proof(facts.match, true)) {
        case hwid::Verdict::same:
            if (facts.match.verdict == hwid::Verdict::same && facts.match.significant)
                return refusal(Code::would_count,
                               "the hardware changed significantly since the activation");
            return std::nullopt;
        case hwid::Verdict::different:
            return refusal(Code::would_count,
                           "this is another machine than the one that was activated");
        case hwid::Verdict::insufficient:
            return refusal(Code::evidence_insufficient,
                           "the machine cannot be told to be the one that was activated");
    }
    return std::nullopt;
}

bool gives_back(const licensing::Program& program, const LicenseRecord& license,
                std::int64_t returns_in_window, const Policy& policy) {
    return program.returnable && program.lease && license.expires_at && !license.ended &&
           returns_in_window < policy.returns_limit;
}

}  // namespace latchkey::keyserver
