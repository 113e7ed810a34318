// The access log: one line of JSON for each answer, whatever hostile things were asked.

#include "keyserver/http/access_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/strict_json.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr WallTime kNow{seconds{1'790'000'000}};

AccessEntry entry() {
    return {.at = kNow,
            .peer = "192.0.2.7",
            .method = "POST",
            .path = "/v1/activations",
            .status = 409,
            .code = "activation_limit_reached",
            .device = "abcdefghijklmnop",
            .bytes = 512,
            .took = Duration{12}};
}

TEST(AccessLine, says_who_asked_what_and_what_was_said) {
    EXPECT_EQ(to_line(entry()),
              R"({"at":"2026-09-21T14:13:20Z","peer":"192.0.2.7","method":"POST",)"
              R"("path":"/v1/activations","status":409,"bytes":512,"ms":12,)"
              R"("code":"activation_limit_reached","device":"abcdefgh"})"
              "\n");
}

TEST(AccessLine, leaves_out_what_is_nobodys_business_and_stays_one_line) {
    auto hostile = entry();
    const std::string path = "/a\n\"b?nonce=secret";
    hostile.path = path;
    const auto line = to_line(hostile);
    EXPECT_EQ(line.find("secret"), std::string::npos);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto read = json::parse_strict(line);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->at("path").as_string().starts_with("/a"));
    const std::string long_path(100'000, 'x');
    hostile.path = long_path;
    EXPECT_LT(to_line(hostile).size(), 1000u);
    const std::string foreign = "/\xff\xfe";
    hostile.path = foreign;
    EXPECT_TRUE(json::parse_strict(to_line(hostile))) << "bytes that are no text are no reason";
}

TEST(AccessLog, is_appended_to_opened_anew_and_refused_where_it_cannot_be) {
    TemporaryDirectory directory;
    const auto file = directory.path() / "access.log";
    const auto lines = [](const std::filesystem::path& path) {
        std::ifstream in(path);
        return std::count(std::istreambuf_iterator<char>(in), {}, '\n');
    };
    {
        auto log = open_access_log(file);
        ASSERT_TRUE(log);
        (*log)->write(entry());
    }
    auto log = open_access_log(file);
    (*log)->write(entry());
    EXPECT_EQ(lines(file), 2);
    const auto mode = std::filesystem::status(file).permissions();
    EXPECT_EQ(mode & std::filesystem::perms::others_all, std::filesystem::perms::none);
    std::filesystem::rename(file, directory.path() / "access.log.1");
    (*log)->reopen();
    (*log)->write(entry());
    EXPECT_EQ(lines(file), 1);
    EXPECT_FALSE(open_access_log(directory.path() / "missing" / "access.log"));
}

}  // namespace
}  // namespace latchkey::keyserver
