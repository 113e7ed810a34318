#pragma once

// Random but valid receipts and messages; these need the matcher's names.

#include "tests/unit/licensing/samples.h"

namespace latchkey::licensing {

inline hwid::Verdict random_verdict(Dice& dice) {
    return dice.one_of(
        {hwid::Verdict::same, hwid::Verdict::different, hwid::Verdict::insufficient});
}

inline hwid::Kind random_kind(Dice& dice) {
    return static_cast<hwid::Kind>(dice.number(0, static_cast<std::int64_t>(hwid::kKindCount) - 1));
}

inline std::vector<ComponentFinding> random_findings(Dice& dice, std::int64_t max) {
    std::vector<ComponentFinding> findings(static_cast<std::size_t>(dice.number(0, max)));
    for (auto& f : findings) {
        f.kind = random_kind(dice);
        f.outcome = dice.one_of({hwid::Outcome::match, hwid::Outcome::changed, hwid::Outcome::added,
                                 hwid::Outcome::removed, hwid::Outcome::unreadable,
                                 hwid::Outcome::ignored});
        f.why = std::string(hwid::name(static_cast<hwid::Why>(
            dice.number(0, static_cast<std::int64_t>(hwid::Why::not_compared)))));
        f.weight = static_cast<std::int32_t>(dice.number(-1'000'000, 1'000'000));
        f.multiplicity = dice.number(0, 1'000'000'000);
    }
    return findings;
}

inline std::vector<std::string> random_reasons(Dice& dice) {
    std::vector<std::string> reasons(static_cast<std::size_t>(dice.number(0, 32)));
    for (auto& reason : reasons) reason = dice.words(100);
    return reasons;
}

inline std::optional<AgentVerdict> random_agent_verdict(Dice& dice) {
    return dice.maybe<AgentVerdict>([&] {
        return AgentVerdict{random_verdict(dice), dice.coin(), dice.coin()};
    });
}

inline Receipt random_receipt(Dice& dice) {
    Receipt r;
    r.id = dice.record("rcp_");
    r.kind = dice.one_of({ReceiptKind::activation, ReceiptKind::release, ReceiptKind::returned,
                          ReceiptKind::adoption});
    r.publisher = "contoso";
    r.product = dice.id();
    r.license = dice.record("lic_");
    r.machine = dice.record("mch_");
    r.device_key = dice.key();
    r.key_last5 = dice.coin() ? "" : dice.from("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 5, 5);
    r.organization = dice.words(128);
    r.program = dice.id();
    r.rule = random_rule(dice);
    r.new_machine = dice.coin();
    r.verdict = random_verdict(dice);
    r.significant = dice.coin();
    r.changed_any = dice.coin();
    r.score = static_cast<std::int32_t>(dice.number(-1'000'000, 1'000'000));
    r.continuity = dice.one_of(
        {Continuity::none, Continuity::digests, Continuity::device_key, Continuity::tpm});
    r.reasons = random_reasons(dice);
    r.components = random_findings(dice, 20);
    r.used_before = dice.number(1, 1000);
    if (r.kind == ReceiptKind::activation) r.counted = static_cast<int>(dice.number(0, 1));
    r.used_after = r.used_before + r.counted - (r.kind == ReceiptKind::returned ? 1 : 0);
    r.limit = dice.number(0, 1000);
    r.matcher_version = static_cast<int>(dice.number(0, 100));
    r.weights_version = static_cast<int>(dice.number(0, 100));
    r.claimed_location = dice.words(128);
    r.claimed_country = dice.one_of<std::string>({"", "DE", "US"});
    r.agent_verdict = random_agent_verdict(dice);
    r.at = dice.time();
    if (dice.coin()) r.recent_reimages = static_cast<int>(dice.number(0, 1000));
    return r;
}

inline hwid::Fingerprint random_fingerprint(Dice& dice, std::int64_t max = 40) {
    hwid::Fingerprint fingerprint{dice.token(), {}};
    fingerprint.evidence.resize(static_cast<std::size_t>(dice.number(0, max)));
    for (auto& e : fingerprint.evidence) {
        e.kind = random_kind(dice);
        e.quality =
            dice.one_of({hwid::Quality::good, hwid::Quality::placeholder, hwid::Quality::virtual_,
                         hwid::Quality::removable, hwid::Quality::local, hwid::Quality::unreadable,
                         hwid::Quality::absent});
        e.multiplicity = static_cast<std::uint32_t>(dice.number(0, 9));
        e.component = static_cast<std::int32_t>(dice.number(-1, 255));
        if (!e.has_digest()) continue;
        const auto bytes = dice.key();
        std::copy_n(bytes.begin(), dice.coin() ? 16 : 8, e.digest.begin());
    }
    return fingerprint;
}

}  // namespace latchkey::licensing
