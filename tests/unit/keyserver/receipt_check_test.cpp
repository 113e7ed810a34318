// Anyone with the publisher's public documents can verify a receipt, and is told plainly why one is
// not believed.

#include "keyserver/receipt_check.h"

#include <gtest/gtest.h>

#include "keyserver/admin/ceremony.h"
#include "keyserver/admin/present.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class ReceiptCheck : public ::testing::Test {
protected:
    ReceiptCheck() : device(server) { device.activate(server.sell("competency", 5), {}); }

    std::string listed() { return admin::as_json(server.admin("receipt", "list", {})); }
    std::string receipt() {
        return std::string(
            server.admin("receipt", "list", {}).at("receipts").at(0).at("receipt").as_string());
    }
    std::string keys() { return admin::as_json(server.admin("signing-key", "list", {})); }
    std::string bundle() { return json::to_text(licensing::to_json(server.room().trust_bundle())); }
    std::string manifest() {
        return std::string(
            server.admin("product", "export", {{"id", {"editor"}}}).at("manifest").as_string());
    }
    CheckedReceipt checked(std::string_view jws) {
        const auto trusted = trust_in(keys(), {});
        EXPECT_TRUE(trusted) << trusted.error().detail;
        return check_receipt(jws, *trusted->key_set);
    }
    void expect_bad(std::string_view jws, const std::string& because) {
        const auto result = checked(jws);
        EXPECT_FALSE(result.receipt);
        EXPECT_EQ(result.problem.code, Code::signature_invalid);
        EXPECT_NE(result.problem.detail.find(because), std::string::npos) << result.problem.detail;
        EXPECT_TRUE(words_of(result).starts_with("BAD: "));
    }
    void rotate(admin::RawArguments arguments) {
        ASSERT_TRUE(admin::hold_ceremony(
            {"signing-key", "rotate", std::move(arguments)}, server.directory(),
            [this](const admin::Command& command) { return server.office().run(command); }));
    }

    TestServer server;
    TestDevice device;
};

TEST_F(ReceiptCheck, says_in_words_what_the_receipt_says) {
    const auto result = checked(receipt());
    ASSERT_TRUE(result.receipt);
    const auto words = words_of(result);
    for (const std::string& expected :
         {"good: receipt " + device.receipt->id, std::string("publisher acme"),
          std::string("that used an activation"), std::string("0 before, 1 after, of 5"),
          std::string("organization: contoso"), device.license->machine})
        EXPECT_NE(words.find(expected), std::string::npos) << words;
    const auto json = as_json({result});
    EXPECT_EQ(json.at("good").as_int64(), 1);
    EXPECT_EQ(json.at("bad").as_int64(), 0);
    EXPECT_EQ(json.at("receipts").at(0).at("receipt").at("counted").as_int64(), 1);
}

TEST_F(ReceiptCheck, says_what_a_token_was_redeemed_for_and_nothing_of_activations) {
    const auto entitlements = server.admin("entitlement", "list", {}).at("entitlements");
    const auto token =
        server.admin("token", "issue",
                     {{"entitlement", {std::string(entitlements.at(0).at("id").as_string())}},
                      {"service", {"Contoso Cloud"}},
                      {"year-ends", {format_rfc3339(as_server(server.clock.wall()) + Days{100})}}});
    ASSERT_EQ(device.redeem(std::string(token.at("token").as_string())).status, 201);
    const auto receipts = server.admin("receipt", "list", {}).at("receipts");
    const auto result = checked(std::string(receipts.at(1).at("receipt").as_string()));
    ASSERT_TRUE(result.receipt) << result.problem.detail;
    const auto words = words_of(result);
    EXPECT_NE(words.find("a token was redeemed"), std::string::npos) << words;
    EXPECT_NE(words.find("token: ends in " + device.receipt->key_last5), std::string::npos);
    EXPECT_NE(words.find("cloud entitlement: " + device.receipt->license), std::string::npos);
    EXPECT_EQ(words.find("activations"), std::string::npos) << words;
}

TEST_F(ReceiptCheck, takes_a_list_as_well_as_a_single_one) {
    EXPECT_EQ(receipts_in(listed()).value(), std::vector<std::string>{receipt()});
    EXPECT_EQ(receipts_in(receipt() + "\r\n").value(), std::vector<std::string>{receipt()});
    for (const char* other : {"", "  ", "{", "{}", R"({"receipts":[]})", R"({"receipts":[1]})",
                              R"({"receipt":1})", R"({"receipts":{"receipt":"x"}})"})
        EXPECT_EQ(receipts_in(other).error().code, Code::input_unreadable) << other;
}

TEST_F(ReceiptCheck, tells_an_altered_one) {
    auto altered = receipt();
    const auto middle = altered.find('.') + 40;
    altered[middle] = altered[middle] == 'A' ? 'B' : 'A';
    expect_bad(altered, "altered");
    auto signature = receipt();
    signature[signature.size() - 20] = signature[signature.size() - 20] == 'A' ? 'B' : 'A';
    expect_bad(signature, "altered");
}

TEST_F(ReceiptCheck, tells_an_unknown_key_another_publisher_and_another_document) {
    auto forged = *device.receipt;
    const auto stranger = licensing::SigningKey::generate();
    expect_bad(licensing::sign_receipt(stranger, forged), "does not name");
    forged.publisher = "fabrikam";
    expect_bad(licensing::sign_receipt(stranger, forged), "publisher fabrikam");
    expect_bad(licensing::sign_receipt(server.room().signing_key(), forged), "another publisher");
    expect_bad(licensing::sign_license(server.room().signing_key(), *device.license),
               "another type");
    expect_bad("rubbish", "no signed receipt");
}

TEST_F(ReceiptCheck, tells_one_that_was_signed_after_its_key_was_replaced) {
    const auto& old_key = server.room().signing_key();
    rotate({});
    auto late = *device.receipt;
    late.at = late.at + Days{3};
    expect_bad(licensing::sign_receipt(old_key, late), "not valid when it was signed");
}

TEST_F(ReceiptCheck, holds_after_rotations_of_keys_and_root) {
    const auto before = receipt();
    const auto shipped = manifest();
    rotate({});
    rotate({{"root", {}}});
    EXPECT_TRUE(checked(before).receipt);
    EXPECT_TRUE(trust_in(bundle(), shipped)) << "the first root leads there";
    EXPECT_TRUE(trust_in(bundle(), manifest())) << "and so does the newest";
}

TEST_F(ReceiptCheck, needs_a_root_to_hold_the_keys_against) {
    EXPECT_EQ(trust_in(bundle(), {}).error().code, Code::input_unreadable);
    EXPECT_TRUE(trust_in(bundle(), manifest() + "\n"));
    EXPECT_EQ(trust_in("rubbish", {}).error().code, Code::input_unreadable);
    EXPECT_EQ(trust_in(bundle(), "rubbish").error().code, Code::manifest_invalid);
    TestServer other;
    other.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    const std::string foreign(
        other.admin("product", "export", {{"id", {"editor"}}}).at("manifest").as_string());
    EXPECT_EQ(trust_in(keys(), foreign).error().code, Code::signature_invalid)
        << "the manifest's root is the one that counts";
}

}  // namespace
}  // namespace latchkey::keyserver
