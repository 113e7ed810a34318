// The key server's half of a proof by TPM. That a real TPM agrees: tests/unit/platform.

#include "licensing/tpm_credential.h"

#include <gtest/gtest.h>

#include "tests/fakes/soft_tpm.h"

namespace latchkey::licensing {
namespace {

using fakes::SoftTpm;

SoftTpm& tpm() {
    static SoftTpm one;
    return one;
}

TpmChallengeReply challenge(const Bytes& name, std::span<const std::uint8_t> secret) {
    const auto key = parse_endorsement_key(tpm().ek_public()).value();
    auto made = make_tpm_credential(key, name, secret).value();
    return {{}, {}, std::move(made.blob), std::move(made.encrypted_secret)};
}

TEST(TpmCredential, opens_for_the_key_of_that_name_alone) {
    const auto name = tpm_name(tpm().ak_public());
    const auto secret = sha256("secret");
    const auto sealed = challenge(name, secret);
    EXPECT_EQ(tpm().open(sealed, name), Bytes(secret.begin(), secret.end()));
    auto other = name;
    other.back() ^= 1;
    EXPECT_FALSE(tpm().open(sealed, other));
}

TEST(TpmCredential, is_another_each_time) {
    const auto name = tpm_name(tpm().ak_public());
    const auto secret = sha256("secret");
    const auto one = challenge(name, secret), two = challenge(name, secret);
    EXPECT_NE(one.credential_blob, two.credential_blob);
    EXPECT_NE(one.encrypted_secret, two.encrypted_secret);
}

TEST(TpmSignature, is_verified_by_its_key_over_its_statement) {
    const auto key = parse_attestation_key(tpm().ak_public()).value();
    const Bytes statement{1, 2, 3};
    const auto signature = tpm().sign(statement);
    EXPECT_TRUE(verify_tpm_signature(key, statement, signature));
    EXPECT_FALSE(verify_tpm_signature(key, Bytes{1, 2, 4}, signature));
    EXPECT_FALSE(verify_tpm_signature(key, statement, Bytes(64)));
    EXPECT_FALSE(verify_tpm_signature(key, statement, Bytes(64, 0xff)));
    EXPECT_FALSE(verify_tpm_signature(key, statement, std::span(signature).first(63)));
}

TEST(TpmSignature, of_a_point_off_the_curve_is_none) {
    auto key = parse_attestation_key(tpm().ak_public()).value();
    const Bytes statement{1, 2, 3};
    key.y.back() ^= 1;
    EXPECT_FALSE(verify_tpm_signature(key, statement, tpm().sign(statement)));
    EXPECT_FALSE(verify_tpm_signature({}, statement, tpm().sign(statement)));
}

TEST(TpmDerivations, differ_by_all_they_are_made_of) {
    const PublicKey device{1}, other{2};
    const Bytes nonce{1, 2}, longer{1, 2, 1};
    EXPECT_NE(tpm_qualifying_data(nonce, device), tpm_qualifying_data(nonce, other));
    EXPECT_NE(tpm_qualifying_data(nonce, device), tpm_qualifying_data(longer, device));
    EXPECT_NE(tpm_label("acme"), tpm_label("contoso"));
    const auto key = tpm().ek_public();
    EXPECT_NE(endorsement_evidence(key, {1}), endorsement_evidence(key, {2}));
    EXPECT_EQ(endorsement_evidence(key, {1}), endorsement_evidence(key, {1}));
}

}  // namespace
}  // namespace latchkey::licensing
