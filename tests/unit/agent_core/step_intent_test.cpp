#include "agent/core/backoff.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

TEST(Intent, is_stored_with_the_wish_to_send_it) {
    auto w = installed();
    w << activation();
    ASSERT_TRUE(w.state.intent);
    EXPECT_EQ(w.state.intent->idempotency_key, "idem-1");
    EXPECT_EQ(w.state.intent->max_count, 1);
    EXPECT_EQ(w.state.product_key, kKey);
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "nothing is licensed yet";
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
}

TEST(Intent, after_a_crash_is_sent_again_to_the_letter) {
    auto w = installed();
    w << activation();
    const auto before = *w.state.intent;
    EXPECT_TRUE(has<effect::SendIntent>(pending_effects(w.state, w.moment, w.policy)));
    w.after(5 * minute);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects)) << "also when the answer just never came";
    EXPECT_EQ(w.state.intent->idempotency_key, before.idempotency_key);
    EXPECT_EQ(w.state.intent->body, before.body);
}

TEST(Intent, is_tried_once_more_before_the_grace_ends) {
    auto w = installed();
    const ServerTime end = w.state.grace->ends_at;
    w << activation();
    ServerTime last;
    for (int failures = 0; failures < 60 && w.now() < end; ++failures) {
        last = w.now();
        w << failed(Code::keyserver_unreachable);
        w.after(*w.state.next_attempt_at - w.now());
    }
    EXPECT_GE(w.now(), end);
    EXPECT_LE(end - last, 2 * kLastTry)
        << "the ladder alone comes five days before and a day after";
}

TEST(Intent, a_servers_retry_after_is_honoured_also_near_the_end_of_a_grace) {
    auto w = installed();
    w << activation();
    w.after(25 * day);
    auto busy = failed(Code::keyserver_unreachable);
    busy.retry_after = 7 * day;
    w << busy;
    EXPECT_GE(*w.state.next_attempt_at - w.now(), 7 * day);
}

TEST(Intent, a_second_unattended_wish_keeps_the_first) {
    auto w = installed();
    w << activation(kKey, 0, false, "first") << activation(kOtherKey, 0, false, "second");
    EXPECT_EQ(w.state.intent->idempotency_key, "first");
    EXPECT_FALSE(w.state.queued);
    EXPECT_FALSE(w.refused);
}

TEST(Intent, the_same_wish_by_hand_keeps_the_first_and_sends_it_now) {
    auto w = installed();
    w << activation(kKey, 1, true, "first");
    for (int i = 0; i < 8; ++i) w << failed(Code::keyserver_unreachable);
    w << activation(kKey, 1, true, "second");
    EXPECT_EQ(w.state.intent->idempotency_key, "first");
    EXPECT_FALSE(w.state.queued);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
}

TEST(Intent, another_wish_by_hand_waits_until_the_first_is_answered) {
    auto w = installed();
    w << activation(kKey, 0, false, "first") << failed(Code::keyserver_unreachable)
      << activation(kOtherKey, 1, true, "second");
    EXPECT_EQ(w.state.intent->idempotency_key, "first") << "it may have been committed";
    EXPECT_EQ(w.state.queued->idempotency_key, "second");
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
    w << activation(kOtherKey, 1, true, "third");
    EXPECT_EQ(w.state.queued->idempotency_key, "third") << "the second was never sent";
    w << failed(Code::key_unknown, true);
    EXPECT_EQ(w.state.intent->idempotency_key, "third");
    EXPECT_FALSE(w.state.queued);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
    EXPECT_EQ(w.state.product_key, kOtherKey);
}

TEST(Intent, an_accepted_count_follows_a_refused_free_attempt) {
    auto w = installed();
    w << activation(kKey, 0, false, "free") << activation(kKey, 1, true, "paid");
    w << failed(Code::would_count, true);
    EXPECT_EQ(w.state.intent->idempotency_key, "paid");
}

TEST(Intent, a_queued_wish_is_dropped_when_the_first_answer_fulfils_it) {
    auto w = installed();
    w << activation(kKey, 0, false, "free") << activation(kKey, 1, true, "paid")
      << answer(lease(w.now()), 0);
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.intent) << "nothing is spent for what is already there";
    EXPECT_FALSE(w.state.queued);
}

TEST(Intent, a_queued_other_key_is_activated_after_the_first_answer) {
    auto w = installed();
    w << activation(kKey, 1, true, "first") << activation(kOtherKey, 1, true, "second")
      << answer(lease(w.now()));
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_EQ(w.state.product_key, kKey);
    EXPECT_EQ(w.state.intent->idempotency_key, "second");
    w << answer(lease(w.now()));
    EXPECT_EQ(w.state.product_key, kOtherKey);
}

TEST(Intent, C7_a_new_key_replaces_the_old_one_only_with_its_license) {
    auto w = licensed();
    w << activation(kOtherKey, 1, true, "second");
    EXPECT_EQ(w.state.product_key, kKey);
    w << failed(Code::activation_limit_reached, true);
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_EQ(w.state.product_key, kKey);
    EXPECT_TRUE(w.state.license);
    EXPECT_FALSE(w.state.intent);
    EXPECT_EQ(w.state.last_attempt->outcome, "refused");
    EXPECT_EQ(w.state.last_attempt->code, "activation_limit_reached");
    EXPECT_EQ(w.state.next_attempt_at, w.state.renew_at) << "the lease goes on";
}

TEST(Intent, that_was_never_sent_gives_way_to_the_newest_wish_by_hand) {
    auto w = installed();
    w << activation(kKey, 1, true, "first") << never_sent()
      << activation(kOtherKey, 1, true, "second");
    EXPECT_EQ(w.state.intent->idempotency_key, "second") << "the last word is the one that counts";
    EXPECT_FALSE(w.state.queued);
    EXPECT_EQ(w.state.product_key, kOtherKey);
    w << never_sent() << activation(kKey, 1, false, "unattended");
    EXPECT_EQ(w.state.intent->idempotency_key, "second") << "the configuration does not overrule";
    w << activation(kOtherKey, 1, true, "again");
    EXPECT_EQ(w.state.intent->idempotency_key, "second") << "the same wish goes on";
}

TEST(Intent, that_was_never_sent_is_withdrawn_on_what_became_a_lab_machine) {
    auto w = installed();
    w << activation() << never_sent();
    w.policy.role = Role::lab;
    auto later = w.moment;
    later.now += hour;
    EXPECT_FALSE(has<effect::SendIntent>(pending_effects(w.state, later, w.policy)));
    w.after(hour);
    EXPECT_FALSE(w.state.intent);
    EXPECT_FALSE(has<effect::SendIntent>(w.effects));
    EXPECT_EQ(reports(w.effects), std::vector<std::string>{"activation_withdrawn"});
}

TEST(Intent, that_may_have_arrived_is_resolved_on_what_became_a_lab_machine) {
    auto w = installed();
    w << activation() << failed(Code::keyserver_unreachable);
    w.policy.role = Role::lab;
    w.after(hour);
    EXPECT_TRUE(has<effect::SendIntent>(w.effects)) << "it may have been counted already";
}

TEST(Intent, that_was_never_sent_is_taken_back_by_deactivate) {
    auto w = installed();
    w << activation() << never_sent() << event::ReleaseDecided{"{}", "rel"};
    EXPECT_FALSE(w.refused);
    EXPECT_FALSE(w.state.intent);
    EXPECT_TRUE(w.state.product_key.empty());
    EXPECT_TRUE(w.state.deactivated) << "the configuration does not start it again";
    auto l = licensed();
    l << activation(kOtherKey, 1, true, "other") << never_sent()
      << event::ReleaseDecided{"{}", "rel"};
    EXPECT_EQ(l.state.intent->idempotency_key, "rel") << "and the license there is given up";
}

TEST(Release, of_an_activation_under_way_waits_for_its_license) {
    auto w = installed();
    w << activation() << event::ReleaseDecided{"{}", "rel"};
    EXPECT_FALSE(w.refused);
    EXPECT_EQ(w.state.queued->idempotency_key, "rel");
    w << answer(lease(w.now()));
    EXPECT_EQ(w.state.intent->idempotency_key, "rel");
    EXPECT_EQ(w.state.intent->license_id, "lic_1");
}

TEST(Held, waits_for_an_admin_and_remembers_the_key) {
    auto w = installed();
    w << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_TRUE(w.state.held);
    EXPECT_EQ(w.state.held_code, "would_count");
    EXPECT_EQ(installed_key(w.state), kKey);
    EXPECT_EQ(w.status(), ProductStatus::initial_grace) << "held is no status of its own";
    w << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_TRUE(w.effects.empty()) << "said once";
    w << activation(kKey, 1, true, "confirmed");
    EXPECT_FALSE(w.state.held);
    EXPECT_TRUE(w.state.intent);
}

TEST(Held, does_not_touch_a_license_that_is_there) {
    auto w = licensed();
    w << event::ActivationHeld{kOtherKey, Code::confirmation_required};
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_EQ(w.state.product_key, kKey);
    EXPECT_EQ(installed_key(w.state), kOtherKey);
}

TEST(Held, is_ignored_where_nothing_could_be_held) {
    auto lab = installed();
    lab.policy.role = Role::lab;
    lab << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_FALSE(lab.state.held);
    auto pending = installed();
    pending << activation() << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_FALSE(pending.state.held);
    World free;
    free << event::ManifestSeen{false} << event::ActivationHeld{kKey, Code::would_count};
    EXPECT_FALSE(free.state.held);
}

TEST(Held, ends_when_the_product_needs_no_activation_any_more) {
    auto w = installed();
    w << event::ActivationHeld{kKey, Code::would_count} << event::ManifestSeen{false};
    EXPECT_FALSE(w.state.held);
}

TEST(Held, stops_the_unattended_reactivation_of_drifted_hardware) {
    auto w = licensed();
    w << changed_hardware() << event::ActivationHeld{kKey, Code::would_count};
    w.after(day);
    EXPECT_FALSE(has<effect::PrepareReactivation>(w.effects));
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.after(8 * day).effects)) << "renewals go on";
}

TEST(Renewal, is_asked_for_when_due_and_sent_when_decided) {
    auto w = licensed();
    w.after(*next_due(w.state, w.moment, w.policy) - w.now());
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.effects));
    EXPECT_TRUE(has<effect::PrepareRenewal>(pending_effects(w.state, w.moment, w.policy)));
    w << event::RenewalDecided{"{}", "r1"};
    EXPECT_TRUE(has<effect::SendIntent>(w.effects));
    EXPECT_EQ(w.state.intent->license_id, "lic_1");
    w << renewal(lease(w.now(), 2));
    EXPECT_EQ(w.state.lease_sequence, 2);
    EXPECT_EQ(reports(w.effects).front(), "renewed");
    EXPECT_GT(*w.state.next_attempt_at, w.now() + 5 * day);
}

TEST(Renewal, is_not_asked_for_twice_in_one_breath) {
    auto w = licensed();
    w.after(8 * day);
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.effects));
    w << event::Tick{};
    EXPECT_FALSE(has<effect::PrepareRenewal>(w.effects));
    EXPECT_TRUE(has<effect::PrepareRenewal>(w.after(5 * minute).effects));
}

TEST(Renewal, without_a_license_or_beside_another_request_is_nothing) {
    auto w = installed();
    w << event::RenewalDecided{"{}", "r1"};
    EXPECT_FALSE(w.state.intent);
    auto l = licensed();
    l << activation(kOtherKey, 1, true, "second") << event::RenewalDecided{"{}", "r1"};
    EXPECT_EQ(l.state.intent->idempotency_key, "second");
}

TEST(Release, gives_the_license_up_when_the_key_server_confirms) {
    auto w = licensed();
    w << event::ReleaseDecided{"{}", "rel"};
    EXPECT_EQ(w.status(), ProductStatus::licensed) << "until it is confirmed";
    w << event::ReleaseReceived{"receipt"};
    EXPECT_EQ(w.status(), ProductStatus::unlicensed);
    EXPECT_FALSE(w.state.license);
    EXPECT_FALSE(w.state.intent);
    EXPECT_FALSE(next_due(w.state, w.moment, w.policy));
    EXPECT_EQ(w.state.receipt_jws, "receipt");
}

TEST(Release, that_was_never_sent_is_taken_back_by_activating_with_its_key) {
    auto w = licensed();
    w << event::ReleaseDecided{"{}", "rel"} << never_sent() << activation(kKey, 1, true, "back");
    EXPECT_EQ(w.status(), ProductStatus::licensed);
    EXPECT_FALSE(w.state.intent) << "the license is kept: nothing is sent, nothing is spent";
    EXPECT_EQ(reports(w.effects).front(), "release_withdrawn");
    EXPECT_EQ(w.state.next_attempt_at, w.state.renew_at) << "the lease goes on";
}

TEST(Release, that_may_have_arrived_is_not_taken_back) {
    auto lost_reply = licensed();
    lost_reply << event::ReleaseDecided{"{}", "rel"} << failed(Code::keyserver_unreachable)
               << never_sent() << activation(kKey, 1, true, "back");
    EXPECT_EQ(lost_reply.state.intent->idempotency_key, "rel");
    EXPECT_EQ(lost_reply.state.queued->idempotency_key, "back");
    auto under_way = licensed();
    under_way << event::ReleaseDecided{"{}", "rel"} << activation(kKey, 1, true, "back");
    EXPECT_EQ(under_way.state.intent->idempotency_key, "rel");
    auto unrecorded = licensed();
    unrecorded << event::ReleaseDecided{"{}", "rel"};
    unrecorded.after(5 * minute) << never_sent() << activation(kKey, 1, true, "back");
    EXPECT_EQ(unrecorded.state.intent->idempotency_key, "rel") << "sent twice, one end unknown";
}

TEST(Release, is_not_taken_back_by_another_key_or_by_the_configuration) {
    auto other = licensed();
    other << event::ReleaseDecided{"{}", "rel"} << never_sent()
          << activation(kOtherKey, 1, true, "other");
    EXPECT_EQ(other.state.intent->idempotency_key, "rel");
    EXPECT_EQ(other.state.queued->idempotency_key, "other");
    auto unattended = licensed();
    unattended << event::ReleaseDecided{"{}", "rel"} << never_sent()
               << activation(kKey, 1, false, "again");
    EXPECT_EQ(unattended.state.intent->idempotency_key, "rel");
    EXPECT_FALSE(unattended.state.queued);
}

TEST(Release, of_a_license_that_ran_out_meanwhile_is_followed_by_the_activation) {
    auto w = licensed();
    w << event::ReleaseDecided{"{}", "rel"} << never_sent();
    w.state.license->expires_at = w.now() - day;
    w << activation(kKey, 1, true, "back");
    ASSERT_TRUE(w.state.intent);
    EXPECT_EQ(w.state.intent->idempotency_key, "back");
}

TEST(Release, of_nothing_is_refused_and_a_stray_answer_ignored) {
    auto w = installed();
    w << event::ReleaseDecided{"{}", "rel"};
    EXPECT_EQ(w.refused->code, Code::not_activated);
    auto l = licensed();
    l << event::ReleaseReceived{"receipt"};
    EXPECT_EQ(l.status(), ProductStatus::licensed);
}

TEST(Release, waits_behind_a_renewal_and_names_the_newest_license) {
    auto w = licensed();
    w << event::RenewalDecided{"{}", "r1"} << event::ReleaseDecided{"{}", "rel"};
    EXPECT_EQ(w.state.intent->kind, IntentKind::renew);
    auto next = lease(w.now(), 2);
    next.id = "lic_2";
    w << renewal(next);
    ASSERT_TRUE(w.state.intent);
    EXPECT_EQ(w.state.intent->kind, IntentKind::release);
    EXPECT_EQ(w.state.intent->license_id, "lic_2");
}

TEST(Release, of_a_license_the_key_server_no_longer_knows_ends_it_here) {
    auto w = licensed();
    w << event::ReleaseDecided{"{}", "rel"} << failed(Code::record_unknown, true);
    EXPECT_EQ(w.status(), ProductStatus::unlicensed);
    auto kept = licensed();
    kept << event::ReleaseDecided{"{}", "rel"} << failed(Code::agent_too_old, true);
    EXPECT_EQ(kept.status(), ProductStatus::licensed);
}

TEST(ActivationProven, says_what_is_sent_instead_and_from_then_on_to_the_letter) {
    auto w = installed();
    w << activation();
    const auto id = w.state.intent->idempotency_key;
    w << event::ActivationProven{id, R"({"with":"a proof"})"};
    EXPECT_EQ(w.state.intent->body, R"({"with":"a proof"})");
    EXPECT_FALSE(has<effect::SendIntent>(w.effects)) << "it is under way";
    w << failed(Code::keyserver_unreachable);
    w << event::ActivationProven{id, R"({"with":"another"})"};
    EXPECT_EQ(w.state.intent->body, R"({"with":"a proof"})") << "it may have arrived";
}

TEST(ActivationProven, is_made_anew_for_what_never_left) {
    auto w = installed();
    w << activation() << never_sent();
    w << event::ActivationProven{w.state.intent->idempotency_key, R"({"with":"a proof"})"};
    EXPECT_EQ(w.state.intent->body, R"({"with":"a proof"})");
}

TEST(ActivationProven, belongs_to_the_request_it_was_made_for) {
    auto w = installed();
    w << activation();
    const auto before = w.state.intent->body;
    w << event::ActivationProven{"another", R"({"with":"a proof"})"};
    EXPECT_EQ(w.state.intent->body, before);
    auto licensed_one = licensed();
    licensed_one << event::ReleaseDecided{"{}", "rel"}
                 << event::ActivationProven{"rel", R"({"with":"a proof"})"};
    EXPECT_EQ(licensed_one.state.intent->body, "{}");
}

}  // namespace
}  // namespace latchkey::core
