#include "licensing/redemption.h"

#include <gtest/gtest.h>

#include "licensing/receipt.h"
#include "tests/unit/licensing/findings.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

CloudEntitlement sample() {
    Dice dice(11);
    return {.id = "cld_1",
            .publisher = "contoso",
            .product = "editor",
            .service = "Contoso Cloud E3",
            .program = "action-pack",
            .organization = "fabrikam",
            .seats = 25,
            .token_last5 = "7K3QX",
            .device_key = dice.key(),
            .receipt = "rcp_1",
            .redeemed_at = at(kNow),
            .ends_at = at(kNow + 200 * kDay)};
}

template <class Change>
std::string why_refused(Change change) {
    const Publisher publisher;
    auto entitlement = sample();
    change(entitlement);
    const auto verified = verify_cloud_entitlement(
        sign_cloud_entitlement(publisher.signing, entitlement), publisher.key_set());
    if (verified) return "(accepted)";
    EXPECT_EQ(verified.error().code, Code::signature_invalid);
    return verified.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(CloudEntitlement, K3_says_who_got_what_until_the_enrollment_year_ends) {
    const Publisher publisher;
    const auto sent = sample();
    const auto jws = sign_cloud_entitlement(publisher.signing, sent);
    const auto verified = verify_cloud_entitlement(jws, publisher.key_set());
    ASSERT_TRUE(verified) << verified.error().detail;
    const auto& got = **verified;
    EXPECT_EQ(got.id, sent.id);
    EXPECT_EQ(got.publisher, sent.publisher);
    EXPECT_EQ(got.product, sent.product);
    EXPECT_EQ(got.service, sent.service);
    EXPECT_EQ(got.program, sent.program);
    EXPECT_EQ(got.organization, sent.organization);
    EXPECT_EQ(got.seats, 25);
    EXPECT_EQ(got.token_last5, sent.token_last5);
    EXPECT_EQ(got.device_key, sent.device_key);
    EXPECT_EQ(got.receipt, sent.receipt);
    EXPECT_EQ(got.redeemed_at, sent.redeemed_at);
    EXPECT_EQ(got.ends_at, sent.ends_at);
    EXPECT_EQ(verified->jws(), jws);
}

TEST(CloudEntitlement, every_field_is_checked) {
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.id = "lic_1"; }), "cld_");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.publisher = "fabrikam"; }),
                "another publisher's");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.product = "/"; }), "product");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.service = ""; }), "service");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.service = std::string(129, 'x'); }),
                "service");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.program = ""; }), "program");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.organization = std::string(129, 'x'); }),
                "organization");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.seats = -1; }), "seats");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.token_last5 = ""; }), "token_last5");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.receipt = "1"; }), "rcp_");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) { e.ends_at = e.redeemed_at; }), "ends_at");
    EXPECT_SAYS(why_refused([](CloudEntitlement& e) {
                    e.redeemed_at = at(kNow + 101 * kDay);
                    e.ends_at = at(kNow + 102 * kDay);
                }),
                "not valid when");
    const auto whole = to_json(sample()).as_object();
    for (const auto& member : whole) {
        auto without = whole;
        without.erase(member.key());
        EXPECT_FALSE(cloud_entitlement_from_json(without)) << member.key();
    }
}

TEST(CloudEntitlement, is_a_document_of_its_own_kind) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    const auto jws = sign_cloud_entitlement(publisher.signing, sample());
    EXPECT_FALSE(verify_receipt(jws, keys));
    EXPECT_FALSE(verify_cloud_entitlement(
        sign_jws(publisher.signing, typ::kLicense, to_json(sample())), keys));
    EXPECT_FALSE(verify_cloud_entitlement(sign_cloud_entitlement(publisher.root, sample()), keys));
    std::size_t tried = 0;
    EXPECT_EQ(first_damage_accepted(
                  jws,
                  [&](const std::string& text) {
                      return verify_cloud_entitlement(text, keys).has_value();
                  },
                  &tried),
              "");
    EXPECT_GT(tried, jws.size() * 3);
}

TEST(RedeemMessages, arrive_as_they_were_sent_and_are_checked) {
    const RedeemRequest sent{"editor", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "0.1.0", "fabrikam", "hq",
                             "DE"};
    const auto read = redeem_request_from_json(to_json(sent));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(json::to_text(to_json(*read)), json::to_text(to_json(sent)));
    const auto refused = [&](std::string_view member, json::bj::value value) {
        auto bent = to_json(sent).as_object();
        bent[member] = std::move(value);
        const auto bad = redeem_request_from_json(bent);
        return !bad && bad.error().code == Code::request_invalid;
    };
    EXPECT_TRUE(refused("product", "/"));
    EXPECT_TRUE(refused("token", json::bj::value(std::string(65, 'A'))));
    EXPECT_TRUE(refused("token", nullptr));
    EXPECT_TRUE(refused("country", "de"));
    EXPECT_TRUE(refused("organization", json::bj::value(std::string(129, 'x'))));
    const auto reply = redeem_reply_from_json(to_json(RedeemReply{"a.b.c", "d.e.f"}));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->entitlement, "a.b.c");
    EXPECT_EQ(reply->receipt, "d.e.f");
    EXPECT_FALSE(redeem_reply_from_json(to_json(RedeemReply{"a.b.c", ""})));
    EXPECT_FALSE(redeem_reply_from_json(to_json(RedeemReply{"", "a"})));
}

}  // namespace
}  // namespace latchkey::licensing
