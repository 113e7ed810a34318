#include "agent/daemon/redemption_answer.h"

#include <gtest/gtest.h>

#include "licensing/receipt.h"

namespace latchkey::daemon {
namespace {

using licensing::SigningKey;

constexpr ServerTime kNow{Days{20500}};

/// A whole answer to "the token ending in ABCDE, of example.org's suite"; everything may be bent.
class RedemptionAnswer : public testing::Test {
protected:
    RedemptionAnswer() {
        keys.publisher = publisher;
        keys.version = 1;
        keys.issued_at = kNow - Days{1};
        keys.expires_at = kNow + Days{90};
        keys.signing_keys.push_back({licensing::key_id(signer.public_key()), signer.public_key(),
                                     kNow - Days{1}, kNow + Days{90}});
        given.id = "cld_1";
        given.publisher = publisher;
        given.product = product;
        given.service = "Cloud";
        given.program = "action-pack";
        given.seats = 5;
        given.token_last5 = "ABCDE";
        given.device_key = device.public_key();
        given.receipt = "rcp_1";
        given.redeemed_at = kNow;
        given.ends_at = kNow + Days{100};
        receipt.id = "rcp_1";
        receipt.kind = licensing::ReceiptKind::redemption;
        receipt.publisher = publisher;
        receipt.product = product;
        receipt.license = "cld_1";
        receipt.device_key = device.public_key();
        receipt.key_last5 = "ABCDE";
        receipt.program = "action-pack";
        receipt.at = kNow;
    }

    std::string outcome(const SigningKey& by) {
        const licensing::RedeemReply reply{licensing::sign_cloud_entitlement(by, given),
                                           licensing::sign_receipt(by, receipt)};
        return outcome_of(licensing::to_json(reply));
    }
    std::string outcome() { return outcome(signer); }
    std::string outcome_of(const json::bj::value& message) {
        const auto read = understand_redemption(message, keys,
                                                {publisher, product, "ABCDE", device.public_key()});
        if (read) return "accepted";
        EXPECT_EQ(read.error().code, Code::signature_invalid);
        return read.error().detail;
    }

    std::string publisher = "example.org";
    std::string product = "suite";
    SigningKey signer = SigningKey::generate();
    SigningKey device = SigningKey::generate();
    licensing::KeySet keys;
    licensing::CloudEntitlement given;
    licensing::Receipt receipt;
};

TEST_F(RedemptionAnswer, K3_to_what_was_asked_is_accepted) { EXPECT_EQ(outcome(), "accepted"); }

TEST_F(RedemptionAnswer, by_a_key_nobody_vouches_for_is_refused) {
    EXPECT_NE(outcome(SigningKey::generate()), "accepted");
    EXPECT_NE(outcome_of(json::bj::object{}), "accepted");
}

TEST_F(RedemptionAnswer, about_another_product_device_or_token_is_refused) {
    given.product = receipt.product = "tool";
    EXPECT_EQ(outcome(), "the entitlement is for another product");
    given.product = receipt.product = product;
    given.device_key = receipt.device_key = SigningKey::generate().public_key();
    EXPECT_EQ(outcome(), "the entitlement names another device key");
    given.device_key = receipt.device_key = device.public_key();
    given.token_last5 = receipt.key_last5 = "ZZZZZ";
    EXPECT_EQ(outcome(), "the entitlement is of another token");
}

TEST_F(RedemptionAnswer, with_anothers_receipt_is_refused) {
    receipt.id = "rcp_2";
    EXPECT_EQ(outcome(), "the receipt belongs to another entitlement");
    receipt.id = "rcp_1";
    receipt.license = "cld_2";
    EXPECT_EQ(outcome(), "the receipt belongs to another entitlement");
    receipt.license = "cld_1";
    receipt.product = "tool";
    EXPECT_EQ(outcome(), "the receipt is for another product");
    receipt.product = product;
    receipt.device_key = SigningKey::generate().public_key();
    EXPECT_EQ(outcome(), "the receipt names another device key");
    receipt.device_key = device.public_key();
    receipt.kind = licensing::ReceiptKind::release;
    receipt.license = "lic_1";
    receipt.machine = "mch_1";
    EXPECT_EQ(outcome(), "the receipt is about something else");
}

}  // namespace
}  // namespace latchkey::daemon
