// Structures of a TPM as bytes: one form each, and nothing else.

#include "licensing/tpm_structures.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::licensing {
namespace {

Bytes sized(std::string_view hexadecimal) {
    Bytes bytes = from_hex(hexadecimal).value();
    const auto size = bytes.size();
    bytes.insert(bytes.begin(),
                 {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    return bytes;
}

std::string repeated(std::string_view byte, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += byte;
    return text;
}

Bytes endorsement_key() {
    return sized(
        "0001000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
        "00060080004300100800000000000100" +
        repeated("c3", 256));
}

std::string attestation_key_with(const std::string& x, const std::string& y) {
    return "0023000b00050472000000100018000b00030010" + x + y;
}

Bytes attestation_key() {
    return sized(attestation_key_with("0020" + repeated("11", 32), "0020" + repeated("22", 32)));
}

Bytes quote() {
    return from_hex("ff54434780180022000b" + repeated("33", 32) + "0020" + repeated("44", 32) +
                    "00000000000003e8000000010000000201" + "2020102100120000" + "00000000" +
                    "0020" + repeated("55", 32))
        .value();
}

/// Every byte changed that `may_differ` does not name, every length but the right one.
template <class Parse>
void expect_one_form(const Bytes& whole, Parse parse, bool (*may_differ)(std::size_t)) {
    ASSERT_TRUE(parse(whole)) << parse(whole).error().detail;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto bent = whole;
        bent[at] ^= 0x40;
        const auto got = parse(bent);
        EXPECT_EQ(got.has_value(), may_differ(at)) << at;
        if (!got) {
            EXPECT_EQ(got.error().code, Code::request_invalid);
        }
        EXPECT_FALSE(parse(std::span(whole).first(at))) << at;
    }
    auto longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(parse(longer));
}

TEST(TpmStructures, an_endorsement_key_is_of_the_profiles_template_but_for_its_modulus) {
    expect_one_form(endorsement_key(), parse_endorsement_key,
                    [](std::size_t at) { return at >= 60; });
    EXPECT_EQ(parse_endorsement_key(endorsement_key())->modulus.back(), 0xc3);
}

TEST(TpmStructures, a_modulus_that_no_such_key_can_have_is_refused) {
    auto even = endorsement_key();
    even.back() = 2;
    EXPECT_FALSE(parse_endorsement_key(even));
    auto small = endorsement_key();
    small[60] = 0x7f;
    EXPECT_FALSE(parse_endorsement_key(small));
}

TEST(TpmStructures, an_attestation_key_signs_for_its_tpm_alone_or_is_refused) {
    expect_one_form(attestation_key(), parse_attestation_key, [](std::size_t at) {
        const bool x = at >= 24 && at < 56;
        return x || at >= 58;
    });
    const auto key = parse_attestation_key(attestation_key());
    EXPECT_EQ(key->x.front(), 0x11);
    EXPECT_EQ(key->y.back(), 0x22);
    // Each attribute by itself; first of all `restricted`, without which it signs whatever it is
    // given.
    for (int bit = 0; bit < 32; ++bit) {
        auto bent = attestation_key();
        bent[6 + static_cast<std::size_t>(3 - bit / 8)] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(parse_attestation_key(bent)) << bit;
    }
}

TEST(TpmStructures, leading_zeros_of_a_coordinate_may_be_left_out) {
    const auto key = parse_attestation_key(
        sized(attestation_key_with("001f" + repeated("11", 31), "0020" + repeated("22", 32))));
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->x.front(), 0);
    EXPECT_EQ(key->x[1], 0x11);
    EXPECT_FALSE(parse_attestation_key(
        sized(attestation_key_with("0021" + repeated("11", 33), "0020" + repeated("22", 32)))));
    EXPECT_FALSE(
        parse_attestation_key(sized(attestation_key_with("0000", "0020" + repeated("22", 32)))));
}

TEST(TpmStructures, a_quote_is_a_quote_over_no_pcrs) {
    expect_one_form(quote(), parse_tpm_quote, [](std::size_t at) {
        const bool signer = at >= 8 && at < 42;
        const bool extra = at >= 44 && at < 76;
        const bool clock_and_firmware = at >= 76 && at < 101;
        return signer || extra || clock_and_firmware || at >= 107;
    });
    const auto got = parse_tpm_quote(quote());
    EXPECT_EQ(got->signer.size(), 34u);
    EXPECT_EQ(got->extra, Bytes(32, 0x44));
}

}  // namespace
}  // namespace latchkey::licensing
