#include <gtest/gtest.h>

#include "agent/cli/agent_call.h"
#include "base/path_text.h"
#include "platform/paths.h"

namespace latchkey::cli {
namespace {

using platform::PolicyData;
using platform::PolicyValue;

const std::string kPlace = utf8_text(platform::default_paths().endpoint);

Result<std::string> socket_of(std::vector<std::string> path, PolicyData data) {
    return socket_of_policy({{{"agent", "role"}, std::string("lab"), "first"},
                             {std::move(path), std::move(data), R"(HKLM\P\paths : socket)"}});
}

TEST(PolicySocket, is_found_among_the_other_settings_in_any_case) {
    EXPECT_EQ(socket_of({"paths", "socket"}, kPlace), kPlace);
    EXPECT_EQ(socket_of({"Paths", "Socket"}, kPlace), kPlace);
    EXPECT_EQ(socket_of({"paths", "state"}, kPlace), "");
    EXPECT_EQ(socket_of({"socket"}, kPlace), "");
    EXPECT_EQ(socket_of_policy({}), "");
}

TEST(PolicySocket, that_is_no_place_is_refused_with_where_it_stands) {
    for (const PolicyData& bad :
         {PolicyData(std::string("relative")), PolicyData(std::string()),
          PolicyData(std::uint32_t{1}), PolicyData(platform::OtherData{"REG_BINARY, 3 bytes"})}) {
        const auto socket = socket_of({"paths", "socket"}, bad);
        ASSERT_FALSE(socket);
        EXPECT_EQ(socket.error().code, Code::config_invalid);
        EXPECT_EQ(
            socket.error().detail,
            R"(policy HKLM\P\paths : socket: must be a text (REG_SZ, <string>) and an absolute path)");
    }
}

}  // namespace
}  // namespace latchkey::cli
