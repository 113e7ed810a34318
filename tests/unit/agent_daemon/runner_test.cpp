#include "agent/daemon/runner.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>

#include "agent/daemon/log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace latchkey::daemon {
namespace {

using fakes::day;
using fakes::hour;

const RowKey kSuite{"example.org", "suite"};

class RunnerTest : public testing::Test {
protected:
    RunnerTest() { make(); }
    void make() {
        runner = std::make_unique<Runner>(
            store, clock, [] { return std::uint64_t{7}; },
            [this](const RowKey&, const core::Effects& effects) {
                EXPECT_EQ(store.commits, commits_when_performed + 1) << "committed before done";
                commits_when_performed = store.commits;
                performed.insert(performed.end(), effects.begin(), effects.end());
            });
        ASSERT_TRUE(runner->load());
    }
    Result<void> apply(const core::Event& event) {
        return runner->apply("example.org", "suite", event, policy);
    }
    template <class Effect>
    bool did() const {
        return std::any_of(performed.begin(), performed.end(), [](const auto& effect) {
            return std::holds_alternative<Effect>(effect);
        });
    }
    static core::event::ActivationDecided activation() {
        return {"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "{}", "idk_1", 1, true};
    }

    fakes::FakeClock clock;
    fakes::MemoryStore store;
    core::Policy policy;
    int commits_when_performed = 0;
    core::Effects performed;
    std::unique_ptr<Runner> runner;
};

TEST_F(RunnerTest, an_event_is_durable_before_its_effects_are_done) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    ASSERT_TRUE(apply(activation()));
    EXPECT_TRUE(did<core::effect::SendIntent>());
    const auto rows = store.products();
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_TRUE(rows->front().intent.has_value());
    EXPECT_EQ(rows->front().publisher, "example.org");
}

/// The log's entries as "warning refused key_blocked": level, event and code.
class Entries final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    std::vector<std::string> seen;

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const auto level = spdlog::level::to_string_view(message.level);
        std::string entry(level.data(), level.size());
        for (const auto& field : LogFields::of_this_thread())
            if (field.name == "LATCHKEY_EVENT" || field.name == "LATCHKEY_CODE")
                entry += " " + field.value;
        seen.push_back(std::move(entry));
    }
    void flush_() override {}
};

TEST_F(RunnerTest, the_log_says_what_an_admin_looks_for_loudly_and_with_its_code) {
    const auto entries = std::make_shared<Entries>();
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", entries));
    EXPECT_TRUE(apply(core::event::ManifestSeen{true}));
    EXPECT_TRUE(apply(activation()));
    EXPECT_TRUE(
        apply(core::event::AttemptFailed{{Code::tls_intercepted, "", {}}, false, {}, true}));
    EXPECT_TRUE(apply(core::event::AttemptFailed{{Code::key_blocked, "", {}}, true, {}, true}));
    clock += policy.initial_grace + day;
    EXPECT_TRUE(runner->tick(kSuite, policy));
    spdlog::set_default_logger(before);
    EXPECT_THAT(entries->seen,
                testing::ElementsAre("info grace_started", "warning attempt_failed tls_intercepted",
                                     "warning refused key_blocked", "error grace_ended"));
}

TEST_F(RunnerTest, what_cannot_be_stored_did_not_happen) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    performed.clear();
    store.fail_commits = true;
    const auto failed = apply(activation());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::storage_failed);
    EXPECT_TRUE(performed.empty()) << "nothing was sent";
    EXPECT_FALSE(runner->find(kSuite)->intent.has_value());
    ASSERT_NE(runner->storage_trouble(), nullptr);
    store.fail_commits = false;
    ASSERT_TRUE(apply(activation()));
    EXPECT_EQ(runner->storage_trouble(), nullptr);
}

TEST_F(RunnerTest, a_request_that_was_out_when_the_agent_ended_may_have_arrived) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    ASSERT_TRUE(apply(activation()));
    commits_when_performed = store.commits;
    make();
    const core::event::AttemptFailed no_route{
        {Code::keyserver_unreachable, "", {}}, false, {}, false};
    ASSERT_TRUE(apply(no_route));
    const auto& intent = runner->find(kSuite)->intent;
    ASSERT_TRUE(intent);
    EXPECT_FALSE(intent->never_left()) << "its answer has to be heard, whatever comes after";
}

TEST_F(RunnerTest, a_refused_event_changes_nothing) {
    policy.role = core::Role::lab;
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    const int commits = store.commits;
    const auto refused = apply(activation());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::lab_mode);
    EXPECT_EQ(store.commits, commits);
}

TEST_F(RunnerTest, reports_become_journal_entries) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    const auto entries = store.journal({"suite"}, std::nullopt, 10);
    ASSERT_EQ(entries->size(), 1u);
    EXPECT_EQ(entries->front().event, "grace_started");
}

TEST_F(RunnerTest, a_refused_answer_leaves_no_receipt_in_the_journal) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    ASSERT_TRUE(apply(activation()));
    core::event::LicenseReceived foreign;
    foreign.license.publisher = "other.org";
    foreign.license.product = "suite";
    foreign.receipt_jws = "a.receipt.jws";
    ASSERT_TRUE(apply(foreign));
    const auto entries = store.journal({"suite"}, std::nullopt, 1);
    ASSERT_EQ(entries->size(), 1u);
    EXPECT_EQ(entries->front().event, "attempt_failed");
    EXPECT_EQ(entries->front().document, "");
}

TEST_F(RunnerTest, a_look_that_moves_nothing_costs_no_commit) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    const int commits = store.commits;
    ASSERT_TRUE(runner->tick(kSuite, policy));
    ASSERT_TRUE(runner->tick({"example.org", "unknown"}, policy));
    EXPECT_EQ(store.commits, commits);
    clock += 31 * day;
    commits_when_performed = store.commits;
    ASSERT_TRUE(runner->tick(kSuite, policy));
    EXPECT_EQ(store.commits, commits + 1);
    EXPECT_EQ(runner->find(kSuite)->status, core::ProductStatus::notification);
}

TEST_F(RunnerTest, a_restart_goes_on_where_it_was) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    ASSERT_TRUE(apply(activation()));
    make();
    ASSERT_NE(runner->find(kSuite), nullptr);
    EXPECT_EQ(runner->find(kSuite)->intent->idempotency_key, "idk_1");
    const auto pending = core::pending_effects(*runner->find(kSuite), runner->moment(), policy);
    EXPECT_TRUE(std::any_of(pending.begin(), pending.end(), [](const auto& effect) {
        return std::holds_alternative<core::effect::SendIntent>(effect);
    })) << "a sent request whose answer is missing is sent again";
}

TEST_F(RunnerTest, proven_time_survives_a_restart_and_a_turned_clock) {
    runner->signed_time(as_server(clock.wall()), Duration{0});
    clock += 10 * day;
    ASSERT_TRUE(runner->keep_time());
    const auto proven = runner->moment().now;
    clock.turn_wall(-9 * day);
    clock.reboot();
    make();
    EXPECT_GE(runner->moment().now, proven);
    EXPECT_EQ(runner->clock_health(), core::ClockHealth::behind);
}

TEST_F(RunnerTest, what_a_signature_proves_to_have_passed_holds_nothing_that_a_calendar_said) {
    EXPECT_FALSE(runner->signed_and_passed()) << "no key server was heard";
    const ServerTime signed_at = as_server(clock.wall());
    runner->signed_time(signed_at, Duration{0});
    EXPECT_EQ(runner->signed_and_passed(), signed_at);
    clock.turn_wall(20 * day);
    clock.reboot();
    (void)runner->moment();
    ASSERT_TRUE(runner->signed_and_passed());
    EXPECT_LT(*runner->signed_and_passed(), signed_at + day) << "the calendar claims 20 days more";
    clock.turn_wall(-300 * day);
    (void)runner->moment();
    EXPECT_GE(*runner->signed_and_passed(), signed_at);
}

TEST_F(RunnerTest, the_row_of_another_publisher_is_never_taken_for_ours) {
    ASSERT_TRUE(apply(core::event::ManifestSeen{true}));
    ASSERT_TRUE(apply(activation()));
    ASSERT_TRUE(runner->apply("other.org", "suite", core::event::ManifestSeen{true}, policy));
    EXPECT_FALSE(runner->find({"other.org", "suite"})->intent.has_value());
    EXPECT_TRUE(runner->find(kSuite)->intent.has_value()) << "and keeps what it was at";
    make();
    EXPECT_FALSE(runner->find({"other.org", "suite"})->intent.has_value());
    EXPECT_TRUE(runner->find(kSuite)->intent.has_value()) << "over a restart, too";
}

}  // namespace
}  // namespace latchkey::daemon
