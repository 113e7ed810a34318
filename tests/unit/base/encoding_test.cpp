#include "base/encoding.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

// RFC 4648, section 10.
TEST(Encoding, base64url_matches_the_rfc_vectors) {
    for (const auto& [plain, encoded] : {std::pair{"", ""},
                                         {"f", "Zg"},
                                         {"fo", "Zm8"},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg"},
                                         {"fooba", "Zm9vYmE"},
                                         {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(base64url(as_bytes(plain)), encoded);
        const auto back = from_base64url(encoded);
        ASSERT_TRUE(back) << encoded;
        EXPECT_EQ(std::string(back->begin(), back->end()), plain);
    }
    EXPECT_EQ(base64url(Bytes{0xfb, 0xff, 0xbf}), "-_-_");
}

TEST(Encoding, base64url_has_one_spelling_only) {
    for (const auto* text : {"Zg==", "Zh", "Zm9", "Z", "Zm9v!", "Zm 9v", "+/+/", "Zm9vYmF"}) {
        const auto decoded = from_base64url(text);
        if (decoded) {
            EXPECT_EQ(base64url(*decoded), text);
        }
    }
    EXPECT_FALSE(from_base64url("Zg=="));
    EXPECT_FALSE(from_base64url("Zh"));  // trailing bits not zero
    EXPECT_FALSE(from_base64url("Z"));
    EXPECT_FALSE(from_base64url("+/+/"));
}

TEST(Encoding, hex_is_lower_case_and_even) {
    EXPECT_EQ(hex(Bytes{0x00, 0xab, 0xff}), "00abff");
    EXPECT_EQ(from_hex("00abff"), (Bytes{0x00, 0xab, 0xff}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0G"));
    EXPECT_FALSE(from_hex("AB"));
}

}  // namespace
}  // namespace latchkey
