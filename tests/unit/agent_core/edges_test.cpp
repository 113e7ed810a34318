// What seldom happens: windows that are none, words that are missing, answers to questions nobody
// remembers.

#include "agent/core/backoff.h"
#include "agent/core/decide.h"
#include "agent/core/trusted_time.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(RenewalWindow, that_is_over_empty_turned_round_or_half_is_no_window) {
    const Policy policy;
    const auto plain = next_renewal(kStart, {}, {}, Days{7}, 3, policy);
    const auto drawn = [&](std::optional<ServerTime> from, std::optional<ServerTime> to) {
        return next_renewal(kStart, from, to, Days{7}, 3, policy);
    };
    EXPECT_EQ(drawn(kStart - 2 * day, kStart - day), plain) << "over";
    EXPECT_EQ(drawn(kStart + day, kStart + day), plain) << "empty";
    EXPECT_EQ(drawn(kStart + 2 * day, kStart + day), plain) << "turned round";
    EXPECT_EQ(drawn(kStart + day, {}), plain);
    EXPECT_EQ(drawn({}, kStart + day), plain);
    EXPECT_EQ(drawn(kStart - day, kStart + Duration{1}), kStart + Duration{1}) << "still open";
}

TEST(Jitter, of_nothing_is_nothing) {
    Policy policy;
    policy.jitter_percent = 0;
    EXPECT_EQ(retry_delay(0, {}, 12345, policy), kRetryLadder[0]);
}

TEST(PlanActivation, E4_says_which_operating_system_was_found_or_that_none_could_be_read) {
    licensing::Manifest manifest;
    manifest.qualifying_os = {"pro"};
    MachineFacts facts;
    const auto refused = [&] {
        return plan_activation({}, manifest, facts, {}, std::nullopt, {}).refusal;
    };
    ASSERT_TRUE(refused());
    EXPECT_NE(refused()->detail.find("could not be read"), std::string::npos);
    facts.os_edition = "home";
    EXPECT_NE(refused()->detail.find("This operating system is home"), std::string::npos);
}

TEST(PlanActivation, unattended_a_machine_that_held_a_license_once_spends_nothing) {
    licensing::Manifest manifest;
    MachineFacts facts;
    facts.strength = hwid::EvidenceStrength::strong;
    ActivationWish wish;
    wish.preview_new_machine = true;
    ProductState once;
    EXPECT_EQ(plan_activation(once, manifest, facts, wish, std::nullopt, {}).max_count, 1);
    once.counting_baseline = fingerprint_with_board(1);
    EXPECT_EQ(plan_activation(once, manifest, facts, wish, std::nullopt, {}).max_count, 0);
}

TEST(Release, is_over_whatever_the_key_servers_word_for_nothing_left_is) {
    for (const auto code : {Code::not_activated, Code::license_revoked, Code::record_unknown}) {
        auto w = licensed();
        w << event::ReleaseDecided{"{}", "rel"} << failed(code, true);
        EXPECT_EQ(w.status(), ProductStatus::unlicensed);
    }
    auto w = licensed();
    w << event::ReleaseDecided{"{}", "rel"} << failed(Code::rate_limited, true);
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "any other word gives nothing up";
}

TEST(Revocation, says_why_where_the_key_server_said_it) {
    auto w = licensed();
    w << event::Revoked{"The order was cancelled."};
    const auto& said = std::get<effect::Report>(w.effects.front());
    EXPECT_EQ(said.detail, "The order was cancelled.");
}

TEST(Revocation, of_a_product_in_a_rearmed_grace_or_in_none_changes_no_end) {
    auto rearmed = licensed();
    rearmed << changed_hardware() << event::Rearm{} << event::FirstUse{};
    ASSERT_EQ(rearmed.status(), ProductStatus::extended_grace);
    const auto grace = rearmed.state.grace;
    rearmed << event::Revoked{};
    EXPECT_EQ(rearmed.status(), ProductStatus::extended_grace);
    EXPECT_EQ(rearmed.state.grace, grace);

    auto over = licensed();
    over << changed_hardware();
    over.after(31 * day);
    ASSERT_EQ(over.status(), ProductStatus::notification);
    over << event::Revoked{};
    EXPECT_EQ(over.status(), ProductStatus::notification);

    auto none = licensed();
    none << event::ManifestSeen{false} << event::Revoked{};
    EXPECT_EQ(none.status(), ProductStatus::not_required);
}

TEST(Held, again_for_another_reason_or_key_is_news_and_the_same_is_not) {
    auto w = installed();
    w << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_EQ(reports(w.effects).size(), 1u);
    w << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_TRUE(reports(w.effects).empty());
    w << event::ActivationHeld{kKey, Code::evidence_insufficient};
    EXPECT_EQ(w.state.held_code, "evidence_insufficient");
    w << event::ActivationHeld{kOtherKey, Code::evidence_insufficient};
    EXPECT_EQ(installed_key(w.state), kOtherKey);
}

TEST(SignedTime, from_a_trip_that_took_less_than_no_time_refunds_nothing) {
    const Policy policy;
    const ClockFacts facts{as_wall(kStart), SinceBoot{minute}, "b"};
    const auto first = read_time({}, facts, policy);
    const auto odd = signed_time(first.ledger, facts, kStart - 10 * day, -seconds{1}, policy);
    EXPECT_EQ(odd.now, kStart);
    EXPECT_TRUE(odd.ledger.proved_boot.empty()) << "and judges no clock";
}

TEST(SignedTime, that_is_slow_leaves_a_wall_clock_ahead_its_say) {
    const Policy policy;
    ClockFacts facts{as_wall(kStart), SinceBoot{minute}, "b"};
    const auto first = read_time({}, facts, policy);
    const auto slow = signed_time(first.ledger, facts, kStart - 10 * day, minutes{5}, policy);
    facts.wall += Days{3};
    const auto again = signed_time(slow.ledger, facts, kStart - 10 * day, minutes{5}, policy);
    EXPECT_EQ(again.now, kStart + 3 * day) << "provisionally";
    EXPECT_EQ(again.ledger.proven, kStart);
}

}  // namespace
}  // namespace latchkey::core
