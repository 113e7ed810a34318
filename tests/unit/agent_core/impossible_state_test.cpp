// States that no agent writes: every status with and without each part that a state can hold. What
// an older version, a repair or a mistake of ours leaves behind must neither crash the agent, nor
// give grace to anybody, nor leave a request without a next attempt.

#include <array>

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

constexpr std::array kStatuses{
    ProductStatus::unlicensed,        ProductStatus::licensed,
    ProductStatus::initial_grace,     ProductStatus::out_of_tolerance_grace,
    ProductStatus::non_genuine_grace, ProductStatus::notification,
    ProductStatus::extended_grace,    ProductStatus::not_required};
static_assert(kStatuses.size() == kStatusCount);

constexpr unsigned kParts = 10;  // bits of `parts`

Intent intent_of(IntentKind kind) {
    Intent intent;
    intent.kind = kind;
    intent.idempotency_key = "idem-0";
    return intent;
}

World with(ProductStatus status, unsigned parts) {
    World w;
    auto& s = w.state;
    s.status = status;
    const auto has = [parts](unsigned bit) { return (parts >> bit & 1U) != 0; };
    const bool frozen = has(9);
    if (has(0))
        s.grace = Grace{.started_at = kStart - day,
                        .ends_at = kStart + day,
                        .frozen = frozen,
                        .length = 30 * day,
                        .kind = in_grace(status) ? status : ProductStatus::initial_grace};
    if (has(1)) s.license = has(2) ? lease(kStart - 200 * day) : perpetual(kStart);
    if (has(3)) s.renew_at = kStart;
    if (has(4)) s.intent = intent_of(has(2) ? IntentKind::activate : IntentKind::release);
    if (has(5)) s.queued = intent_of(has(2) ? IntentKind::renew : IntentKind::activate);
    if (has(6)) s.next_attempt_at = kStart;
    if (has(7)) s.matching_baseline = fingerprint_with_board(1);
    if (has(8)) s.drifted = s.held = true;
    return w;
}

std::vector<Event> events(const World& w) {
    World with_grace = w;
    if (!w.state.grace) with_grace = installed();
    return {event::Tick{},
            event::ManifestSeen{true},
            event::ManifestSeen{false},
            event::ManifestRemoved{},
            same_hardware(),
            changed_hardware(),
            hardware(hwid::Verdict::insufficient, false),
            activation(),
            event::ActivationProven{"a1", "{}"},
            event::ActivationHeld{kKey, Code::would_count},
            event::RenewalDecided{},
            event::ReleaseDecided{},
            answer(lease(kStart)),
            renewal(lease(kStart, 2)),
            event::ReleaseReceived{},
            failed(Code::keyserver_unreachable),
            failed(Code::key_unknown, true),
            ledger_answer(with_grace, {}),
            ledger_failure(with_grace, Code::record_unknown, true),
            event::CounterRead{5},
            event::NetworkChanged{},
            event::FirstUse{},
            event::Rearm{},
            event::Revoked{},
            event::CloneTold{},
            event::Deactivated{}};
}

/// What is wrong with a state after an event; empty where nothing is.
std::string unsound(const World& w) {
    const auto& s = w.state;
    if (in_grace(s.status) && !s.grace) return "a grace without an end";
    const bool asks = s.intent || (s.license && s.status != ProductStatus::not_required);
    if (asks && !next_due(s, w.moment, w.policy)) return "nothing is scheduled";
    return {};
}

/// A frozen grace takes a grace, and a kind takes somebody of that kind.
bool tells_nothing_new(unsigned parts) {
    const auto has = [parts](unsigned bit) { return (parts >> bit & 1U) != 0; };
    return (has(9) && !has(0)) || (has(2) && !has(1) && !has(4) && !has(5));
}

TEST(ImpossibleState, is_lived_through_by_every_event) {
    for (const auto status : kStatuses)
        for (unsigned parts = 0; parts < 1U << kParts; ++parts) {
            if (tells_nothing_new(parts)) continue;
            const World before = with(status, parts);
            (void)pending_effects(before.state, before.moment, before.policy);
            for (const auto& event : events(before)) {
                World w = before;
                w << event << event::Tick{};
                ASSERT_EQ(unsound(w), "")
                    << name(status) << ", parts " << parts << ", " << name(event);
            }
        }
}

}  // namespace
}  // namespace latchkey::core
