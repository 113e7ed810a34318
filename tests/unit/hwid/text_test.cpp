#include "hwid/text.h"

#include <gtest/gtest.h>

#include <random>

#include "base/strict_json.h"
#include "hwid/component.h"

namespace latchkey::hwid {
namespace {

TEST(Text, cleaning_trims_and_keeps_ordinary_text) {
    EXPECT_EQ(clean_text("  Samsung SSD 980 \n"), "Samsung SSD 980");
    EXPECT_EQ(clean_text("Größe 1 µ 漢字"), "Größe 1 µ 漢字");
    EXPECT_EQ(clean_text(""), "");
}

TEST(Text, cleaning_takes_out_what_could_deceive_a_terminal) {
    EXPECT_EQ(clean_text(std::string_view("A\0B\x1b[31mC\x7f", 10)), "AB[31mC");
    EXPECT_EQ(clean_text("A\xe2\x80\xae"
                         "B\xe2\x81\xa6"
                         "C\xef\xbb\xbf"
                         "D\xc2\x85"
                         "E"),
              "ABCDE");
    EXPECT_EQ(clean_text("A\tB\r\nC"), "A B  C");
}

TEST(Text, cleaning_replaces_invalid_utf8_byte_by_byte) {
    EXPECT_EQ(clean_text("A\xff"
                         "B\xc3"),
              "A?B?");
    EXPECT_EQ(clean_text("\xc0\x80"), "??") << "overlong";
    EXPECT_EQ(clean_text("\xed\xa0\x80"), "???") << "surrogate";
    EXPECT_EQ(clean_text("\xf5\x80\x80\x80"), "????") << "above U+10FFFF";
}

TEST(Text, cleaning_caps_at_256_bytes_without_cutting_a_character) {
    EXPECT_EQ(clean_text(std::string(1000, 'x')).size(), kMaxValueBytes);
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "\xe6\xbc\xa2";
    EXPECT_EQ(clean_text(wide).size(), 255u);
}

TEST(Text, random_bytes_become_text_that_json_accepts_and_cleaning_again_changes_nothing) {
    std::mt19937 random(7);
    for (int round = 0; round < 10'000; ++round) {
        std::string raw(random() % 40, '\0');
        for (auto& c : raw) c = static_cast<char>(random());
        const std::string clean = clean_text(raw);
        EXPECT_EQ(clean_text(clean), clean);
        const auto text = json::to_text(json::bj::value(clean));
        ASSERT_TRUE(json::parse_strict(text)) << text;
        EXPECT_EQ(text.find("\\u"), std::string::npos) << text;
    }
}

TEST(Text, folding_and_case_are_ascii_only) {
    EXPECT_EQ(fold_spaces("  Intel(R)   Xeon(R) \t CPU "), "Intel(R) Xeon(R) CPU");
    EXPECT_EQ(fold_spaces("   "), "");
    EXPECT_EQ(lower("ÄBC-9"), "Äbc-9");
    EXPECT_EQ(upper("äbc-9"), "äBC-9");
    EXPECT_TRUE(starts_with_ignoring_case("Model Name: x", "model name"));
    EXPECT_FALSE(starts_with_ignoring_case("Mod", "model"));
}

TEST(Text, splitting_walks_over_every_piece) {
    std::string_view rest = "a\n\nb";
    EXPECT_EQ(take_until(rest, '\n'), "a");
    EXPECT_EQ(take_until(rest, '\n'), "");
    EXPECT_EQ(take_until(rest, '\n'), "b");
    EXPECT_TRUE(rest.empty());
}

TEST(Text, decimal_reads_whole_numbers_only) {
    EXPECT_EQ(decimal(" 16384 "), 16384u);
    for (const auto* text : {"", "-1", "1.5", "12x", "0x10", "99999999999999999999999"}) {
        EXPECT_FALSE(decimal(text)) << text;
    }
}

TEST(Text, hex_bytes_wants_exactly_as_many_digits) {
    const std::array<std::uint8_t, 6> mac{0xa4, 0xbb, 0x6d, 0x12, 0x34, 0x56};
    for (const auto* text :
         {"a4:bb:6d:12:34:56", "A4-BB-6D-12-34-56", "a4bb6d123456", "a4bb.6d12.3456"}) {
        EXPECT_EQ(hex_bytes<6>(text), mac) << text;
    }
    for (const auto* text :
         {"", "a4:bb:6d:12:34", "a4:bb:6d:12:34:5", "a4:bb:6d:12:34:56:78", "g4:bb:6d:12:34:56"}) {
        EXPECT_FALSE(hex_bytes<6>(text)) << text;
    }
}

}  // namespace
}  // namespace latchkey::hwid
