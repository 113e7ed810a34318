// What a key server decides over time, asked the way agents ask.

#include <gtest/gtest.h>

#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using fakes::day;

class Activation : public ::testing::Test {
protected:
    TestServer server;
    TestDevice device{server};
    Hardware machine;
};

TEST_F(Activation, C1_the_first_one_counts_and_brings_license_and_receipt) {
    const auto key = server.sell("ai-cloud", 3);
    const auto told = device.activate(key, machine);
    EXPECT_EQ(told.status, 201) << told.code;
    EXPECT_TRUE(told.was_signed);
    EXPECT_EQ(server.used(), 1);
    ASSERT_TRUE(device.license && device.receipt);
    EXPECT_EQ(device.license->activations.used, 1);
    EXPECT_EQ(device.license->activations.limit, 3);
    EXPECT_EQ(device.license->license_quantity, 100);
    EXPECT_EQ(device.license->key_last5, key.substr(key.size() - 5));
    EXPECT_EQ(device.license->expires_at, as_server(server.clock.wall()) + 180 * day);
    EXPECT_EQ(device.receipt->counted, 1);
    EXPECT_TRUE(device.receipt->new_machine);
    EXPECT_EQ(device.receipt->used_before, 0);
    EXPECT_EQ(device.receipt->used_after, 1);
    EXPECT_EQ(device.receipt->organization, "contoso");
    EXPECT_EQ(device.receipt->machine, device.license->machine);
}

TEST_F(Activation, receipts_tell_how_many_reimages_of_the_machine_counted_in_90_days) {
    const auto key = server.sell("competency", 5);
    for (int reimage = 0; reimage <= 2; ++reimage) {
        TestDevice again(server);
        again.activate(key, machine);
        EXPECT_EQ(again.receipt->recent_reimages, reimage);
        server.clock += 20 * day;
    }
    TestDevice other(server);
    other.activate(key, Hardware::another());
    EXPECT_EQ(other.receipt->recent_reimages, 0) << "another machine's are its own";
    server.clock += 40 * day;
    device.activate(key, machine);
    EXPECT_EQ(device.receipt->recent_reimages, 3) << "the first one is 100 days ago";
}

TEST_F(Activation, an_uncounted_one_adds_nothing_to_what_receipts_tell) {
    const auto key = server.sell("ai-cloud", 5);
    device.activate(key, machine);
    TestDevice again(server);
    again.activate(key, machine);
    EXPECT_EQ(again.receipt->recent_reimages, 0);
}

TEST_F(Activation, C2_a_reimage_of_the_same_machine_does_not_count_and_keeps_its_record) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    TestDevice reimaged(server);
    const auto told = reimaged.activate(key, machine, 0);
    EXPECT_EQ(told.status, 201) << told.code;
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(reimaged.receipt->counted, 0);
    EXPECT_EQ(reimaged.receipt->continuity, licensing::Continuity::digests);
    EXPECT_EQ(reimaged.license->machine, device.license->machine);
    EXPECT_NE(reimaged.license->id, device.license->id)
        << "each device key has a license of its own";
    const auto shown = server.admin("machine", "show", {{"id", {device.license->machine}}});
    EXPECT_EQ(shown.at("holders").as_array().size(), 2u) << "the earlier holder stays visible";
}

TEST_F(Activation, C2_a_new_network_card_is_not_significant) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    TestDevice reimaged(server);
    EXPECT_EQ(reimaged.activate(key, machine.with_other_card()).status, 201);
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Activation, C3_a_new_board_is_significant_and_then_the_new_normal) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    TestDevice reimaged(server);
    EXPECT_EQ(reimaged.activate(key, machine.with_other_board()).status, 201);
    EXPECT_EQ(server.used(), 2);
    TestDevice again(server);
    EXPECT_EQ(again.activate(key, machine.with_other_board()).status, 201);
    EXPECT_EQ(server.used(), 2) << "the count bound the new board";
}

TEST_F(Activation, C4_and_C5_under_any_change_a_reimage_is_free_and_a_new_card_is_not) {
    const auto key = server.sell("action-pack", 3);
    device.activate(key, machine);
    TestDevice reimaged(server);
    reimaged.activate(key, machine);
    EXPECT_EQ(server.used(), 1);
    TestDevice changed(server);
    changed.activate(key, machine.with_other_card());
    EXPECT_EQ(server.used(), 2);
}

TEST_F(Activation, C5_a_change_that_renewals_followed_still_counts_at_the_next_activation) {
    const auto key = server.sell("action-pack", 3);
    device.activate(key, machine);
    EXPECT_EQ(device.renew(machine.with_other_card(), 1).status, 200);
    TestDevice reimaged(server);
    reimaged.activate(key, machine.with_other_card());
    EXPECT_EQ(reimaged.receipt->counted, 1)
        << "any-change is judged against the last counted activation";
}

TEST_F(Activation, C6_every_activation_of_a_competency_key_counts) {
    const auto key = server.sell("competency", 3);
    device.activate(key, machine);
    TestDevice reimaged(server);
    reimaged.activate(key, machine);
    EXPECT_EQ(server.used(), 2);
    EXPECT_EQ(reimaged.receipt->verdict, hwid::Verdict::same);
}

TEST_F(Activation, C7_at_the_limit_it_is_refused_with_both_numbers_and_nothing_is_consumed) {
    const auto key = server.sell("ai-cloud", 1);
    device.activate(key, machine);
    TestDevice other(server);
    const auto told = other.activate(key, Hardware::another());
    EXPECT_EQ(told.code, "activation_limit_reached");
    EXPECT_TRUE(told.was_signed) << "the last word is signed";
    EXPECT_EQ(told["used"].as_int64(), 1);
    EXPECT_EQ(told["limit"].as_int64(), 1);
    EXPECT_EQ(server.used(), 1);
    TestDevice reimaged(server);
    EXPECT_EQ(reimaged.activate(key, machine).status, 201) << "what does not count still works";
}

TEST_F(Activation, a_request_that_allows_no_count_spends_nothing) {
    const auto key = server.sell("ai-cloud", 3);
    EXPECT_EQ(device.activate(key, machine, 0).code, "would_count");
    EXPECT_EQ(server.used(), 0);
    EXPECT_EQ(device.activate(key, machine, 1).status, 201);
}

TEST_F(Activation, a_resent_request_is_answered_with_the_same_decision_and_spends_once) {
    const auto key = server.sell("competency", 3);
    const auto first = device.activate(key, machine, 1, "one");
    const auto again = device.activate(key, machine, 1, "one");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 200);
    EXPECT_TRUE(again.was_signed) << "over the new nonce";
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Activation, a_request_that_comes_again_after_ninety_days_counts_nothing_and_is_told_so) {
    const auto key = server.sell("competency", 10);
    ASSERT_EQ(device.activate(key, machine, 1, "one").status, 201);
    server.clock += Days{89};
    EXPECT_EQ(device.activate(key, machine, 1, "one").status, 200) << "answers are kept";
    server.clock += Days{2};
    ASSERT_EQ(device.activate(key, machine, 1, "two").status, 201) << "and emptied as others come";
    const auto late = device.activate(key, machine, 1, "one");
    EXPECT_EQ(late.code, "idempotency_conflict");
    EXPECT_NE(late.body.at("detail").as_string().find("this was decided on 2026-06-01"),
              std::string::npos)
        << late.body.at("detail").as_string();
    EXPECT_EQ(server.used(), 2);
}

TEST_F(Activation, another_message_under_the_same_idempotency_key_is_a_conflict) {
    const auto key = server.sell("competency", 3);
    device.activate(key, machine, 1, "one");
    EXPECT_EQ(device.activate(key, machine, 0, "one").code, "idempotency_conflict");
    TestDevice other(server);
    EXPECT_EQ(other.activate(key, machine, 1, "one").status, 201)
        << "another device's keys are its own";
}

TEST_F(Activation, a_refusal_is_decided_anew_when_it_is_sent_again) {
    const auto key = server.sell("ai-cloud", 0);
    EXPECT_EQ(device.activate(key, machine, 1, "one").code, "activation_limit_reached");
    EXPECT_EQ(device.activate(key, machine, 1, "one").code, "activation_limit_reached");
}

TEST_F(Activation, a_preview_tells_and_spends_nothing) {
    const auto key = server.sell("action-pack", 3);
    const auto first = device.preview(key, machine);
    EXPECT_EQ(first.status, 200);
    EXPECT_TRUE(first["new_machine"].as_bool());
    EXPECT_EQ(first["count"].as_int64(), 1);
    EXPECT_EQ(server.used(), 0);
    device.activate(key, machine);
    TestDevice reimaged(server);
    const auto second = reimaged.preview(key, machine);
    EXPECT_EQ(second["verdict"].as_string(), "same");
    EXPECT_EQ(second["count"].as_int64(), 0);
    EXPECT_EQ(second["activations"].at("left").as_int64(), 2);
    EXPECT_FALSE(second["components"].as_array().empty());
    EXPECT_FALSE(second["reasons"].as_array().empty());
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Activation, a_preview_of_another_machine_shows_no_components) {
    const auto key = server.sell("action-pack", 3);
    device.activate(key, machine);
    TestDevice probing(server);
    const auto told = probing.preview(key, Hardware::another());
    EXPECT_NE(told["verdict"].as_string(), "same");
    EXPECT_TRUE(told["components"].as_array().empty());
}

TEST_F(Activation, a_preview_names_the_refusal_that_would_come) {
    const auto key = server.sell("action-pack", 0);
    EXPECT_EQ(device.preview(key, machine)["refusal"].as_string(), "activation_limit_reached");
}

TEST_F(Activation, K2_a_key_that_is_none_is_refused_in_words) {
    server.sell("ai-cloud", 3);
    EXPECT_EQ(device.activate("2FGG0-1BR8E-82DQS-7B11T-535AA", machine).code, "key_malformed");
}

TEST_F(Activation, K2_a_token_is_recognised_and_a_well_formed_key_nobody_issued_is_unknown) {
    server.sell("ai-cloud", 3);
    auto transaction = server.store().begin(Store::Access::read).value();
    const auto product = transaction->stores().products.find("editor").value();
    transaction.reset();
    const auto token =
        licensing::ProductKey::make(licensing::KeyKind::token, product->token_group, {1, 2, 3});
    EXPECT_EQ(device.activate(token.text(), machine).code, "token_not_key");
    const auto stranger =
        licensing::ProductKey::make(licensing::KeyKind::product_key, product->key_group, {1, 2, 3});
    EXPECT_EQ(device.activate(stranger.text(), machine).code, "key_unknown");
}

TEST_F(Activation, K6_an_excluded_platform_is_refused_and_consumes_nothing) {
    server.admin("product", "add",
                 {{"id", {"editor"}}, {"name", {"Editor"}}, {"exclude-platform", {"macos"}}});
    const auto key = server.sell("ai-cloud", 3);
    device.platform = "mac";
    EXPECT_EQ(device.activate(key, machine).code, "platform_excluded");
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Activation, K7_a_product_without_activation_has_no_keys_and_says_so) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"CAL"}}, {"no-activation", {}}});
    EXPECT_EQ(device.activate("", machine).code.empty(), false);
    const auto added = server.admin("entitlement", "add",
                                    {{"product", {"editor"}},
                                     {"program", {"ai-cloud"}},
                                     {"organization", {"contoso"}},
                                     {"quantity", {"5"}},
                                     {"activations", {"0"}}});
    const auto refused = server.try_admin(
        "key", "issue", {{"entitlement", {std::string(added.at("id").as_string())}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::activation_not_required);
}

TEST_F(Activation,
       the_fourth_uncounted_reimage_in_ninety_days_needs_an_administrator_who_can_help) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    for (int i = 0; i < 3; ++i) {
        TestDevice reimaged(server);
        EXPECT_EQ(reimaged.activate(key, machine).status, 201) << i;
        server.clock += 1 * day;
    }
    TestDevice fourth(server);
    EXPECT_EQ(fourth.activate(key, machine).code, "needs_admin");
    server.admin("machine", "resolve", {{"id", {device.license->machine}}});
    EXPECT_EQ(fourth.activate(key, machine).status, 201);
}

TEST_F(Activation, uncounted_reimages_are_forgotten_after_ninety_days) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    for (int i = 0; i < 3; ++i) TestDevice(server).activate(key, machine);
    server.clock += 91 * day;
    EXPECT_EQ(TestDevice(server).activate(key, machine).status, 201);
}

TEST_F(Activation, a_value_that_many_machines_share_proves_nothing) {
    const auto key = server.sell("ai-cloud", 10);
    const auto batch = [](int number) {  // boards with one UUID and no serial numbers
        Hardware one;
        one.board.clear();
        one.mac = "00:1b:21:00:00:0" + std::to_string(number);
        one.card.clear();
        one.disk = "S5GXNX0T00000" + std::to_string(number);
        return one;
    };
    Hardware little = batch(9);  // shows its UUID and nothing else
    little.mac.clear();
    little.disk.clear();
    TestDevice(server).activate(key, batch(1));
    EXPECT_EQ(TestDevice(server).preview(key, little)["verdict"].as_string(), "same");
    for (int i = 2; i <= 4; ++i) TestDevice(server).activate(key, batch(i));
    EXPECT_EQ(server.used(), 4);
    EXPECT_EQ(TestDevice(server).preview(key, little)["verdict"].as_string(), "insufficient");
    TestDevice second(server);
    EXPECT_EQ(second.activate(key, batch(2), 0).status, 201)
        << "the others know themselves by more than that";
}

TEST_F(Activation, the_digests_that_are_stored_are_not_those_that_travelled) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    auto transaction = server.store().begin(Store::Access::read).value();
    for (const auto& evidence : machine.seen_under(server.room().publisher()).evidence)
        EXPECT_TRUE(!evidence.has_digest() ||
                    transaction->stores().machines.showing("", evidence.digest, 1).value().empty());
    EXPECT_FALSE(transaction->stores().machines.list({}, {}).value().items.empty());
}

}  // namespace
}  // namespace latchkey::keyserver
