// The clock jumps under the whole agent and its real store, with a license, a running grace and a
// frozen one. Nothing is gained; when the clock is right and the key server was heard again,
// nothing is lost. (Every jump in every state: tests/unit/agent_core/jump_matrix_test.cpp.)

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

constexpr Days kYear{365};
constexpr std::int64_t kTickSeconds = 3600;

struct Jump {
    const char* name;
    Duration by;
    bool over_a_reboot;

    friend void PrintTo(const Jump& jump, std::ostream* out) { *out << jump.name; }
};

class ClockJump : public testing::TestWithParam<Jump> {
protected:
    ClockJump() {
        for (const auto* product : {"suite", "tool", "frozen"}) {
            stage.vendor().add_product(product);
            stage.install(product);
        }
        const auto key = stage.vendor().sell("suite", "competency", 5);
        EXPECT_EQ(stage.activate("suite", key).status, 200);
        EXPECT_EQ(stage.post("/v1/products/frozen/rearm").status, 200);
        stage.pass(5 * day);
        began = left() + 5 * 86400;
    }

    /// Seconds of the running grace.
    std::int64_t left() {
        const auto tool = stage.product("tool");
        if (tool.at("state") == "notification") return 0;
        return tool.at("grace").at("remaining_s").as_int64();
    }
    void turn(Duration by) {
        stage.clock.turn_wall(by);
        GetParam().over_a_reboot ? stage.reboot() : stage.restart();
    }
    std::int64_t should_be_left(Duration passed) const {
        return began - std::chrono::duration_cast<seconds>(passed).count();
    }

    Stage stage;
    std::int64_t began = 0;
};

TEST_P(ClockJump, gains_nothing_and_loses_nothing_for_good) {
    turn(GetParam().by);
    for (int i = 0; i < 3; ++i) {
        EXPECT_LE(left(), should_be_left(5 * day + i * Days{1}) + kTickSeconds);
        EXPECT_EQ(stage.state("frozen"), "extended_grace");
        EXPECT_TRUE(stage.product("suite").at("next_attempt_at").is_string()) << "not starved";
        stage.pass(day);
    }
    turn(-GetParam().by);
    stage.vendor().reachable = true;
    stage.pass(8 * day);
    EXPECT_EQ(stage.get("/v1/status").at("agent").at("clock"), "ok");
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
    EXPECT_EQ(stage.state("tool"), "initial_grace");
    EXPECT_NEAR(static_cast<double>(left()), static_cast<double>(should_be_left(16 * day)),
                static_cast<double>(kTickSeconds));
    EXPECT_EQ(stage.state("frozen"), "extended_grace");
    EXPECT_EQ(stage.product("frozen").at("grace").at("rearms_left"), 2);
}

INSTANTIATE_TEST_SUITE_P(, ClockJump,
                         testing::Values(Jump{"-25 h", hours{-25}, false},
                                         Jump{"+25 h", hours{25}, false},
                                         Jump{"-46 d", Days{-46}, false},
                                         Jump{"+44 d", Days{44}, false},
                                         Jump{"+44 d over a reboot", Days{44}, true},
                                         Jump{"-46 d over a reboot", Days{-46}, true},
                                         Jump{"+46 d over a reboot", Days{46}, true},
                                         Jump{"+10 y over a reboot", 10 * kYear, true},
                                         Jump{"-50 y over a reboot", -50 * kYear, true},
                                         Jump{"to 2106 over a reboot", 80 * kYear, true}));

TEST(Clock, ahead_by_less_than_45_days_after_a_boot_is_found_out_before_a_grace_is_over) {
    Stage stage;
    stage.vendor().add_product("suite");
    stage.install("suite");
    stage.pass(day);
    EXPECT_FALSE(stage.product("suite").at("grace_ledger").at("as_of").is_null());
    stage.clock.turn_wall(40 * day);
    stage.reboot();
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "initial_grace") << "the key server was asked, and said so";
    EXPECT_EQ(days_left(stage, "suite"), 28);
    EXPECT_EQ(stage.get("/v1/status").at("agent").at("clock"), "ahead");
    stage.reimage();
    stage.pass(hour);
    EXPECT_GE(days_left(stage, "suite"), 28) << "nor does the key server remember what never ran";
}

}  // namespace
}  // namespace latchkey::scenario
