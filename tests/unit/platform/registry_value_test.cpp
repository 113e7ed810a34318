#include "platform/settings/registry_value.h"

#include <gtest/gtest.h>

namespace latchkey::platform {
namespace {

constexpr std::uint32_t kText = 1;
constexpr std::uint32_t kExpanded = 2;
constexpr std::uint32_t kBinary = 3;
constexpr std::uint32_t kNumber = 4;
constexpr std::uint32_t kList = 7;

PolicyData value(std::uint32_t type, const std::vector<std::uint8_t>& bytes) {
    return registry_value(type, bytes);
}

std::vector<std::uint8_t> utf16(std::u16string_view text) {
    std::vector<std::uint8_t> bytes;
    for (const char16_t unit : text) {
        bytes.push_back(static_cast<std::uint8_t>(unit & 0xff));
        bytes.push_back(static_cast<std::uint8_t>(unit >> 8));
    }
    return bytes;
}

const PolicyData kLab = std::string("lab");

TEST(RegistryValue, a_text_ends_with_its_terminator_or_without) {
    EXPECT_EQ(value(kText, {'l', 0, 'a', 0, 'b', 0, 0, 0}), kLab);
    EXPECT_EQ(value(kText, {'l', 0, 'a', 0, 'b', 0}), kLab);
    EXPECT_EQ(value(kText, {'l', 0, 'a', 0, 'b', 0, 0, 0, 0, 0}), kLab);
    EXPECT_EQ(value(kText, {}), PolicyData(std::string()));
    EXPECT_EQ(value(kText, {0, 0}), PolicyData(std::string()));
}

TEST(RegistryValue, what_follows_a_terminator_is_not_dropped_unseen) {
    EXPECT_EQ(value(kText, utf16({u"a\0b\0", 4})), PolicyData(std::string("a\0b", 3)));
}

TEST(RegistryValue, a_text_may_hold_any_character) {
    EXPECT_EQ(value(kText, utf16(u"\u00e4\u20ac\U0001f511\u007f\u0800")),
              PolicyData(std::string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91\x7f\xe0\xa0\x80")));
}

TEST(RegistryValue, half_a_character_is_no_text) {
    const PolicyData odd = OtherData{"REG_SZ, 3 bytes, which is no text"};
    EXPECT_EQ(value(kText, {'l', 0, 'a'}), odd);
    EXPECT_EQ(value(kText, {'l'}), PolicyData(OtherData{"REG_SZ, 1 byte, which is no text"}));
    const PolicyData lone = OtherData{"REG_SZ, 4 bytes, which is no text"};
    EXPECT_EQ(value(kText, {0x3d, 0xd8, 'a', 0}), lone) << "a high surrogate and no low one";
    EXPECT_EQ(value(kText, {0x11, 0xdd, 'a', 0}), lone) << "a low one alone";
    EXPECT_EQ(value(kText, {'a', 0, 0x3d, 0xd8}), lone) << "a high one at the end";
}

TEST(RegistryValue, a_number_has_four_bytes) {
    EXPECT_EQ(value(kNumber, {1, 0, 0, 0}), PolicyData(std::uint32_t{1}));
    EXPECT_EQ(value(kNumber, {0xff, 0xfe, 0xfd, 0xfc}), PolicyData(std::uint32_t{0xfcfdfeff}));
    EXPECT_EQ(value(kNumber, {1, 0, 0}),
              PolicyData(OtherData{"REG_DWORD, 3 bytes, which is no number"}));
    EXPECT_EQ(value(kNumber, {1, 0, 0, 0, 0, 0, 0, 0}),
              PolicyData(OtherData{"REG_DWORD, 8 bytes, which is no number"}));
}

TEST(RegistryValue, a_list_ends_with_two_terminators_or_without) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(value(kList, utf16({u"a\0bc\0\0", 6})), PolicyData(Lines{"a", "bc"}));
    EXPECT_EQ(value(kList, utf16({u"a\0bc", 4})), PolicyData(Lines{"a", "bc"}));
    EXPECT_EQ(value(kList, {}), PolicyData(Lines{}));
}

TEST(RegistryValue, every_other_type_is_named_and_never_shown) {
    EXPECT_EQ(value(kBinary, {'l', 0}), PolicyData(OtherData{"REG_BINARY, 2 bytes"}));
    EXPECT_EQ(value(kExpanded, utf16(u"%TEMP%")), PolicyData(OtherData{"REG_EXPAND_SZ, 12 bytes"}));
    EXPECT_EQ(value(11, {1, 0, 0, 0, 0, 0, 0, 0}), PolicyData(OtherData{"REG_QWORD, 8 bytes"}));
    EXPECT_EQ(value(0, {}), PolicyData(OtherData{"REG_NONE, 0 bytes"}));
    EXPECT_EQ(value(4711, {1}), PolicyData(OtherData{"the unknown type 4711, 1 byte"}));
}

TEST(RegistryValue, has_a_size_that_is_enough_for_everybody) {
    const std::vector<std::uint8_t> large(kMaxPolicyBytes + 2, 'x');
    EXPECT_EQ(value(kText, large),
              PolicyData(OtherData{"REG_SZ, 65538 bytes, which is too large"}));
    EXPECT_EQ(std::get<std::string>(value(kText, utf16(std::u16string(10'000, u'x')))).size(),
              10'000u);
}

}  // namespace
}  // namespace latchkey::platform
