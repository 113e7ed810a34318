// Every jump of the clock, in every state, whatever the agent knows of the time, within a boot and
// over a power cut, put right in either way; each beside a twin whose clock was always right. What
// must hold: nobody gains more than a tick and the time the machine was really off; once the clock
// is right again, product and deadlines are where the twin's are. The worst figures are printed;
// docs/lifecycle.md quotes them.

#include <cstdio>

#include "tests/unit/agent_core/situations.h"

namespace latchkey::core {
namespace {

constexpr Days kYear{365};
/// Of the answers' own travel and of reboots that take a minute.
constexpr Duration kClose = minutes{2};

struct Jump {
    const char* name;
    Duration by;

    friend void PrintTo(const Jump& jump, std::ostream* out) { *out << jump.name; }
};

/// From the world's first day, a calendar date is a jump as well.
Duration to(std::int64_t unix_seconds) { return ServerTime{seconds{unix_seconds}} - kStart; }

std::vector<Jump> jumps() {
    return {{"-1 s", seconds{-1}},
            {"+1 s (also a leap second)", seconds{1}},
            {"-1 min", minutes{-1}},
            {"+1 min", minutes{1}},
            {"-1 h (also a wrong time zone)", hours{-1}},
            {"+1 h (also a wrong time zone)", hours{1}},
            {"-24 h", hours{-24}},
            {"+24 h", hours{24}},
            {"-25 h", hours{-25}},
            {"+25 h", hours{25}},
            {"-44 d", Days{-44}},
            {"+44 d", Days{44}},
            {"-46 d", Days{-46}},
            {"+46 d", Days{46}},
            {"-1 y", -kYear},
            {"+1 y", kYear},
            {"-10 y", -10 * kYear},
            {"+10 y", 10 * kYear},
            {"-50 y", -50 * kYear},
            {"+50 y", 50 * kYear},
            {"to 1970", to(0)},
            {"to 2038", to(2'147'483'648)},
            {"to 2106", to(4'294'967'296)}};
}

enum class Knows : std::uint8_t { first_boot, nothing, since_an_earlier_boot, in_this_boot };
enum class When : std::uint8_t { from_the_start, within_a_boot, over_a_power_cut };

struct Case {
    Jump jump;
    Situation situation;
    Knows knows;
    When when;
    bool right_within_boot;
    Duration off{0};
};

struct Figures {
    Duration gained{0};        ///< beyond the time off, at any look
    Duration believed{0};      ///< of a jump that looks like time off, until a server is heard
    Duration lost_offline{0};  ///< otherwise, when the clock is right and no server was heard
    Duration lost{0};          ///< when a server was heard as well
    Duration next_look{0};
    int cases = 0;
};

class Story {
public:
    Story(const Case& what, Figures& figures) : case_(what), figures_(figures) {}

    /// What went wrong first; empty: nothing did.
    const std::string& tell() {
        begin(subject_, case_.when == When::from_the_start ? case_.jump.by : Duration{0});
        begin(twin_, Duration{0});
        if (case_.when == When::within_a_boot) subject_.turn(case_.jump.by);
        if (case_.when == When::over_a_power_cut) cut(case_.jump.by);
        pass(hours{12});
        put_right();
        pass(hours{2});
        if (looks_like_time_off())
            believe();
        else
            compare(figures_.lost_offline, "offline");
        subject_.hear();
        twin_.hear();
        pass(hours{1});
        if (!stays_time_off()) compare(figures_.lost, "with a server heard");
        ++figures_.cases;
        return wrong_;
    }

private:
    void begin(JumpyMachine& m, Duration wrong) {
        m.turn_unseen(wrong);
        m.look();
        case_.situation.reach(m);
        expect(m.world.status() == case_.situation.status, "the situation is not reached", m);
        if (case_.knows == Knows::in_this_boot || case_.knows == Knows::since_an_earlier_boot)
            m.hear();
        if (case_.knows == Knows::nothing || case_.knows == Knows::since_an_earlier_boot)
            m.reboot();
        m.run(hours{6});
    }

    /// The same power cut for both; somebody sets the subject's clock while it is off.
    void cut(Duration turned) {
        subject_.power_cut(case_.off, turned);
        twin_.power_cut(case_.off);
        off_ += case_.off;
    }

    void put_right() {
        const Duration wrong = as_server(subject_.clock.wall()) - subject_.truth();
        case_.right_within_boot ? subject_.put_right() : cut(-wrong);
    }

    void pass(Duration time) {
        for (; time > Duration{0}; time -= kTick) {
            look();
            subject_.sleep(kTick);
            twin_.sleep(kTick);
        }
        look();
    }

    void look() {
        const auto left = subject_.left();
        const auto twins = twin_.left();
        if (left && twins && *left > Duration{0}) {
            const Duration gained = *left - std::max(*twins, Duration{0}) - off_;
            figures_.gained = std::max(figures_.gained, gained);
            expect(gained <= kTick + kClose, "gained", subject_);
        }
        figures_.next_look = std::max(figures_.next_look, subject_.next_look());
        expect(subject_.next_look() <= longest_retry_delay(subject_.world.policy), "sleeps",
               subject_);
        expect(!subject_.is_starved(), "starved", subject_);
    }

    void believe() {
        const auto left = subject_.left();
        if (!left || stays_time_off()) return;
        const Duration taken = std::max(*twin_.left(), Duration{0}) - std::max(*left, Duration{0});
        figures_.believed = std::max(figures_.believed, taken);
    }

    void compare(Duration& worst, const std::string& when) {
        const auto left = subject_.left();
        const auto twins = twin_.left();
        expect(left.has_value() == twins.has_value(), "lost its deadline " + when, subject_);
        if (left && twins) {
            const Duration lost = std::max(*twins, Duration{0}) - std::max(*left, Duration{0});
            worst = std::max(worst, lost);
            expect(lost <= kTick + kClose, "lost " + when, subject_);
        }
        expect(subject_.world.status() == twin_.world.status(), "another state " + when, subject_);
        // What the boot clock counted while the clock was wrong; the next answer refills it.
        expect(subject_.world.state.tolerance_used <= twin_.world.state.tolerance_used + Days{3},
               "tolerance was used " + when, subject_);
    }

    /// A calendar that is ahead after a boot is what a machine that was off looks like: up to 45
    /// days are believed until a server is heard.
    bool looks_like_time_off() const {
        const Duration most = Policy{}.forward_firm;
        const bool ahead = case_.jump.by > Duration{0};
        const bool over_a_boot =
            case_.when == When::over_a_power_cut && case_.jump.by + case_.off <= most;
        const bool over_an_earlier_boot = case_.when == When::from_the_start &&
                                          case_.knows == Knows::since_an_earlier_boot &&
                                          case_.jump.by <= most;
        return (ahead && (over_a_boot || over_an_earlier_boot)) || stays_time_off();
    }

    /// A clock that was behind from the start, and no server heard before it is right: the machine
    /// may have been off since, and no server knows better. Only in its very first boot it cannot.
    bool stays_time_off() const {
        const bool unheard = case_.knows == Knows::first_boot || case_.knows == Knows::nothing;
        const bool first_boot = case_.knows == Knows::first_boot && case_.right_within_boot;
        return case_.when == When::from_the_start && case_.jump.by < -minutes{1} && unheard &&
               !first_boot;
    }

    void expect(bool holds, const std::string& what, const JumpyMachine& m) {
        if (holds || !wrong_.empty()) return;
        const auto in_hours = [](std::optional<Duration> d) {
            return d ? std::to_string(*d / minutes{1}) + " min" : std::string("none");
        };
        wrong_ = what + ": " + std::string(name(m.world.status())) + ", left " +
                 in_hours(subject_.left()) + ", the twin's " + in_hours(twin_.left());
    }

    Case case_;
    Figures& figures_;
    JumpyMachine subject_;
    JumpyMachine twin_;
    Duration off_{0};
    std::string wrong_;
};

std::string words(const Case& c) {
    constexpr std::array knows{"first boot", "no server heard yet", "a server heard before",
                               "a server heard in this boot"};
    constexpr std::array when{"from the start", "within a boot", "over a power cut"};
    return std::string(c.jump.name) + ", " + c.situation.name + ", " +
           knows[static_cast<std::size_t>(c.knows)] + ", " +
           when[static_cast<std::size_t>(c.when)] + ", put right " +
           (c.right_within_boot ? "within the boot" : "over a power cut") + ", off " +
           std::to_string(c.off / hour) + " h";
}

std::vector<Case> cases_of(const Jump& jump) {
    std::vector<Case> cases;
    for (const auto& situation : situations())
        for (const auto knows : {Knows::first_boot, Knows::nothing, Knows::since_an_earlier_boot,
                                 Knows::in_this_boot}) {
            const bool unheard = knows == Knows::first_boot || knows == Knows::nothing;
            if (situation.needs_server && unheard) continue;
            for (const auto when :
                 {When::from_the_start, When::within_a_boot, When::over_a_power_cut})
                for (const bool within : {true, false})
                    for (const auto off : {Days{0}, Days{3}}) {
                        const bool cuts = when == When::over_a_power_cut || !within;
                        if (off > Days{0} && !cuts) continue;
                        cases.push_back({jump, situation, knows, when, within, off});
                    }
        }
    return cases;
}

std::string in_hours(Duration d) {
    const auto text = std::to_string(static_cast<double>(d.count()) / 3'600'000.0);
    return text.substr(0, text.find('.') + 2) + " h";
}

class JumpMatrix : public testing::TestWithParam<Jump> {};

TEST_P(JumpMatrix, gains_nobody_more_than_a_tick_and_costs_nobody_anything_for_good) {
    Figures figures;
    for (const auto& one : cases_of(GetParam()))
        EXPECT_EQ(Story(one, figures).tell(), "") << words(one);
    const std::string row = "| " + std::string(GetParam().name) + " | " +
                            std::to_string(figures.cases) + " | " + in_hours(figures.gained) +
                            " | " + in_hours(figures.believed) + " | " +
                            in_hours(figures.lost_offline) + " | " + in_hours(figures.lost) +
                            " | " + in_hours(figures.next_look) + " |";
    std::printf("%s\n", row.c_str());
    RecordProperty("figures", row);
}

/// What a lease that ran out meanwhile leaves begins when the machine is awake again: nobody used
/// it asleep.
TEST(Suspend, of_a_year_is_a_year_whatever_the_state_and_starves_nobody) {
    for (const auto& situation : situations())
        for (const bool heard : {false, true}) {
            if (situation.needs_server && !heard) continue;
            JumpyMachine asleep;
            JumpyMachine awake;
            for (auto* m : {&asleep, &awake}) {
                m->look();
                situation.reach(*m);
                if (heard) m->hear();
            }
            asleep.sleep(kYear);
            awake.run(kYear);
            for (auto* m : {&asleep, &awake}) m->run(hours{2});
            const auto left = asleep.left();
            if (situation.status == ProductStatus::licensed) {
                EXPECT_EQ(asleep.world.status(), ProductStatus::out_of_tolerance_grace);
                EXPECT_LE(*left, Policy{}.out_of_tolerance_grace);
                continue;
            }
            EXPECT_EQ(asleep.world.status(), awake.world.status()) << situation.name;
            const auto twins = awake.left();
            EXPECT_EQ(left.has_value(), twins.has_value()) << situation.name;
            if (left && twins) {
                EXPECT_LE(std::max(*left, Duration{0}), std::max(*twins, Duration{0}) + kTick)
                    << situation.name;
            }
            EXPECT_LE(asleep.next_look(), longest_retry_delay(Policy{})) << situation.name;
            EXPECT_FALSE(asleep.is_starved()) << situation.name;
        }
}

INSTANTIATE_TEST_SUITE_P(, JumpMatrix, testing::ValuesIn(jumps()));

}  // namespace
}  // namespace latchkey::core
