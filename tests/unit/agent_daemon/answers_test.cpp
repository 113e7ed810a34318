#include "agent/daemon/answers.h"

#include <gtest/gtest.h>

#include "agent/core/step.h"
#include "licensing/messages.h"
#include "licensing/product_key.h"

namespace latchkey::daemon {
namespace {

using licensing::SigningKey;

constexpr ServerTime kNow{Days{20500}};

class AnswersTest : public testing::Test {
protected:
    AnswersTest() {
        manifest.publisher = "example.org";
        manifest.product = "suite";
        keys.publisher = "example.org";
        keys.version = 1;
        keys.issued_at = kNow - Days{1};
        keys.expires_at = kNow + Days{90};
        keys.signing_keys.push_back({licensing::key_id(signer.public_key()), signer.public_key(),
                                     kNow - Days{1}, kNow + Days{90}});
        licensing::ActivationRequest request;
        request.product = "suite";
        const auto key = licensing::ProductKey::make(licensing::KeyKind::product_key, 1, {1, 2, 3});
        request.product_key = key.text();
        request.fingerprint.salt_id = "salt-1";
        request.platform = "linux";
        request.agent_version = "0.1.0";
        intent.body = json::to_text(licensing::to_json(request));

        license.id = licensing::random_id("lic_");
        license.publisher = "example.org";
        license.product = "suite";
        license.machine = licensing::random_id("mch_");
        license.device_key = device.public_key();
        license.issued_at = kNow;
        license.expires_at = kNow + Days{180};
        license.program = "ai-cloud";
        license.key_last5 = key.last5();
        license.organization = "acme";
        license.activations = {1, 10, kNow};
        license.salt_id = "salt-1";

        receipt.id = licensing::random_id("rcp_");
        receipt.publisher = "example.org";
        receipt.product = "suite";
        receipt.license = license.id;
        receipt.machine = license.machine;
        receipt.device_key = device.public_key();
        receipt.key_last5 = key.last5();
        receipt.organization = "acme";
        receipt.program = "ai-cloud";
        receipt.new_machine = true;
        receipt.counted = 1;
        receipt.used_after = 1;
        receipt.limit = 10;
        receipt.reasons = {"The first activation on this machine: counted."};
        receipt.matcher_version = 1;
        receipt.weights_version = 1;
        receipt.at = kNow;
        held_machine = license.machine;
    }

    core::Event answer(const SigningKey& by) {
        const licensing::ActivationReply reply{licensing::sign_license(by, license),
                                               licensing::sign_receipt(by, receipt)};
        return understand(licensing::to_json(reply), keys, expected(), refund);
    }
    core::Event renewal() {
        intent.kind = core::IntentKind::renew;
        if (intent.license_id.empty()) intent.license_id = license.id;
        licensing::RenewRequest request;
        request.product = "suite";
        request.lease_sequence = 1;
        request.fingerprint.salt_id = "salt-1";
        request.platform = "linux";
        request.agent_version = "0.1.0";
        intent.body = json::to_text(licensing::to_json(request));
        const licensing::RenewReply reply{licensing::sign_license(signer, license)};
        return understand(licensing::to_json(reply), keys, expected(), refund);
    }
    core::Event release() {
        intent.kind = core::IntentKind::release;
        if (intent.license_id.empty()) intent.license_id = license.id;
        const licensing::ReleaseReply reply{licensing::sign_receipt(signer, receipt), false,
                                            license.activations, std::nullopt};
        return understand(licensing::to_json(reply), keys, expected(), refund);
    }
    void make_release_receipt() {
        receipt.kind = licensing::ReceiptKind::release;
        receipt.counted = 0;
        receipt.used_before = receipt.used_after;
    }
    Expected expected() const {
        return {manifest, intent, device.public_key(), kNow, held_machine};
    }
    /// What the agent makes of a release whose activation comes back then.
    Refund refund_at(bool returned, std::optional<ServerTime> returns_at) {
        intent.kind = core::IntentKind::release;
        intent.license_id = license.id;
        make_release_receipt();
        const licensing::ReleaseReply reply{licensing::sign_receipt(signer, receipt), returned,
                                            license.activations, returns_at};
        EXPECT_EQ(problem(understand(licensing::to_json(reply), keys, expected(), refund)),
                  "accepted");
        return refund;
    }
    static std::string problem(const core::Event& event) {
        const auto* failed = std::get_if<core::event::AttemptFailed>(&event);
        if (failed == nullptr) return "accepted";
        EXPECT_FALSE(failed->final) << "a broken answer is never the last word";
        return std::string(failed->problem.name());
    }

    licensing::Manifest manifest;
    core::Intent intent;
    SigningKey signer = SigningKey::generate();
    SigningKey device = SigningKey::generate();
    licensing::KeySet keys;
    licensing::License license;
    licensing::Receipt receipt;
    std::string held_machine;  ///< of the license the row holds
    Refund refund;
};

TEST_F(AnswersTest, a_license_for_this_device_and_product_is_accepted) {
    const auto event = answer(signer);
    ASSERT_EQ(problem(event), "accepted");
    const auto& got = std::get<core::event::LicenseReceived>(event);
    EXPECT_EQ(got.license.id, license.id);
    EXPECT_EQ(got.receipt->counted, 1);
    EXPECT_EQ(got.fingerprint.salt_id, "salt-1") << "what the request carried";
}

TEST_F(AnswersTest, a_license_by_a_stranger_is_refused) {
    EXPECT_EQ(problem(answer(SigningKey::generate())), "signature_invalid");
}

TEST_F(AnswersTest, a_license_for_another_device_is_refused) {
    license.device_key = SigningKey::generate().public_key();
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
}

TEST_F(AnswersTest, a_license_for_another_product_is_refused) {
    license.product = "tool";
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
}

TEST_F(AnswersTest, a_receipt_for_another_license_is_refused) {
    receipt.license = licensing::random_id("lic_");
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
}

TEST_F(AnswersTest, a_license_of_another_publisher_is_refused) {
    keys.publisher = license.publisher = receipt.publisher = "other.org";
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
    EXPECT_EQ(problem(renewal()), "signature_invalid") << "without a receipt too";
}

TEST_F(AnswersTest, a_license_under_another_salt_is_refused) {
    license.salt_id = "salt-2";
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
    EXPECT_EQ(problem(renewal()), "signature_invalid");
}

TEST_F(AnswersTest, a_license_under_another_product_key_is_refused) {
    license.key_last5 = receipt.key_last5 = "ABCDE";
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
}

TEST_F(AnswersTest, a_renewal_continues_the_license_that_was_sent_and_no_other) {
    EXPECT_EQ(problem(renewal()), "accepted");
    intent.license_id = licensing::random_id("lic_");
    EXPECT_EQ(problem(renewal()), "signature_invalid") << "another license";
}

TEST_F(AnswersTest, a_renewal_for_another_machine_is_refused) {
    held_machine = licensing::random_id("mch_");
    EXPECT_EQ(problem(renewal()), "signature_invalid");
}

TEST_F(AnswersTest, an_activation_receipt_that_answers_something_else_is_refused) {
    const auto good = receipt;
    const auto refused = [&](const char* what) {
        EXPECT_EQ(problem(answer(signer)), "signature_invalid") << what;
        receipt = good;
    };
    make_release_receipt();
    refused("a release");
    receipt.product = "tool";
    refused("another product");
    receipt.machine = licensing::random_id("mch_");
    refused("another machine");
    receipt.device_key = SigningKey::generate().public_key();
    refused("another device");
    receipt.key_last5 = "ABCDE";
    refused("another product key");
    EXPECT_EQ(problem(answer(signer)), "accepted");
}

TEST_F(AnswersTest, a_receipt_that_counts_more_than_was_allowed_is_refused) {
    intent.max_count = 0;
    EXPECT_EQ(problem(answer(signer)), "signature_invalid");
    receipt.counted = 0;
    receipt.used_before = receipt.used_after;
    EXPECT_EQ(problem(answer(signer)), "accepted");
}

TEST_F(AnswersTest, a_release_receipt_that_answers_something_else_is_refused) {
    EXPECT_EQ(problem(release()), "signature_invalid") << "an activation's receipt";
    make_release_receipt();
    const auto good = receipt;
    const auto refused = [&](const char* what) {
        EXPECT_EQ(problem(release()), "signature_invalid") << what;
        receipt = good;
    };
    receipt.license = licensing::random_id("lic_");
    refused("another license");
    receipt.product = "tool";
    refused("another product");
    receipt.machine = licensing::random_id("mch_");
    refused("another machine");
    receipt.device_key = SigningKey::generate().public_key();
    refused("another device");
    EXPECT_EQ(problem(release()), "accepted");
}

TEST_F(AnswersTest, a_signed_reply_that_makes_no_sense_is_refused) {
    const auto event = understand({{"license", 7}}, keys, expected(), refund);
    EXPECT_EQ(problem(event), "signature_invalid");
}

TEST_F(AnswersTest, an_activation_that_comes_back_later_is_not_called_returned) {
    const auto later = refund_at(true, kNow + Days{30});
    EXPECT_FALSE(later.returned);
    EXPECT_EQ(later.returns_at, kNow + Days{30});
    const auto now = refund_at(true, kNow);
    EXPECT_TRUE(now.returned) << "its lease is over";
    EXPECT_FALSE(now.returns_at);
    const auto never = refund_at(false, std::nullopt);
    EXPECT_FALSE(never.returned);
    EXPECT_FALSE(never.returns_at);
}

TEST(FailureEvent, C7_names_the_numbers_of_a_counting_refusal_once) {
    net::CallFailure failure;
    failure.problem.code = Code::activation_limit_reached;
    failure.final = true;
    failure.used = 10;
    failure.limit = 10;
    const auto event = failure_event(failure);
    EXPECT_TRUE(event.final);
    EXPECT_EQ(event.problem.detail, "10 of 10 activations are used.");
    failure.problem.detail = event.problem.detail;
    EXPECT_EQ(failure_event(failure).problem.detail, event.problem.detail);
}

core::ProductState asking() {
    core::ProductState state;
    state.publisher = "example.org";
    state.product = "suite";
    state.status = core::ProductStatus::initial_grace;
    state.intent.emplace();
    state.intent->idempotency_key = "idk_1";
    return state;
}

core::ProductState after(const core::Event& answer) {
    return core::step(asking(), answer, core::Moment{kNow}, core::Policy{}).state;
}

TEST(ProblemAfter, an_answer_the_row_refused_is_no_success) {
    core::event::LicenseReceived foreign;
    foreign.license.publisher = "other.org";
    foreign.license.product = "suite";
    const auto problem = problem_after(foreign, *asking().intent, after(foreign));
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, Code::signature_invalid);
    EXPECT_NE(problem->detail.find("another product"), std::string::npos) << problem->detail;
}

TEST(ProblemAfter, a_license_in_the_row_is_a_success_and_a_failure_is_its_own) {
    core::event::LicenseReceived ours;
    ours.license.publisher = "example.org";
    ours.license.product = "suite";
    EXPECT_FALSE(problem_after(ours, *asking().intent, after(ours)));
    const core::Event failed = core::event::AttemptFailed{{Code::key_blocked, "", {}}, true, {}};
    EXPECT_EQ(problem_after(failed, *asking().intent, after(failed))->code, Code::key_blocked);
}

TEST(AskedOnce, promises_no_other_try_and_keeps_what_says_more) {
    const auto told = asked_once({Code::keyserver_unreachable, "", {}}, "Run it again.");
    EXPECT_EQ(told.remedy_text(), "Run it again.");
    EXPECT_EQ(asked_once({Code::keyserver_unreachable, "", "Mend it."}, "x").remedy, "Mend it.");
    EXPECT_EQ(asked_once({Code::tls_untrusted, "", {}}, "x").remedy, "");
}

TEST(CallOf, each_intent_has_its_place) {
    core::Intent intent;
    intent.license_id = "lic_x";
    EXPECT_EQ(call_of(intent).path, "/v1/activations");
    intent.kind = core::IntentKind::renew;
    EXPECT_EQ(call_of(intent).path, "/v1/licenses/lic_x/renew");
    intent.kind = core::IntentKind::release;
    EXPECT_EQ(call_of(intent).method, "DELETE");
    EXPECT_EQ(call_of(intent).path, "/v1/licenses/lic_x");
}

}  // namespace
}  // namespace latchkey::daemon
