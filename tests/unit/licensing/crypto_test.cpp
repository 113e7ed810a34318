#include "licensing/crypto.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::licensing {
namespace {

// The key pair of RFC 8037, appendix A.1.
constexpr std::string_view kSeed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr std::string_view kPublic = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

SigningKey rfc8037_key() { return std::move(*SigningKey::from_seed(*from_base64url(kSeed))); }

TEST(Crypto, sha256_is_that_of_FIPS_180) {
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Crypto, hmac_is_that_of_RFC_4231) {
    EXPECT_EQ(hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, the_key_pair_and_thumbprint_are_those_of_RFC_8037) {
    const auto key = rfc8037_key();
    EXPECT_EQ(to_text(key.public_key()), kPublic);
    EXPECT_EQ(base64url(key.seed()), kSeed);
    EXPECT_EQ(key_id(key.public_key()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Crypto, the_signature_is_that_of_RFC_8037) {
    constexpr std::string_view kInput = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    constexpr std::string_view kSignature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    const auto key = rfc8037_key();
    EXPECT_EQ(base64url(key.sign(as_bytes(kInput))), kSignature);
    EXPECT_TRUE(verify_ed25519(key.public_key(), as_bytes(kInput), *from_base64url(kSignature)));
}

TEST(Crypto, a_signature_of_another_length_text_or_key_does_not_verify) {
    const auto key = SigningKey::generate();
    const auto signature = key.sign(as_bytes("text"));
    EXPECT_TRUE(verify_ed25519(key.public_key(), as_bytes("text"), signature));
    EXPECT_FALSE(verify_ed25519(key.public_key(), as_bytes("texT"), signature));
    EXPECT_FALSE(verify_ed25519(key.public_key(), as_bytes(""), signature));
    EXPECT_FALSE(verify_ed25519(SigningKey::generate().public_key(), as_bytes("text"), signature));
    Bytes longer(signature.begin(), signature.end());
    longer.push_back(0);
    EXPECT_FALSE(verify_ed25519(key.public_key(), as_bytes("text"), longer));
    EXPECT_FALSE(verify_ed25519(key.public_key(), as_bytes("text"), {}));
}

TEST(Crypto, a_key_of_another_length_is_none) {
    EXPECT_FALSE(SigningKey::from_seed(Bytes(31)));
    EXPECT_FALSE(SigningKey::from_seed(Bytes(33)));
    EXPECT_FALSE(SigningKey::from_seed({}));
}

TEST(Crypto, a_moved_key_signs_and_leaves_no_seed_behind) {
    auto first = rfc8037_key();
    auto second = std::move(first);
    EXPECT_EQ(base64url(second.seed()), kSeed);
    EXPECT_TRUE(first.seed().empty());  // NOLINT(bugprone-use-after-move): that is the point
    auto third = SigningKey::generate();
    third = std::move(second);
    EXPECT_EQ(base64url(third.seed()), kSeed);
    EXPECT_TRUE(second.seed().empty());
    auto& same = third;
    third = std::move(same);
    EXPECT_EQ(base64url(third.seed()), kSeed);
}

TEST(Crypto, public_keys_have_one_spelling) {
    const auto key = public_key_from_text(kPublic);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_text(*key), kPublic);
    const std::string text(kPublic);
    EXPECT_FALSE(public_key_from_text(""));
    EXPECT_FALSE(public_key_from_text(text + "="));
    EXPECT_FALSE(public_key_from_text(text.substr(1)));
    EXPECT_FALSE(public_key_from_text(text + "A"));
    EXPECT_FALSE(public_key_from_text(text.substr(0, 42) + "p"));  // non-zero trailing bits
    EXPECT_FALSE(public_key_from_text(text.substr(0, 42) + "+"));
}

TEST(Crypto, secrets_compare_equal_only_when_they_are) {
    EXPECT_TRUE(equal_secret({}, {}));
    EXPECT_TRUE(equal_secret(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_secret(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_secret(as_bytes("abc"), as_bytes("ab")));
}

TEST(Crypto, wiping_leaves_zeros_or_nothing) {
    Bytes bytes{1, 2, 3};
    wipe(bytes);
    EXPECT_EQ(bytes, Bytes(3, 0));
    std::string text = "secret";
    wipe(text);
    EXPECT_TRUE(text.empty());
    wipe(text);
}

TEST(Crypto, random_ids_carry_their_prefix_and_do_not_repeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto id = random_id("rcp_");
        EXPECT_EQ(id.size(), 26u);
        EXPECT_TRUE(id.starts_with("rcp_"));
        seen.insert(id);
    }
    EXPECT_EQ(seen.size(), 1000u);
    EXPECT_EQ(random_bytes(0).size(), 0u);
    EXPECT_EQ(random_bytes(24).size(), 24u);
}

TEST(Crypto, digests_are_keyed_by_salt_kind_and_value) {
    const auto digest = keyed_digest(Bytes(32, 7));
    const auto other = keyed_digest(Bytes(32, 8));
    const auto disk = digest("disk", "S5GX1");
    EXPECT_EQ(digest("disk", "S5GX1"), disk);
    EXPECT_NE(other("disk", "S5GX1"), disk);
    EXPECT_NE(digest("nic", "S5GX1"), disk);
    EXPECT_NE(digest("disk", "S5GX2"), disk);
    // A kind and a value cannot be cut in another place.
    EXPECT_NE(digest("dis", "kS5GX1"), disk);
}

}  // namespace
}  // namespace latchkey::licensing
