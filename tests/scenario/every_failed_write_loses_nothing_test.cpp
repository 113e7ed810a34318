// The store fails once, at the first, second, third ... call of a whole life of the product. The
// agent stays up, says why, keeps what was there, and the story ends as it does on a good disk.

#include <functional>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

/// Far more than a life has; the loop ends where none was left to fail.
constexpr int kMostCalls = 400;

struct Life {
    Stage stage;
    std::string key;

    Life() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "competency", 10);
        stage.vendor().add_product("tool");
    }

    using Act = std::function<Said()>;
    std::vector<Act> acts() {
        const auto done = [this] { return stage.get("/v1/status"); };
        return {
            [this, done] { return stage.install("suite"), stage.install("tool"), done(); },
            [this] { return stage.post("/v1/products/tool/rearm"); },
            [this] { return stage.post("/v1/products/tool/used"); },
            [this] { return stage.activate("suite", key); },
            [this, done] { return stage.pass(8 * day), done(); },
            [this] { return stage.history("suite"); },
            [this, done] { return stage.become("desktop-nic-swapped"), stage.reboot(), done(); },
        };
    }
    bool failed_meanwhile() const { return stage.calls_until_failure == 0; }

    void expect_the_usual_end() {
        stage.pass(2 * day);
        EXPECT_EQ(stage.state("suite"), "licensed");
        EXPECT_EQ(stage.used("suite"), 1);
        EXPECT_NE(stage.state("tool"), "initial_grace");
        EXPECT_EQ(stage.product("tool").at("grace").at("rearms_left"), 2);
        const auto gone = stage.post("/v1/products/suite/deactivate");
        ASSERT_EQ(gone.status, 200) << gone.code();
        EXPECT_EQ(stage.state("suite"), "unlicensed");
    }
};

TEST(EveryFailedWrite, once_is_told_to_whoever_asked_and_heals) {
    int calls = 0;
    for (int n = 1; n <= kMostCalls; ++n) {
        SCOPED_TRACE("store call " + std::to_string(n));
        Life life;
        life.stage.calls_until_failure = n;
        for (const auto& act : life.acts()) {
            const bool failed_before = life.failed_meanwhile();
            auto said = act();
            if (said.status == 200) continue;
            ASSERT_EQ(said.code(), "storage_failed") << "nothing else went wrong";
            ASSERT_TRUE(!failed_before && life.failed_meanwhile());
            said = act();
            ASSERT_EQ(said.status, 200) << said.code() << ": asked again, it is done";
        }
        if (!life.failed_meanwhile()) break;
        calls = n;
        life.expect_the_usual_end();
        if (HasFailure()) return;
    }
    RecordProperty("calls", calls);
    EXPECT_GT(calls, 20);
    EXPECT_LT(calls, kMostCalls) << "every call had its turn";
}

/// What an admin and a product see of the products.
std::string picture(Stage& stage) {
    std::string out;
    for (const auto* name : {"suite", "tool"}) {
        const auto product = stage.product(name);
        if (!product.is_object()) continue;
        out += std::string(product.at("state").as_string()) + " ";
        if (const auto* license = product.as_object().if_contains("license");
            license && license->is_object())
            out += std::string(license->at("expires_at").as_string()) + " ";
    }
    return out;
}

TEST(EveryFailedWrite, for_good_leaves_the_old_state_and_an_agent_that_starts_and_says_why) {
    for (int n = 1; n <= kMostCalls; ++n) {
        SCOPED_TRACE("store call " + std::to_string(n));
        Life life;
        auto& stage = life.stage;
        stage.calls_until_failure = n;
        for (const auto& act : life.acts()) {
            const bool failed_before = life.failed_meanwhile();
            act();
            if (failed_before || !life.failed_meanwhile()) continue;
            stage.disk_full = true;
            act();
            const auto before = picture(stage);
            stage.restart();
            EXPECT_EQ(picture(stage), before) << "what is not stored did not happen";
            act();
            EXPECT_NE(stage.get("/v1/health").code().find("storage_failed"), std::string::npos);
            EXPECT_EQ(stage.get("/v1/health").at("overall"), "critical");
            stage.disk_full = false;
            act();
        }
        if (!life.failed_meanwhile()) break;
        life.expect_the_usual_end();
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace latchkey::scenario
