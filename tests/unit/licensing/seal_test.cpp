#include "licensing/seal.h"

#include <gtest/gtest.h>

#include "licensing/concat_kdf.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

SealKey key_of(std::uint8_t byte) { return std::move(*SealKey::from_bytes(Bytes(32, byte))); }

void expect_refused(std::string_view jwe, const SealKey& key) {
    const auto opened = unseal(jwe, key);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::signature_invalid);
}

TEST(Seal, the_key_derivation_is_that_of_RFC_7518_appendix_C) {
    const Bytes z{158, 86, 217, 29,  129, 113, 53,  211, 114, 131, 66,  131, 191, 132, 38,  156,
                  251, 49, 110, 163, 218, 128, 106, 72,  246, 218, 167, 121, 140, 254, 144, 196};
    EXPECT_EQ(base64url(concat_kdf(z, "A128GCM", "Alice", "Bob", 16)), "VqqN6vgjbSBcIijNcacQGg");
    EXPECT_EQ(concat_kdf(z, "A256GCM", "", "", 32).size(), 32u);
    EXPECT_NE(concat_kdf(z, "A256GCM", "a", "", 32), concat_kdf(z, "A256GCM", "", "a", 32));
}

TEST(Seal, the_public_key_is_that_of_RFC_7748) {
    // RFC 7748, section 6.1.
    const auto bob = SealKey::from_bytes(
        *from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    EXPECT_EQ(hex(bob->public_key()),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST(Seal, what_was_sealed_opens_with_the_recipients_key_only) {
    const auto key = SealKey::generate();
    for (const std::string& text : {std::string(), std::string("hello"), std::string("\0\xff", 2),
                                    std::string(40'000, 'x')}) {
        const auto jwe = seal(key.public_key(), "kid-1", text);
        EXPECT_EQ(claimed_seal_key_id(jwe), "kid-1");
        const auto opened = unseal(jwe, key);
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(*opened, text);
        expect_refused(jwe, SealKey::generate());
    }
}

TEST(Seal, no_two_sealings_are_alike) {
    const auto key = key_of(1);
    const auto a = seal(key.public_key(), "k", "same text");
    const auto b = seal(key.public_key(), "k", "same text");
    EXPECT_NE(a, b);
    EXPECT_NE(a.substr(0, a.find('.')), b.substr(0, b.find('.')));
    EXPECT_EQ(a.find("same text"), std::string::npos);
}

TEST(Seal, every_damaged_byte_and_every_truncation_is_refused) {
    const auto key = key_of(1);
    const auto jwe = seal(key.public_key(), "k", "{\"product\":\"x\"}");
    std::size_t tried = 0;
    const auto accepted = first_damage_accepted(
        jwe, [&](const std::string& text) { return unseal(text, key).has_value(); }, &tried,
        Flips::every_bit);
    EXPECT_EQ(accepted, "");
    EXPECT_GT(tried, jwe.size() * 10);
}

TEST(Seal, only_this_one_form_is_read) {
    const auto key = key_of(1);
    const auto jwe = seal(key.public_key(), "k", "text");
    const auto dot = jwe.find('.');
    const auto with_header = [&](const std::string& header) {
        return base64url(as_bytes(header)) + jwe.substr(dot);
    };
    const std::string point = to_text(key_of(2).public_key());
    const std::string epk = R"("epk":{"kty":"OKP","crv":"X25519","x":")" + point + "\"}";
    const std::string rest = R"(,"enc":"A256GCM","kid":"k",)";
    for (const auto& header : {
             R"({"alg":"ECDH-ES+A256KW")" + rest + epk + "}",
             R"({"alg":"dir")" + rest + epk + "}",
             R"({"alg":"ECDH-ES","enc":"A128GCM","kid":"k",)" + epk + "}",
             R"({"alg":"ECDH-ES")" + rest + epk + R"(,"zip":"DEF"})",
             R"({"alg":"ECDH-ES")" + rest + epk + R"(,"apu":"QQ"})",
             R"({"alg":"ECDH-ES")" + rest + epk + R"(,"crit":[]})",
             R"({"alg":"ECDH-ES")" + rest + R"("epk":{"kty":"EC","crv":"X25519","x":")" + point +
                 "\"}}",
             R"({"alg":"ECDH-ES")" + rest + R"("epk":{"kty":"OKP","crv":"X448","x":")" + point +
                 "\"}}",
             R"({"alg":"ECDH-ES")" + rest + R"("epk":{"kty":"OKP","crv":"X25519","x":"AA"}})",
             R"({"alg":"ECDH-ES")" + rest + R"("epk":{"kty":"OKP","crv":"X25519","x":")" + point +
                 R"(","d":"x"}})",
             R"({"alg":"ECDH-ES")" + rest + R"("epk":[]})",
             R"({"alg":"ECDH-ES","enc":"A256GCM",)" + epk + "}",
             std::string("[]"),
             std::string(""),
         }) {
        expect_refused(with_header(header), key);
        EXPECT_EQ(claimed_seal_key_id(with_header(header)), "");
    }
    expect_refused(jwe.substr(0, dot) + ".AAAA" + jwe.substr(dot + 1), key);
    for (const auto* text : {"", "....", "a.b.c.d.e", ".....", "a"}) {
        expect_refused(text, key);
        EXPECT_EQ(claimed_seal_key_id(text), "");
    }
    expect_refused(std::string(200'000, 'A'), key);
    expect_refused(std::string(513, 'A') + jwe.substr(dot), key);
    expect_refused(jwe.substr(0, dot) + "..AAAA." + std::string(10, 'A') + ".AAAA", key);
}

TEST(Seal, points_of_small_order_are_refused_on_both_sides) {
    const auto key = key_of(1);
    for (const auto* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                              "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        const auto bytes = *from_hex(point);
        PublicKey small{};
        std::copy(bytes.begin(), bytes.end(), small.begin());
        EXPECT_FALSE(usable_seal_key(small)) << point;
        const auto jwe = seal(key.public_key(), "k", "text");
        const std::string header = R"({"alg":"ECDH-ES","enc":"A256GCM","kid":"k","epk":{)"
                                   R"("kty":"OKP","crv":"X25519","x":")" +
                                   to_text(small) + "\"}}";
        const auto opened = unseal(base64url(as_bytes(header)) + jwe.substr(jwe.find('.')), key);
        ASSERT_FALSE(opened);
        EXPECT_NE(opened.error().detail.find("small order"), std::string::npos);
    }
    EXPECT_TRUE(usable_seal_key(key.public_key()));
}

TEST(Seal, keys_have_their_length_and_their_name) {
    EXPECT_FALSE(SealKey::from_bytes(Bytes(31)));
    EXPECT_FALSE(SealKey::from_bytes(Bytes(33)));
    auto key = key_of(1);
    EXPECT_EQ(key.bytes(), Bytes(32, 1));
    EXPECT_EQ(seal_key_id(key.public_key()).size(), 43u);
    EXPECT_NE(seal_key_id(key.public_key()), key_id(key.public_key()));
    auto moved = std::move(key);
    EXPECT_EQ(key.bytes(), Bytes(32, 0));  // NOLINT(bugprone-use-after-move): that is the point
    key = std::move(moved);
    EXPECT_EQ(key.bytes(), Bytes(32, 1));
    EXPECT_EQ(moved.bytes(), Bytes(32, 0));
    auto& same = key;
    key = std::move(same);
    EXPECT_EQ(key.bytes(), Bytes(32, 1));
}

}  // namespace
}  // namespace latchkey::licensing
