#include "agent/localapi/target.h"

#include <gtest/gtest.h>

namespace latchkey::localapi {
namespace {

TEST(Target, a_plain_path_has_no_query) {
    const auto target = parse_target("/v1/status");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/status");
    EXPECT_TRUE(target->query.empty());
}

TEST(Target, escapes_are_decoded_in_either_case) {
    const auto target = parse_target("/a%2Fb?x=%e2%82%AC&flag");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a/b");
    ASSERT_EQ(target->query.size(), 2u);
    EXPECT_EQ(target->query[0].second, "\xe2\x82\xac");
    EXPECT_EQ(target->query[1].first, "flag");
}

TEST(Target, odd_ones_are_refused) {
    std::string many = "/?a";
    for (int i = 0; i < 40; ++i) many += "&a";
    for (const std::string text : {"", "v1", "http://x/", "/%", "/%4", "/%g0", "/%0a", "/?a=%7f"})
        EXPECT_FALSE(parse_target(text)) << text;
    EXPECT_FALSE(parse_target(many));
}

}  // namespace
}  // namespace latchkey::localapi
