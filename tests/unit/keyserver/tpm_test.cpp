// A TPM's proof as the key server hears it. A wrong one refuses nothing and proves nothing.

#include <gtest/gtest.h>

#include "keyserver/decisions/tpm.h"
#include "tests/fakes/soft_tpm.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using fakes::day;
using fakes::SoftTpm;
using licensing::Continuity;
using licensing::TpmProof;

/// One that takes no part in what a test bends; making its keys takes a while.
SoftTpm& another_tpm() {
    static SoftTpm tpm;
    return tpm;
}

class Tpm : public ::testing::Test {
protected:
    Tpm() {
        key = server.sell("ai-cloud", 5);
        machine.tpm = tpm.ek_public();
    }

    licensing::TpmChallengeReply challenge(TestDevice& device, const Bytes& ek, const Bytes& ak) {
        const auto told = device.send(device.request(
            "POST", std::string(licensing::kTpmChallengePath),
            json::to_text(licensing::to_json(licensing::TpmChallengeRequest{"editor", ek, ak})),
            id()));
        EXPECT_EQ(told.status, 200) << told.code;
        return licensing::tpm_challenge_reply_from_json(told.body).value();
    }
    licensing::TpmChallengeReply challenge(TestDevice& device) {
        return challenge(device, tpm.ek_public(), tpm.ak_public());
    }
    TpmProof proof(TestDevice& device) { return tpm.answer(challenge(device), device.key()); }

    licensing::ActivationRequest message(TestDevice& device, std::optional<TpmProof> proof) {
        const auto text = device.activation_message(key, machine, 1);
        auto request =
            licensing::activation_request_from_json(json::parse_strict(text).value()).value();
        request.tpm = std::move(proof);
        return request;
    }
    Told activate(TestDevice& device, std::optional<TpmProof> proof = {}) {
        return send(device, message(device, std::move(proof)));
    }
    Told send(TestDevice& device, const licensing::ActivationRequest& request) {
        return device.send(device.request("POST", "/v1/activations",
                                          json::to_text(licensing::to_json(request)), id()));
    }
    /// Nothing but the hardware is known of an installation; it has a device key of its own.
    void activate_anew(int times) {
        for (int i = 0; i < times; ++i) {
            TestDevice device(server);
            ASSERT_EQ(activate(device).status, 201);
        }
    }
    TpmWord judged(TestDevice& device, TpmProof proof) {
        return judge_tpm(server.room(), message(device, std::move(proof)), device.key(),
                         as_server(server.clock.wall()), Policy{}.tpm_proof_kept);
    }
    std::string id() { return "idk_" + std::to_string(++ids_); }

    TestServer server;
    SoftTpm tpm;
    Hardware machine;
    std::string key;

private:
    int ids_ = 0;
};

TEST_F(Tpm, proves_a_reimaged_machine_as_often_as_it_is_reimaged) {
    activate_anew(4);
    TestDevice unproven(server);
    EXPECT_EQ(activate(unproven).code, "needs_admin");
    for (int reimage = 0; reimage < 5; ++reimage) {
        TestDevice device(server);
        ASSERT_EQ(activate(device, proof(device)).status, 201);
        ASSERT_TRUE(device.receipt);
        EXPECT_EQ(device.receipt->counted, 0);
        EXPECT_EQ(device.receipt->continuity, Continuity::tpm);
    }
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(activate(unproven).code, "needs_admin") << "it gives nobody else an allowance";
}

TEST_F(Tpm, has_the_record_follow_the_machine_through_its_upgrades) {
    activate_anew(1);
    const auto bought = machine;
    machine.card = "00:15:17:77:88:02";
    machine.disk = "S5GXNX0T777777";
    TestDevice upgraded(server);
    activate(upgraded, proof(upgraded));
    ASSERT_TRUE(upgraded.receipt);
    EXPECT_EQ(upgraded.receipt->continuity, Continuity::tpm);
    machine.tpm = {};
    machine.uuid = machine.board = {};
    machine.mac = {};
    TestDevice later(server);
    activate(later);
    ASSERT_TRUE(later.receipt);
    EXPECT_EQ(later.receipt->machine, upgraded.receipt->machine)
        << "card and disk are the record's now";
}

TEST_F(Tpm, may_answer_in_a_request_that_waited_and_not_in_one_that_waited_too_long) {
    activate_anew(1);
    TestDevice device(server);
    const auto given = proof(device);
    server.clock += day;
    EXPECT_TRUE(judged(device, given).proven);
    server.clock += fakes::minute;
    EXPECT_EQ(judged(device, given).remark, "The TPM's proof does not hold: it is too old.");
}

TEST_F(Tpm, that_is_foreign_to_the_fingerprint_proves_nothing) {
    activate_anew(1);
    TestDevice thief(server);
    auto& own = another_tpm();
    const auto by_own = own.answer(challenge(thief, own.ek_public(), own.ak_public()), thief.key());
    const auto told = activate(thief, by_own);
    EXPECT_EQ(told.status, 201) << "and refuses nothing";
    ASSERT_TRUE(thief.receipt);
    EXPECT_EQ(thief.receipt->continuity, Continuity::digests);
    EXPECT_EQ(thief.receipt->reasons.back(),
              "The TPM's proof does not hold: the TPM that answered is not the one this machine "
              "shows.");
}

TEST_F(Tpm, beside_a_second_one_proves_nothing) {
    TestDevice device(server);
    auto two = machine;
    two.tpm = another_tpm().ek_public();
    hwid::Evidence second{hwid::Kind::tpm_ek};
    for (const auto& evidence : two.seen_under(server.room().publisher()).evidence)
        if (evidence.kind == hwid::Kind::tpm_ek) second = evidence;
    const auto now = as_server(server.clock.wall());
    for (const bool first : {true, false}) {
        auto request = message(device, proof(device));
        auto& evidence = request.fingerprint.evidence;
        evidence.insert(first ? evidence.begin() : evidence.end(), second);
        EXPECT_FALSE(judge_tpm(server.room(), request, device.key(), now, day).proven) << first;
    }
}

TEST_F(Tpm, proves_for_the_device_key_that_asked_and_for_no_other) {
    TestDevice device(server), thief(server);
    const auto asked = challenge(device);
    const auto given = tpm.answer(asked, device.key());
    EXPECT_TRUE(judged(device, given).proven);
    EXPECT_FALSE(judged(thief, given).proven) << "what was seen on its way";
    auto signed_anew = given;
    signed_anew.quote = tpm.quote(licensing::tpm_qualifying_data(asked.nonce, thief.key()));
    signed_anew.signature = tpm.sign(signed_anew.quote);
    EXPECT_FALSE(judged(thief, signed_anew).proven) << "even where its TPM signs along";
}

TEST_F(Tpm, with_any_part_of_it_bent_proves_nothing) {
    TestDevice device(server);
    const auto whole = proof(device);
    ASSERT_TRUE(judged(device, whole).proven);
    const auto flipped_everywhere = [&](const char* what, Bytes TpmProof::*part) {
        for (std::size_t byte = 0; byte < (whole.*part).size(); ++byte)
            for (int bit = 0; bit < 8; bit += 3) {
                auto bent = whole;
                (bent.*part)[byte] ^= static_cast<std::uint8_t>(1 << bit);
                ASSERT_FALSE(judged(device, bent).proven) << what << ' ' << byte << ' ' << bit;
            }
        auto bent = whole;
        (bent.*part).pop_back();
        EXPECT_FALSE(judged(device, bent).proven) << what << " cut short";
        bent = whole;
        (bent.*part).push_back(0);
        EXPECT_FALSE(judged(device, bent).proven) << what << " with more behind it";
        bent = whole;
        (bent.*part).clear();
        EXPECT_FALSE(judged(device, bent).proven) << what << " left out";
    };
    flipped_everywhere("endorsement key", &TpmProof::ek_public);
    flipped_everywhere("attestation key", &TpmProof::ak_public);
    flipped_everywhere("secret", &TpmProof::secret);
    flipped_everywhere("quote", &TpmProof::quote);
    flipped_everywhere("signature", &TpmProof::signature);
    auto bent = whole;
    bent.issued_at += Duration{1};
    EXPECT_FALSE(judged(device, bent).proven) << "another time than the challenge's";
    bent.issued_at += day;
    EXPECT_FALSE(judged(device, bent).proven) << "a time to come";
}

TEST_F(Tpm, whose_key_signed_something_else_than_a_quote_proves_nothing) {
    TestDevice device(server);
    const auto whole = proof(device);
    const auto signed_instead = [&](std::size_t at, std::uint8_t byte) {
        auto forged = whole;
        forged.quote.at(at) = byte;
        forged.signature = tpm.sign(forged.quote);
        return judged(device, forged);
    };
    EXPECT_TRUE(signed_instead(80, 9).proven) << "the TPM's clock may say anything";
    EXPECT_FALSE(signed_instead(0, 0).proven) << "not generated by a TPM";
    EXPECT_FALSE(signed_instead(5, 0x17).proven) << "a certification";
    EXPECT_FALSE(signed_instead(20, 1).proven) << "another signer";
    EXPECT_FALSE(signed_instead(50, 1).proven) << "another question";
    EXPECT_FALSE(signed_instead(104, 1).proven) << "over PCRs";
}

TEST_F(Tpm, with_another_attestation_key_than_the_credentials_proves_nothing) {
    TestDevice device(server);
    auto& other = another_tpm();
    const auto asked = challenge(device);
    auto forged = tpm.answer(asked, device.key());
    forged.ak_public = other.ak_public();
    forged.quote = other.quote(licensing::tpm_qualifying_data(asked.nonce, device.key()));
    forged.signature = other.sign(forged.quote);
    EXPECT_EQ(judged(device, forged).remark,
              "The TPM's proof does not hold: the TPM did not open this key server's challenge.");
}

TEST_F(Tpm, opens_no_challenge_of_another_tpm) {
    TestDevice device(server);
    auto& other = another_tpm();
    const auto asked = challenge(device, tpm.ek_public(), other.ak_public());
    EXPECT_FALSE(other.open(asked, licensing::tpm_name(other.ak_public())));
    EXPECT_FALSE(tpm.open(asked, licensing::tpm_name(tpm.ak_public())))
        << "nor for another key than the named one";
    EXPECT_TRUE(tpm.open(asked, licensing::tpm_name(other.ak_public())));
}

TEST_F(Tpm, is_asked_by_keys_of_the_one_form_alone) {
    TestDevice device(server);
    for (const bool bend_ek : {true, false}) {
        licensing::TpmChallengeRequest request{"editor", tpm.ek_public(), tpm.ak_public()};
        (bend_ek ? request.ek_public : request.ak_public).at(9) ^= 1;  // an attribute
        const auto told =
            device.send(device.request("POST", std::string(licensing::kTpmChallengePath),
                                       json::to_text(licensing::to_json(request)), id()));
        EXPECT_EQ(told.code, "request_invalid");
    }
}

TEST_F(Tpm, that_gave_no_proof_has_its_reason_in_the_receipt) {
    TestDevice device(server);
    auto request = message(device, {});
    request.tpm_unproven = "hierarchy_locked";
    EXPECT_EQ(send(device, request).status, 201);
    ASSERT_TRUE(device.receipt);
    EXPECT_EQ(device.receipt->reasons.back(),
              "The TPM gave no proof: somebody set a password on the TPM's endorsement hierarchy.");
}

TEST_F(Tpm, proof_that_cannot_be_read_refuses_nothing) {
    TestDevice device(server);
    auto body = licensing::to_json(message(device, proof(device)));
    body.at("tpm").as_object()["secret"] = 7;
    EXPECT_EQ(
        device.send(device.request("POST", "/v1/activations", json::to_text(body), id())).status,
        201);
    ASSERT_TRUE(device.receipt);
    EXPECT_EQ(device.receipt->reasons.back(),
              "The TPM gave no proof: what was sent as a proof cannot be read.");
}

TEST_F(Tpm, proof_counts_in_a_preview_as_it_will_in_the_activation) {
    activate_anew(4);
    TestDevice device(server);
    const auto ahead = [&](std::optional<TpmProof> proof) {
        const auto told = device.send(device.request(
            "POST", "/v1/activations/preview",
            json::to_text(licensing::to_json(message(device, std::move(proof)))), id()));
        return std::string(told["refusal"].as_string());
    };
    EXPECT_EQ(ahead({}), "needs_admin");
    EXPECT_EQ(ahead(proof(device)), "");
}

}  // namespace
}  // namespace latchkey::keyserver
