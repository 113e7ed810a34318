#include "platform/hardware/firmware_table.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/answer_bytes.h"

namespace latchkey::platform {
namespace {

AnswerBytes header(std::uint32_t length) {
    return AnswerBytes().byte(0).byte(3).byte(2).byte(0x27).dword(length);
}

TEST(FirmwareTable, stands_behind_eight_bytes_that_name_its_version) {
    const auto got = firmware_table_of(header(3).text("abc").bytes());
    ASSERT_TRUE(got);
    EXPECT_EQ(got->table, (hwid::RawBytes{'a', 'b', 'c'}));
    EXPECT_EQ(got->version, (hwid::SmbiosVersion{3, 2, 0})) << "the DMI revision is no part of it";
}

TEST(FirmwareTable, ends_where_its_header_says_or_its_bytes_end) {
    EXPECT_EQ(firmware_table_of(header(3).text("abcd").bytes())->table.size(), 3u);
    EXPECT_EQ(firmware_table_of(header(400).text("abc").bytes())->table.size(), 3u);
}

TEST(FirmwareTable, of_nothing_is_none) {
    EXPECT_FALSE(firmware_table_of({}));
    EXPECT_FALSE(firmware_table_of(header(3).bytes())) << "no table behind the header";
    EXPECT_FALSE(firmware_table_of(header(0).text("abc").bytes()));
    EXPECT_FALSE(firmware_table_of(header(0xffffffff).text("abc").bytes())) << "a nonsense length";
    const auto whole = header(3).text("abc").bytes();
    for (std::size_t size = 0; size <= 8; ++size)
        EXPECT_FALSE(firmware_table_of(std::span(whole).first(size))) << size;
}

}  // namespace
}  // namespace latchkey::platform
