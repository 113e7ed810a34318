// What clocks do to a product over months: sleep, batteries, people. Each told in every state.

#include <random>

#include "tests/unit/agent_core/situations.h"

namespace latchkey::core {
namespace {

JumpyMachine in(const Situation& situation) {
    JumpyMachine m;
    m.look();
    situation.reach(m);
    return m;
}

TEST(ClockStory, a_year_of_sleep_is_a_year_and_one_look_finds_all_of_it) {
    for (const auto& situation : situations()) {
        SCOPED_TRACE(situation.name);
        auto asleep = in(situation);
        auto awake = in(situation);
        asleep.sleep(Days{365});
        awake.run(Days{365});
        EXPECT_FALSE(asleep.is_starved());
        // A lease that ended meanwhile has its grace from the look that found it.
        asleep.run(Days{31});
        awake.run(Days{31});
        EXPECT_EQ(asleep.world.status(), awake.world.status());
    }
}

TEST(ClockStory, sleep_is_not_refunded_by_a_calendar_that_slept_too) {
    for (const auto& situation : situations()) {
        SCOPED_TRACE(situation.name);
        auto m = in(situation);
        const auto before = m.left();
        m.turn(-Days{20});
        m.sleep(Days{20});
        const auto left = m.left();
        const bool runs = before && !(m.world.state.grace && m.world.state.grace->frozen);
        EXPECT_TRUE(!runs || *left <= *before - Duration{Days{20}});
        EXPECT_FALSE(m.is_starved());
    }
}

/// Somebody plays with calendar and power switch for a month. Whatever is done: what is gained is
/// the time off and one tick a power cut; and once the clock is right and a server was heard, the
/// product is where its twin is.
class Player {
public:
    Player(const Situation& situation, std::uint64_t seed)
        : random_(seed), subject_(in(situation)), twin_(in(situation)) {}

    void play() {
        for (int i = 0; i < 40 && !testing::Test::HasFatalFailure(); ++i) {
            move();
            compare();
        }
        subject_.put_right();
        subject_.hear();
        twin_.hear();
        subject_.run(kTick);
        twin_.run(kTick);
        compare();
        ASSERT_EQ(subject_.world.status(), twin_.world.status());
        if (!subject_.left()) return;
        const Duration lost =
            std::max(*twin_.left(), Duration{0}) - std::max(*subject_.left(), Duration{0});
        ASSERT_LE(lost, kTick);
    }

private:
    std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }

    void move() {
        const Days by{static_cast<std::int64_t>(roll(120)) - 60};
        switch (roll(5)) {
            case 0:
                return subject_.turn(by);
            case 1:
                return subject_.put_right();
            case 2: {
                const Duration off = hours{roll(30)};
                subject_.power_cut(off, by);
                twin_.power_cut(off);
                allowed_ += kTick + off;
                return;
            }
            default: {
                const Duration passed = hours{1 + roll(20)};
                subject_.run(passed);
                twin_.run(passed);
                return;
            }
        }
    }

    void compare() {
        ASSERT_FALSE(subject_.is_starved());
        ASSERT_LE(subject_.next_look(), longest_retry_delay(subject_.world.policy));
        const auto left = subject_.left();
        const auto twins = twin_.left();
        if (!left || !twins || *left <= Duration{0}) return;
        ASSERT_LE(*left - std::max(*twins, Duration{0}), allowed_ + minutes{2});
    }

    std::mt19937_64 random_;
    JumpyMachine subject_;
    JumpyMachine twin_;
    Duration allowed_{0};
};

TEST(ClockStory, playing_with_calendar_and_power_switch_gains_only_the_time_off) {
    for (const auto& situation : situations())
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            SCOPED_TRACE(std::string(situation.name) + ", seed " + std::to_string(seed));
            Player(situation, seed).play();
            if (HasFatalFailure()) return;
        }
}

}  // namespace
}  // namespace latchkey::core
