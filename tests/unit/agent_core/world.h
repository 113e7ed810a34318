#pragma once

// One product in the core's hands: a state, a moment and a policy, moved by events.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/core/step.h"
#include "tests/fakes/fake_clock.h"

namespace latchkey::core {

using fakes::day;
using fakes::hour;
using fakes::minute;

inline constexpr ServerTime kStart{seconds{1'780'272'000}};  // 2026-06-01
inline const std::string kKey = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE";
inline const std::string kOtherKey = "ZZZZZ-BBBBB-CCCCC-DDDDD-EEEEE";

template <class T>
bool has(const Effects& effects) {
    for (const auto& effect : effects)
        if (std::holds_alternative<T>(effect)) return true;
    return false;
}

inline std::vector<std::string> reports(const Effects& effects) {
    std::vector<std::string> names;
    for (const auto& e : effects)
        if (const auto* report = std::get_if<effect::Report>(&e)) names.push_back(report->event);
    return names;
}

inline hwid::Fingerprint fingerprint_with_board(std::uint8_t board) {
    hwid::Fingerprint out{"salt-1", {}};
    hwid::Evidence evidence{hwid::Kind::system_uuid};
    evidence.digest.fill(board);
    out.evidence.push_back(evidence);
    return out;
}

inline event::ActivationDecided activation(const std::string& key = kKey, int max_count = 1,
                                           bool by_hand = true, const std::string& id = "idem-1") {
    return {key, "{\"product\":\"" + id + "\"}", id, max_count, by_hand};
}

inline licensing::License lease(ServerTime now, std::int64_t sequence = 1) {
    licensing::License license;
    license.id = "lic_1";
    license.publisher = "acme";
    license.product = "paint";
    license.issued_at = now;
    license.expires_at = now + Days{180};
    license.lease_sequence = sequence;
    return license;
}

inline licensing::License perpetual(ServerTime now) {
    auto license = lease(now);
    license.kind = licensing::LicenseKind::perpetual;
    license.expires_at.reset();
    return license;
}

inline licensing::Receipt receipt(int counted, ServerTime at) {
    licensing::Receipt out;
    out.counted = counted;
    out.verdict = hwid::Verdict::same;
    out.reasons = {"Same machine."};
    out.at = at;
    return out;
}

inline event::LicenseReceived answer(const licensing::License& license, int counted = 1) {
    return {license, "license-jws", "receipt-jws", receipt(counted, license.issued_at),
            fingerprint_with_board(1)};
}

inline event::LicenseReceived renewal(const licensing::License& license) {
    return {license, "license-jws-2", "", std::nullopt, fingerprint_with_board(1)};
}

inline event::HardwareSeen hardware(hwid::Verdict verdict, bool significant) {
    event::HardwareSeen seen;
    seen.result.verdict = verdict;
    seen.result.significant = significant;
    return seen;
}
inline event::HardwareSeen same_hardware() { return hardware(hwid::Verdict::same, false); }
inline event::HardwareSeen changed_hardware() { return hardware(hwid::Verdict::same, true); }

inline event::AttemptFailed failed(Code code, bool final = false) {
    return {Problem{code, "detail", {}}, final, std::nullopt};
}

/// The key server was away before the request itself was sent.
inline event::AttemptFailed never_sent() {
    return {Problem{Code::keyserver_unreachable, "refused", {}}, false, std::nullopt, false};
}

struct World;
inline LedgerReport report_of(const World& world);

/// What the key server's ledger says of this hardware; `asked` is what the row tells now.
inline event::LedgerReceived ledger_answer(const World& world, licensing::GraceUse grace,
                                           bool fresh = false, int rearms_used = 0);
inline event::LedgerFailed ledger_failure(const World& world, Code code, bool final = false);

struct World {
    ProductState state;
    Moment moment{kStart};
    Policy policy;
    Effects effects;                 ///< of the last step
    std::optional<Problem> refused;  ///< of the last step

    World() {
        state.publisher = "acme";
        state.product = "paint";
    }

    World& operator<<(const Event& event) {
        ++moment.random;
        auto stepped = step(state, event, moment, policy);
        state = std::move(stepped.state);
        effects = std::move(stepped.effects);
        refused = std::move(stepped.refused);
        return *this;
    }
    /// Time passes by the boot clock, then the tick that follows.
    World& after(Duration passed) {
        moment.now += passed;
        moment.charged += passed;
        return *this << event::Tick{};
    }
    World& activate(const licensing::License& license) {
        return *this << activation() << answer(license);
    }
    ServerTime now() const { return moment.now; }
    ProductStatus status() const { return state.status; }
};

inline LedgerReport report_of(const World& world) {
    if (!world.state.grace) return {world.state.rearms_used, {}};
    return ledger_report(world.state, world.now());
}

inline event::LedgerReceived ledger_answer(const World& world, licensing::GraceUse grace,
                                           bool fresh, int rearms_used) {
    licensing::LedgerReply reply;
    reply.first_grace_at = kStart;
    reply.rearms_used = rearms_used;
    reply.grace = grace;
    reply.fresh = fresh;
    return {reply, report_of(world)};
}

inline event::LedgerFailed ledger_failure(const World& world, Code code, bool final) {
    return {Problem{code, "detail", {}}, final, std::nullopt, report_of(world)};
}

inline World installed() {
    World world;
    world << event::ManifestSeen{};
    return world;
}

inline World licensed() {
    World world = installed();
    world.activate(lease(world.now()));
    return world;
}

}  // namespace latchkey::core
