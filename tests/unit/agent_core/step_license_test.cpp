#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(License, is_taken_with_its_receipt_and_ends_the_grace) {
    auto w = installed();
    w.activate(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.grace);
    EXPECT_FALSE(w.state.intent);
    EXPECT_EQ(w.state.last_decision->counted, 1);
    EXPECT_EQ(w.state.last_attempt->outcome, "ok");
    EXPECT_EQ(w.state.receipt_jws, "receipt-jws");
    EXPECT_TRUE(w.state.renew_at);
    EXPECT_EQ(w.state.next_attempt_at, w.state.renew_at);
    EXPECT_TRUE(has<effect::WriteSecondCopy>(w.effects));
}

TEST(License, also_arrives_by_file_without_a_pending_request) {
    auto w = installed();
    w << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
}

TEST(License, of_another_product_is_a_failed_attempt) {
    auto w = installed();
    auto foreign = lease(w.now());
    foreign.product = "draw";
    w << activation() << answer(foreign);
    EXPECT_EQ(w.status(), ProductStatus::initial_grace);
    EXPECT_TRUE(w.state.intent);
    EXPECT_EQ(w.state.last_attempt->code, "signature_invalid");
    foreign = lease(w.now());
    foreign.publisher = "other";
    w << answer(foreign);
    EXPECT_FALSE(w.state.license);
}

TEST(License, that_was_overtaken_never_replaces_a_newer_one) {
    auto w = installed();
    w.activate(lease(w.now(), 5));
    w << event::RenewalDecided{"{}", "r1"} << renewal(lease(w.now(), 4));
    EXPECT_EQ(w.state.lease_sequence, 5);
    EXPECT_FALSE(w.state.intent);
}

TEST(License, that_is_over_already_starts_the_grace_instead) {
    auto w = installed();
    auto old = lease(w.now() - 200 * day);
    w.activate(old);
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace);
}

TEST(License, for_a_product_that_needs_none_is_kept_without_a_change) {
    auto w = installed();
    w << activation() << event::ManifestSeen{false} << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::not_required);
    EXPECT_TRUE(w.state.license);
    EXPECT_FALSE(next_due(w.state, w.moment, w.policy));
}

TEST(License, ends_a_lab_role_change_too) {
    auto w = installed();
    w << activation();
    w.policy.role = Role::lab;
    w << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "it was spent before the role changed";
}

TEST(Baselines, counting_one_stays_at_the_last_counted_activation) {
    auto w = installed();
    w.activate(lease(w.now()));
    const auto digest = [](const std::optional<hwid::Fingerprint>& f) {
        return f->evidence.at(0).digest[0];
    };
    auto again = answer(lease(w.now()), 0);
    again.fingerprint = fingerprint_with_board(2);
    w << activation(kKey, 1, true, "second") << again;
    EXPECT_EQ(digest(w.state.matching_baseline), 2);
    EXPECT_EQ(digest(w.state.counting_baseline), 1);
    again = answer(lease(w.now()), 1);
    again.fingerprint = fingerprint_with_board(3);
    w << activation(kKey, 1, true, "third") << again;
    EXPECT_EQ(digest(w.state.matching_baseline), 3);
    EXPECT_EQ(digest(w.state.counting_baseline), 3);
}

TEST(Baselines, a_renewal_never_rolls_across_a_contradicting_board) {
    auto w = licensed();
    w << changed_hardware() << event::RenewalDecided{"{}", "r1"};
    auto other_board = renewal(lease(w.now(), 2));
    other_board.fingerprint = fingerprint_with_board(9);
    w << other_board;
    EXPECT_EQ(w.state.matching_baseline->evidence.at(0).digest[0], 1);
    EXPECT_EQ(w.status(), ProductStatus::out_of_tolerance_grace) << "the drift is still there";
    EXPECT_EQ(w.state.grace->ends_at, kStart + 30 * day) << "and no grace is refilled";
    EXPECT_EQ(w.state.lease_sequence, 2);
}

TEST(RenewalWindow, of_the_key_server_wins_and_is_drawn_once) {
    auto w = installed();
    auto license = lease(w.now());
    license.renew_after = w.now() + 20 * day;
    license.renew_before = w.now() + 25 * day;
    w.activate(license);
    const auto drawn = w.state.renew_at;
    EXPECT_GE(*drawn, kStart + 20 * day);
    EXPECT_LE(*drawn, kStart + 25 * day);
    for (int i = 0; i < 19; ++i) {
        w.after(day);
        w << event::NetworkChanged{} << same_hardware();
        ASSERT_FALSE(has<effect::PrepareRenewal>(w.effects));
        EXPECT_EQ(w.state.renew_at, drawn) << "other random numbers do not move it";
    }
    EXPECT_EQ(next_due(w.state, w.moment, w.policy), drawn);
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.after(*drawn - w.now()).effects));
}

TEST(Failure, that_may_pass_climbs_the_ladder_and_keeps_the_intent) {
    auto w = installed();
    w << activation();
    auto last = Duration{0};
    for (int i = 0; i < 25; ++i) {
        w << failed(Code::keyserver_unreachable);
        ASSERT_TRUE(w.state.intent);
        ASSERT_TRUE(w.state.next_attempt_at);
        EXPECT_EQ(w.state.last_attempt->outcome, "failed");
        last = *w.state.next_attempt_at - w.now();
    }
    EXPECT_GE(last, Duration{7 * day});
    EXPECT_FALSE(has<effect::SendIntent>(pending_effects(w.state, w.moment, w.policy)))
        << "a restart does not jump the queue";
    w.after(last);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
    w << answer(lease(w.now()));
    EXPECT_EQ(w.state.retry_position, 0);
}

TEST(Failure, honours_retry_after) {
    auto w = installed();
    auto busy = failed(Code::rate_limited);
    busy.retry_after = hours{10};
    w << activation() << busy;
    EXPECT_GE(*w.state.next_attempt_at, w.now() + 10 * hour);
    EXPECT_LE(*w.state.next_attempt_at, w.now() + 12 * hour);
}

TEST(Failure, that_is_final_clears_the_intent_and_holds_what_an_admin_can_allow) {
    for (const auto code :
         {Code::would_count, Code::evidence_insufficient, Code::confirmation_required}) {
        auto w = installed();
        w << activation(kKey, 0) << failed(code, true);
        EXPECT_FALSE(w.state.intent);
        EXPECT_FALSE(w.state.next_attempt_at);
        EXPECT_TRUE(w.state.held);
        EXPECT_EQ(w.state.held_code, info(code).name);
        EXPECT_EQ(installed_key(w.state), kKey);
    }
    auto w = installed();
    w << activation() << failed(Code::needs_admin, true);
    EXPECT_FALSE(w.state.held) << "no admin of this machine can allow it";
}

TEST(Failure, before_a_request_was_made_waits_too) {
    auto w = licensed();
    w.after(8 * day);
    w << failed(Code::internal);
    EXPECT_GE(*w.state.next_attempt_at, w.now() + 15 * minute);
    w << failed(Code::internal, true);
    EXPECT_EQ(w.state.next_attempt_at, w.state.renew_at);
    auto none = installed();
    none << failed(Code::internal);
    EXPECT_FALSE(none.state.next_attempt_at);
}

TEST(Failure, of_a_renewal_says_what_became_of_the_license) {
    const auto refused = [](Code code) {
        auto w = licensed();
        w << event::RenewalDecided{"{}", "r1"} << failed(code, true);
        EXPECT_FALSE(w.state.intent);
        EXPECT_GE(*w.state.next_attempt_at, w.now() + 5 * day) << "asked again, in its time";
        return w.status();
    };
    EXPECT_EQ(refused(Code::license_revoked), ProductStatus::non_genuine_grace);
    EXPECT_EQ(refused(Code::key_blocked), ProductStatus::non_genuine_grace);
    EXPECT_EQ(refused(Code::suspected_clone), ProductStatus::out_of_tolerance_grace);
    EXPECT_EQ(refused(Code::record_unknown), ProductStatus::licensed);
    EXPECT_EQ(refused(Code::agent_too_old), ProductStatus::licensed);
}

TEST(Failure, C7_of_an_activation_with_the_present_key_keeps_the_license) {
    for (const auto code : {Code::activation_limit_reached, Code::key_blocked,
                            Code::activate_by_passed, Code::territory, Code::suspected_clone}) {
        auto w = licensed();
        w << activation(kKey, 1, true, "again") << failed(code, true);
        EXPECT_EQ(w.status(), ProductStatus::licensed) << info(code).name;
    }
}

TEST(Failure, of_a_reactivation_is_asked_again_more_and_more_slowly) {
    auto w = licensed();
    w << changed_hardware();
    Duration wait{0};
    for (int i = 0; i < 6; ++i) {
        w.after(*w.state.next_attempt_at - w.now());
        ASSERT_TRUE(has<effect::PrepareReactivation>(w.effects));
        w << activation(kKey, 0, false, "re-" + std::to_string(i))
          << failed(Code::activation_limit_reached, true);
        wait = *w.state.next_attempt_at - w.now();
    }
    EXPECT_GE(wait, Duration{15 * minute});
}

}  // namespace
}  // namespace latchkey::core
