// Any story at all, told in random order with fixed seeds: what must hold after every event.

#include <algorithm>
#include <random>

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

constexpr int kWalks = 400;
constexpr int kEvents = 150;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed) {
        if (roll(8) == 0) world_.policy.role = Role::lab;
    }

    void run() {
        for (int i = 0; i < kEvents && !testing::Test::HasFatalFailure(); ++i) {
            const auto before = world_.state;
            const auto was = world_.now();
            const Event event = pass_time_and_pick();
            world_ << event;
            SCOPED_TRACE("event " + std::to_string(i) + " " + std::string(name(event)));
            check_always(before);
            check_intents(before, event);
            check_wakes(event);
            check_ledger(before, event);
            count_grace(before, was);
        }
    }

private:
    std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }
    std::string fresh_id() { return "id-" + std::to_string(++ids_); }

    Event pass_time_and_pick() {
        world_.moment.random = random_();
        const Duration passed = Duration{static_cast<std::int64_t>(roll(4) * roll(86'400'000 * 6))};
        world_.moment.now += passed;
        world_.moment.charged += passed;
        return pick();
    }

    Event pick() {
        auto& w = world_;
        switch (roll(24)) {
            case 0:
                return event::ManifestSeen{roll(10) != 0};
            case 1:
                return event::ManifestRemoved{};
            case 2:
                return same_hardware();
            case 3:
                return changed_hardware();
            case 4:
                return hardware(hwid::Verdict::insufficient, true);
            case 5:
            case 6:
                return activation(roll(2) ? kKey : kOtherKey, static_cast<int>(roll(2)),
                                  roll(2) == 0, fresh_id());
            case 7:
                return event::ActivationHeld{kKey, Code::would_count};
            case 8:
                return event::RenewalDecided{"{}", fresh_id()};
            case 9:
                return event::ReleaseDecided{"{}", fresh_id()};
            case 10:
                return event::NetworkChanged{};
            case 11:
                return event::FirstUse{};
            case 12:
                return event::Rearm{};
            case 13:
                return event::Revoked{};
            case 14:
                return event::CloneTold{};
            case 15:
                return event::Deactivated{};
            case 16:
            case 17:
                return answer_to_pending();
            case 18:
                return answer_of_ledger();
            case 19:
                return ledger_failure(w, Code::keyserver_unreachable, roll(3) == 0);
            case 20:
                return event::CounterRead{static_cast<int>(roll(8)), roll(2) == 0};
            default:
                return event::Tick{};
        }
        return w.state.intent ? answer_to_pending() : Event{event::Tick{}};
    }

    Event answer_to_pending() {
        auto& w = world_;
        if (!w.state.intent) return event::Tick{};
        if (roll(3) == 0) return roll(2) == 0 ? never_sent() : failed(Code::keyserver_unreachable);
        if (roll(3) == 0) return failed(refusal(), true);
        if (w.state.intent->kind == IntentKind::release) return event::ReleaseReceived{"r"};
        if (w.state.intent->kind == IntentKind::renew)
            return renewal(lease(w.now(), w.state.lease_sequence + 1));
        return answer(roll(4) ? lease(w.now()) : perpetual(w.now()), static_cast<int>(roll(2)));
    }

    /// Any answer of a key server that never refills: stricter, laxer, late, about a frozen grace.
    Event answer_of_ledger() {
        auto& w = world_;
        const bool frozen = roll(4) == 0;
        licensing::GraceUse grace{roll(2) == 0, frozen, {}};
        if (!frozen) grace.used = seconds{roll(40 * 86'400)};
        const auto most = static_cast<std::uint64_t>(w.policy.rearms - w.state.rearms_used) + 1;
        auto told = ledger_answer(w, grace, roll(2) == 0,
                                  w.state.rearms_used + static_cast<int>(roll(most)));
        if (w.state.grace && roll(4) == 0) told.asked.grace.frozen = !told.asked.grace.frozen;
        return told;
    }

    Code refusal() {
        constexpr std::array codes{Code::activation_limit_reached, Code::would_count,
                                   Code::license_revoked,          Code::suspected_clone,
                                   Code::record_unknown,           Code::key_blocked};
        return codes[roll(codes.size())];
    }

    void check_always(const ProductState& before) {
        const auto& s = world_.state;
        if (world_.refused) {
            ASSERT_TRUE(world_.effects.empty());
            return;
        }
        if (in_grace(s.status)) {
            ASSERT_TRUE(s.grace);
            ASSERT_EQ(s.grace->kind, s.status);
            ASSERT_TRUE(s.grace->frozen || world_.now() < s.grace->ends_at);
        }
        if (s.status == ProductStatus::licensed) {
            ASSERT_TRUE(license_in_force(s, world_.now())) << "never licensed without a license";
        }
        ASSERT_LE(s.rearms_used, world_.policy.rearms);
        ASSERT_GE(s.rearms_used, before.rearms_used);
        ASSERT_TRUE(s.grace_granted || !before.grace_granted);
        if (world_.policy.role == Role::lab) {
            ASSERT_FALSE(s.intent && s.intent->kind == IntentKind::activate);
        }
        for (const auto& effect : world_.effects)
            if (const auto* said = std::get_if<effect::Report>(&effect)) {
                ASSERT_EQ(said->detail.find(kKey), std::string::npos);
                ASSERT_EQ(said->detail.find(kOtherKey), std::string::npos);
            }
    }

    /// An activation that may have spent something leaves the row only with its answer, or by an
    /// administrator's word that the key server is not asked any more.
    void check_intents(const ProductState& before, const Event& event) {
        const auto& s = world_.state;
        if (s.intent) {
            ASSERT_TRUE(s.next_attempt_at) << "a pending request is tried again some time";
        }
        const bool answered = std::holds_alternative<event::LicenseReceived>(event) ||
                              (std::holds_alternative<event::AttemptFailed>(event) &&
                               std::get<event::AttemptFailed>(event).final);
        const bool dropped = std::holds_alternative<event::Deactivated>(event) ||
                             (before.intent && before.intent->never_left());
        if (before.intent && before.intent->kind == IntentKind::activate && !answered && !dropped) {
            ASSERT_TRUE(s.intent);
            ASSERT_EQ(s.intent->idempotency_key, before.intent->idempotency_key);
            ASSERT_EQ(s.intent->body, before.intent->body);
            ASSERT_EQ(s.intent->max_count, before.intent->max_count);
        }
        if (has<effect::SendIntent>(world_.effects)) {
            ASSERT_TRUE(has<effect::SendIntent>(pending_effects(s, world_.moment, world_.policy)))
                << "a crash after the commit forgets nothing";
        }
    }

    /// The ledger shortens graces and takes rearms; nothing of a license is its business.
    void check_ledger(const ProductState& before, const Event& event) {
        const auto& s = world_.state;
        if (has_grace_to_report(s, world_.policy)) {
            ASSERT_TRUE(s.ledger.ask_at || s.ledger.told || !s.ledger.refused.empty())
                << "told, refused, or asked some time";
        } else {
            ASSERT_FALSE(s.ledger.ask_at);
        }
        if (!std::holds_alternative<event::LedgerReceived>(event)) return;
        ASSERT_EQ(s.license.has_value(), before.license.has_value());
        ASSERT_EQ(s.tolerance_used, before.tolerance_used);
        if (!before.grace || !s.grace || before.grace->frozen) return;
        ASSERT_LE(s.grace->ends_at, before.grace->ends_at) << "never more than what was there";
    }

    /// After a tick nothing is due any more: the runner's timer cannot spin.
    void check_wakes(const Event& event) {
        if (!std::holds_alternative<event::Tick>(event)) return;
        const auto due = next_due(world_.state, world_.moment, world_.policy);
        if (due && world_.state.status != ProductStatus::notification) {
            ASSERT_GT(*due, world_.now());
        }
    }

    /// Time in initial and extended grace, which nothing but the policy and rearms may grant.
    void count_grace(const ProductState& before, ServerTime was) {
        const bool granted = before.status == ProductStatus::initial_grace ||
                             before.status == ProductStatus::extended_grace;
        if (granted && !before.grace->frozen)
            granted_ += std::min(Duration{world_.now() - was},
                                 std::max(Duration{before.grace->ends_at - was}, Duration{0}));
        const auto& policy = world_.policy;
        ASSERT_LE(granted_, policy.initial_grace * (1 + policy.rearms))
            << "never more grace than was granted";
    }

    World world_;
    std::mt19937_64 random_;
    int ids_ = 0;
    Duration granted_{0};
};

TEST(RandomWalk, keeps_every_promise_in_any_order) {
    for (std::uint64_t seed = 1; seed <= kWalks; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Walk(seed).run();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace latchkey::core
