// Entries of the journal, as a journal gets them.

#include "platform/service/system_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "platform/service/system_log_linux.h"
#include "platform/socket_address_posix.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

std::string bytes(std::initializer_list<LogField> fields, std::string_view message = "said") {
    return journal_datagram(LogPriority::warning, message, fields);
}

TEST(SystemLog, an_entry_is_a_line_for_each_field) {
    EXPECT_EQ(bytes({{"LATCHKEY_PRODUCT", "editor"}, {"LATCHKEY_EVENT", "activated"}}),
              "MESSAGE=said\nPRIORITY=4\nLATCHKEY_PRODUCT=editor\nLATCHKEY_EVENT=activated\n");
}

TEST(SystemLog, a_value_with_a_line_break_cannot_add_a_field) {
    EXPECT_EQ(bytes({{"LATCHKEY_PRODUCT", "a\nPRIORITY=0"}}),
              std::string("MESSAGE=said\nPRIORITY=4\nLATCHKEY_PRODUCT\n\x0c\0\0\0\0\0\0\0"
                          "a\nPRIORITY=0\n",
                          62));
    EXPECT_EQ(bytes({}, "a\nb"), std::string("MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=4\n", 31));
}

TEST(SystemLog, what_is_no_field_name_is_left_out) {
    EXPECT_EQ(bytes({{"", "x"},
                     {"lower", "x"},
                     {"_TRUSTED", "x"},
                     {"A=B", "x"},
                     {std::string(65, 'A'), "x"}}),
              bytes({}));
}

TEST(SystemLog, an_entry_arrives_as_one_datagram) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "journal";
    const UniqueFd listener(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto at = socket_address(path.string(), false);
    ASSERT_EQ(::bind(listener.get(), at->get(), at->size), 0);
    Journal journal(path.string());
    EXPECT_TRUE(journal.write(LogPriority::info, "ready", {}));
    std::string got(100, '\0');
    const auto size = ::recv(listener.get(), got.data(), got.size(), MSG_DONTWAIT);
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    EXPECT_EQ(got, "MESSAGE=ready\nPRIORITY=6\n");
}

TEST(SystemLog, a_journal_that_is_away_is_said_and_nothing_waits) {
    Journal journal("/nonexistent/journal");
    EXPECT_FALSE(journal.write(LogPriority::info, "ready", {}));
}

TEST(SystemLog, only_the_stream_that_the_manager_made_is_the_journals) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "stderr";
    std::ofstream(path) << "x";
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat seen {};
    ASSERT_EQ(::fstat(file.get(), &seen), 0);
    const auto name = std::to_string(seen.st_dev) + ":" + std::to_string(seen.st_ino);
    EXPECT_TRUE(is_journal_stream(file.get(), name));
    EXPECT_FALSE(is_journal_stream(file.get(), name + "1"));
    EXPECT_FALSE(is_journal_stream(file.get(), ""));
    EXPECT_FALSE(is_journal_stream(-1, name));
}

}  // namespace
}  // namespace latchkey::platform
