// Tokens over a year: issued, redeemed once, renewed with new ones.

#include <gtest/gtest.h>

#include "keyserver/admin/present.h"
#include "licensing/product_key.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using fakes::day;

class Tokens : public ::testing::Test {
protected:
    Tokens() {
        key = server.sell("action-pack", 3);
        const auto keys = server.admin("key", "list", {});
        entitlement = keys.at("keys").at(0).at("entitlement").as_string();
    }

    std::string year_end(Duration ahead) const {
        return format_rfc3339(as_server(server.clock.wall()) + ahead);
    }
    json::bj::object issued(Duration ahead = 100 * day) {
        return server.admin("token", "issue",
                            {{"entitlement", {entitlement}},
                             {"service", {"Contoso Cloud E3"}},
                             {"seats", {"25"}},
                             {"year-ends", {year_end(ahead)}}});
    }
    static std::string text_of(const json::bj::object& token) {
        return std::string(token.at("token").as_string());
    }
    licensing::CloudEntitlement given(const Told& told) const {
        const auto verified = licensing::verify_cloud_entitlement(
            std::string(told["entitlement"].as_string()), server.room().key_set());
        EXPECT_TRUE(verified) << verified.error().detail;
        return verified ? **verified : licensing::CloudEntitlement{};
    }

    TestServer server;
    TestDevice device{server};
    std::string key;
    std::string entitlement;
};

TEST_F(Tokens, K3_redeeming_gives_a_signed_entitlement_until_the_year_ends) {
    const auto token = issued();
    const auto told = device.redeem(text_of(token));
    ASSERT_EQ(told.status, 201) << told.code;
    EXPECT_TRUE(told.was_signed);
    const auto got = given(told);
    EXPECT_EQ(got.publisher, "acme");
    EXPECT_EQ(got.product, "editor");
    EXPECT_EQ(got.service, "Contoso Cloud E3");
    EXPECT_EQ(got.program, "action-pack");
    EXPECT_EQ(got.organization, "contoso");
    EXPECT_EQ(got.seats, 25);
    EXPECT_EQ(got.token_last5, token.at("last5").as_string());
    EXPECT_EQ(format_rfc3339(got.ends_at), token.at("year_ends_at").as_string());
    ASSERT_TRUE(device.receipt);
    EXPECT_EQ(device.receipt->kind, licensing::ReceiptKind::redemption);
    EXPECT_EQ(device.receipt->id, got.receipt);
    EXPECT_EQ(device.receipt->license, got.id);
    EXPECT_EQ(device.receipt->key_last5, got.token_last5);
    EXPECT_EQ(server.used(), 0) << "nothing about activations is used";
}

TEST_F(Tokens, K3_the_redemption_is_on_record_with_its_receipt) {
    const auto token = issued();
    device.redeem(text_of(token));
    const auto shown =
        server.admin("token", "show", {{"id", {std::string(token.at("id").as_string())}}});
    EXPECT_EQ(shown.at("redeemed_by").as_string(), device.public_key());
    EXPECT_EQ(shown.at("receipt").as_string(), device.receipt->id);
    EXPECT_EQ(shown.at("organization").as_string(), "contoso");
    const auto receipts = server.admin("receipt", "list", {}).at("receipts").as_array();
    ASSERT_EQ(receipts.size(), 1u);
    EXPECT_EQ(receipts[0].at("kind").as_string(), "redemption");
    EXPECT_EQ(receipts[0].at("token"), token.at("id"));
    EXPECT_TRUE(receipts[0].at("machine").is_null());
    EXPECT_TRUE(receipts[0].at("key").is_null());
    EXPECT_EQ(receipts[0].at("counted").as_int64(), 0);
}

TEST_F(Tokens, K3_the_same_device_gets_the_same_answer_and_nothing_new) {
    const auto token = text_of(issued());
    const auto first = device.redeem(token);
    server.clock += day;
    const auto again = device.redeem(token);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again["entitlement"], first["entitlement"]);
    EXPECT_EQ(again["receipt"], first["receipt"]);
    EXPECT_EQ(server.admin("receipt", "list", {}).at("receipts").as_array().size(), 1u);
}

TEST_F(Tokens, K3_a_lost_reply_is_fetched_again_under_its_idempotency_key) {
    const auto token = text_of(issued());
    const auto first = device.redeem(token, "editor", "one");
    EXPECT_EQ(device.redeem(token, "editor", "one")["entitlement"], first["entitlement"]);
    EXPECT_EQ(device.redeem(text_of(issued()), "editor", "one").code, "idempotency_conflict");
}

TEST_F(Tokens, K3_another_device_is_refused_with_the_date_alone) {
    const auto token = text_of(issued());
    device.redeem(token);
    TestDevice other(server);
    const auto told = other.redeem(token);
    EXPECT_EQ(told.code, "token_redeemed");
    EXPECT_TRUE(told.was_signed);
    EXPECT_EQ(json::to_text(told.body).find(device.public_key()), std::string::npos);
}

TEST_F(Tokens, K3_after_the_year_only_a_renewed_years_token_works) {
    const auto old = text_of(issued(10 * day));
    const auto late = text_of(issued(10 * day));
    device.redeem(old);
    server.clock += 11 * day;
    EXPECT_EQ(device.redeem(late).code, "enrollment_ended");
    EXPECT_EQ(device.redeem(old).status, 200) << "what it gave stays what it was";
    const auto renewed = device.redeem(text_of(issued(365 * day)));
    EXPECT_EQ(renewed.status, 201) << renewed.code;
    EXPECT_GT(given(renewed).ends_at, as_server(server.clock.wall()) + 364 * day);
}

TEST_F(Tokens, K3_a_product_key_in_its_place_is_recognised) {
    EXPECT_EQ(device.redeem(key).code, "key_not_token");
    EXPECT_EQ(device.redeem("nonsense").code, "token_malformed");
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Tokens, an_unknown_token_and_another_products_are_told_apart) {
    const auto made = licensing::ProductKey::parse(text_of(issued()));
    const auto nobodys =
        licensing::ProductKey::make(licensing::KeyKind::token, made->group(), {9, 9, 9});
    EXPECT_EQ(device.redeem(nobodys.text()).code, "token_unknown");
    server.admin("product", "add", {{"id", {"tool"}}, {"name", {"Tool"}}});
    EXPECT_EQ(device.redeem(made->text(), "tool").code, "key_wrong_product");
    EXPECT_EQ(device.redeem(made->text(), "nothing").code, "product_unknown");
}

TEST_F(Tokens, a_blocked_token_works_again_when_it_is_unblocked) {
    const auto token = issued();
    const std::string id(token.at("id").as_string());
    server.admin("token", "block", {{"id", {id}}});
    EXPECT_EQ(device.redeem(text_of(token)).code, "token_blocked");
    server.admin("token", "block", {{"id", {id}}, {"undo", {}}});
    EXPECT_EQ(device.redeem(text_of(token)).status, 201);
}

TEST_F(Tokens, E3_another_organizations_device_is_refused) {
    device.organization = "fabrikam";
    EXPECT_EQ(device.redeem(text_of(issued())).code, "organization_mismatch");
}

TEST_F(Tokens, are_issued_in_sets_and_shown_once) {
    const auto set = server.admin("token", "issue",
                                  {{"entitlement", {entitlement}},
                                   {"service", {"Contoso Cloud E3"}},
                                   {"year-ends", {"2099-06-30"}},
                                   {"count", {"3"}}});
    ASSERT_EQ(set.at("tokens").as_array().size(), 3u);
    const std::string first(set.at("tokens").at(0).at("token").as_string());
    EXPECT_EQ(licensing::ProductKey::parse(first)->kind(), licensing::KeyKind::token);
    const auto list = server.admin("token", "list", {{"entitlement", {entitlement}}});
    EXPECT_EQ(list.at("tokens").as_array().size(), 3u);
    EXPECT_EQ(json::to_text(list).find(first), std::string::npos);
    EXPECT_EQ(list.at("tokens").at(0).at("seats").as_int64(), 1);
    const auto lost = admin::not_shown(*admin::find_verb("token", "issue"), set, "/srv/keys");
    EXPECT_NE(lost.detail.find(set.at("tokens").at(2).at("id").as_string()), std::string::npos);
    EXPECT_NE(lost.remedy.find("token block"), std::string::npos);
}

TEST_F(Tokens, are_not_issued_for_what_is_over_or_unknown) {
    const auto code_of = [&](admin::RawArguments bent) {
        admin::RawArguments arguments{
            {"entitlement", {entitlement}}, {"service", {"Cloud"}}, {"year-ends", {"2099-06-30"}}};
        for (auto& [name, value] : bent) arguments[name] = value;
        const auto result = server.try_admin("token", "issue", arguments);
        return result ? Code::internal : result.error().code;
    };
    EXPECT_EQ(code_of({{"entitlement", {"ent_none"}}}), Code::entitlement_unknown);
    EXPECT_EQ(code_of({{"year-ends", {"2001-06-30"}}}), Code::enrollment_ended);
    EXPECT_EQ(code_of({{"seats", {"0"}}}), Code::usage);
    EXPECT_EQ(code_of({{"count", {"0"}}}), Code::usage);
    EXPECT_EQ(code_of({{"count", {"1001"}}}), Code::usage);
    EXPECT_EQ(code_of({{"service", {std::string(129, 'x')}}}), Code::usage);
}

}  // namespace
}  // namespace latchkey::keyserver
