// Any story at all: an administrator, a configuration, a network, a key server, a power switch and
// somebody at the calendar, in random order. A small model (story_model.h) says what must hold.
//
// A failure names its seed; LATCHKEY_STORY_SEED=n plays that story alone.

#include <cstdlib>
#include <random>

#include "tests/unit/agent_core/jumpy_machine.h"
#include "tests/unit/agent_core/story_model.h"

namespace latchkey::core {
namespace {

constexpr int kMoves = 200;
constexpr std::uint64_t kEverydayStories = 500;
constexpr std::uint64_t kLongStories = 5000;

class Story {
public:
    explicit Story(std::uint64_t seed) : random_(seed) {
        if (roll(8) == 0) machine_.world.policy.role = Role::lab;
        // Each story leaves out some moves, so that others have room to go far.
        for (auto& possible : possible_) possible = roll(3) != 0;
        network_ends_ = static_cast<int>(roll(2 * kMoves));
        machine_.perform = [this](const Effects& effects) { take_up(effects); };
        happen(event::ManifestSeen{});
    }

    int tell() {
        int moves = 0;
        for (; moves < kMoves && !testing::Test::HasFailure(); ++moves) {
            if (moves == network_ends_) possible_[11] = possible_[12] = false;
            move();
            check();
        }
        come_to_rest();
        return moves;
    }

private:
    std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }
    std::string fresh_id() { return "id-" + std::to_string(++ids_); }
    const ProductState& state() const { return machine_.world.state; }

    void happen(const Event& event) {
        machine_.world.moment.random = random_();
        machine_.happen(event);
    }

    void move() {
        const auto chosen = roll(16);
        if (!possible_[chosen]) return pass(Duration{hour} * static_cast<int>(roll(12)));
        switch (chosen) {
            case 0:
                return happen(event::ManifestSeen{roll(12) != 0});
            case 1:
                return happen(roll(2) == 0 ? changed_hardware() : same_hardware());
            case 2:
                return wish(roll(3) ? kKey : kOtherKey, static_cast<int>(roll(2)), roll(2) == 0);
            case 3:
                return somebody_else();
            case 4:
                return happen(event::Rearm{});
            case 5:
                return happen(event::FirstUse{});
            case 6:
                return happen(event::ReleaseDecided{"{\"id\":\"" + fresh_id() + "\"}", last_id()});
            case 7:
                return crash();
            case 8:
                return machine_.turn(Days{static_cast<std::int64_t>(roll(200)) - 100});
            case 9:
                return machine_.put_right();
            case 10:
                return cut_power();
            case 11:
            case 12:
                return answer_what_is_under_way();
            default:
                return pass(Duration{static_cast<std::int64_t>(roll(86'400'000 * 6))});
        }
    }

    void somebody_else() {
        switch (roll(6)) {
            case 0:
                return happen(event::Revoked{});
            case 1:
                happen(event::CloneTold{});
                return ledger_.clone_was_told();
            case 2:
                happen(event::Deactivated{});
                if (machine_.world.refused) return;
                ended_here_ = true;
                return unheard_.clear();
            case 3:
                return happen(event::ActivationHeld{kKey, Code::would_count});
            case 4:
                return happen(event::ManifestRemoved{});
            default:
                return happen(event::NetworkChanged{});
        }
    }

    std::string last_id() const { return "id-" + std::to_string(ids_); }

    void wish(const std::string& key, int max_count, bool by_hand) {
        const auto id = fresh_id();
        happen(activation(key, max_count, by_hand, id));
        if (max_count > 0 && !machine_.world.refused) ++may_spend_;
    }

    void pass(Duration time) {
        const auto before = state();
        const auto left = machine_.left();
        machine_.sleep(time);
        ledger_.ran(before, time, left);
    }

    /// Whatever was under way may have reached the key server; nobody hears of it.
    void lose_what_is_under_way() {
        if (!under_way_) return;
        const Intent sent = *std::exchange(under_way_, std::nullopt);
        if (roll(2) == 0) arrive_unheard(sent);
    }

    void cut_power() {
        const auto before = state();
        const auto left = machine_.left();
        lose_what_is_under_way();
        remember_unanswered(machine_.world.state);
        machine_.power_cut(hours{roll(80)}, Days{static_cast<std::int64_t>(roll(100)) - 50});
        ledger_.ran(before, kTick, left);
        ledger_.power_was_cut();
        take_up(pending_effects(state(), machine_.world.moment, machine_.world.policy));
    }

    /// The agent dies between commit and action, and starts again.
    void crash() {
        lose_what_is_under_way();
        remember_unanswered(machine_.world.state);
        take_up(pending_effects(state(), machine_.world.moment, machine_.world.policy));
    }

    /// The runner's part: an effect becomes something that is under way, or the next event.
    void take_up(const Effects& effects) {
        if (has<effect::SendIntent>(effects)) {
            lose_what_is_under_way();
            under_way_ = state().intent;
        }
        renewal_wanted_ = renewal_wanted_ || has<effect::PrepareRenewal>(effects);
        reactivation_wanted_ = reactivation_wanted_ || has<effect::PrepareReactivation>(effects);
    }

    bool is_pending(const Intent& sent) const {
        return state().intent && state().intent->idempotency_key == sent.idempotency_key;
    }

    void arrive_unheard(const Intent& sent) {
        if (!is_pending(sent)) return;
        (void)server_.decide(sent, machine_.truth(), random_());
        unheard_ = sent.idempotency_key;
    }

    void answer_what_is_under_way() {
        if (std::exchange(renewal_wanted_, false))
            happen(event::RenewalDecided{"{\"id\":\"" + fresh_id() + "\"}", last_id()});
        if (std::exchange(reactivation_wanted_, false)) wish(kKey, 0, false);
        if (!under_way_) return;
        const Intent sent = *std::exchange(under_way_, std::nullopt);
        if (roll(4) == 0) return hear(sent, never_sent());
        if (roll(3) == 0) {
            arrive_unheard(sent);
            return hear(sent, failed(Code::keyserver_unreachable));
        }
        const Event answer = server_.decide(sent, machine_.truth(), random_());
        machine_.hear();
        hear(sent, answer);
    }

    /// An answer that nobody waits for any more finds nobody.
    void hear(const Intent& sent, const Event& answer) {
        if (!is_pending(sent)) return;
        happen(answer);
        if (!is_pending(sent)) unheard_.clear();
        if (state().suspected_clone) ledger_.clone_was_told();
        if (!std::holds_alternative<event::LicenseReceived>(answer)) return;
        ledger_.license_arrived();
        ended_here_ = false;
    }

    void check() {
        if (!unheard_.empty()) {
            ASSERT_TRUE(state().intent) << "what may have been spent is asked for again";
            ASSERT_EQ(state().intent->idempotency_key, unheard_) << "and before anything else";
        }
        ledger_.check(state(), machine_.world.policy);
        ASSERT_LE(server_.counted(), may_spend_) << "nothing is spent that nobody allowed";
        ASSERT_FALSE(machine_.is_starved());
        ASSERT_LE(machine_.next_look(), longest_retry_delay(machine_.world.policy));
        if (state().status == ProductStatus::licensed) {
            ASSERT_TRUE(state().license && server_.sequence() > 0);
            ASSERT_LE(state().lease_sequence, server_.sequence());
        }
        if (machine_.world.policy.role == Role::lab) {
            ASSERT_EQ(server_.counted(), 0) << "rule C9";
        }
    }

    /// The network is good, the clock is right, nobody wants anything: machine and key server
    /// agree.
    void come_to_rest() {
        if (testing::Test::HasFailure()) return;
        machine_.put_right();
        for (int i = 0; i < 60 && state().intent; ++i) {
            under_way_ = state().intent;
            const Intent sent = *std::exchange(under_way_, std::nullopt);
            const Event answer = server_.decide(sent, machine_.truth(), random_());
            machine_.hear();
            hear(sent, answer);
            check();
        }
        ASSERT_FALSE(state().intent || state().queued) << "every wish comes to its end";
        if (state().license) {
            ASSERT_EQ(state().lease_sequence, server_.sequence());
        }
        if (server_.holds_one() && !ended_here_) {
            ASSERT_TRUE(state().license || state().deactivated)
                << "what was spent is had, or was given up by somebody";
        }
    }

    std::mt19937_64 random_;
    JumpyMachine machine_;
    ModelServer server_;
    Ledger ledger_;
    std::array<bool, 16> possible_{};
    int network_ends_ = 0;
    std::optional<Intent> under_way_;
    std::string unheard_;  ///< the request that the key server decided and whose answer was lost
    bool renewal_wanted_ = false;
    bool reactivation_wanted_ = false;
    bool ended_here_ = false;
    int ids_ = 0;
    int may_spend_ = 0;
};

void tell(std::uint64_t first, std::uint64_t last) {
    if (const char* asked = std::getenv("LATCHKEY_STORY_SEED"))
        first = last = std::strtoull(asked, nullptr, 10);
    std::int64_t moves = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        SCOPED_TRACE("LATCHKEY_STORY_SEED=" + std::to_string(seed));
        moves += Story(seed).tell();
        if (testing::Test::HasFailure()) break;
    }
    testing::Test::RecordProperty("moves", std::to_string(moves));
    std::printf("%lld moves\n", static_cast<long long>(moves));
}

TEST(RandomStory, keeps_what_the_model_says) { tell(1, kEverydayStories); }

TEST(LongStory, keeps_what_the_model_says_for_a_million_moves) {
    tell(kEverydayStories + 1, kEverydayStories + kLongStories);
}

}  // namespace
}  // namespace latchkey::core
