#include "keyserver/console/form.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver::console {
namespace {

TEST(ConsoleForm, fields_are_decoded) {
    const auto fields = parse_fields("a=1&b=x+y%26z&c=");
    ASSERT_TRUE(fields);
    EXPECT_EQ(*fields, (Fields{{"a", "1"}, {"b", "x y&z"}, {"c", ""}}));
    EXPECT_EQ(field(*fields, "b"), "x y&z");
    EXPECT_EQ(field(*fields, "d"), "");
    EXPECT_TRUE(parse_fields("")->empty());
}

TEST(ConsoleForm, what_is_odd_is_refused_whole) {
    for (const char* odd : {"a", "a=%", "a=%g1", "a=%1", "a=1&a=2", "a=1&&b=2"})
        EXPECT_FALSE(parse_fields(odd)) << odd;
    std::string many = "f0=1";
    for (int i = 1; i < 17; ++i) many += "&f" + std::to_string(i) + "=1";
    EXPECT_FALSE(parse_fields(many));
}

TEST(ConsoleForm, fields_come_back_as_they_went) {
    const Fields fields{{"key", "key_&=1 2"}, {"empty", ""}};
    EXPECT_EQ(*parse_fields(encode_fields(fields)), (Fields{{"key", "key_&=1 2"}}));
}

TEST(ConsoleForm, a_target_is_its_pieces) {
    EXPECT_TRUE(parse_target("/")->path.empty());
    const auto target = parse_target("/machines/mch_%2f1/release?after=3");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, (std::vector<std::string>{"machines", "mch_/1", "release"}));
    EXPECT_EQ(field(target->query, "after"), "3");
    EXPECT_EQ(parse_target("/a+b")->path.front(), "a+b");
    for (const char* odd : {"", "machines", "/machines/", "//x", "/a/%zz", "/a?b"})
        EXPECT_FALSE(parse_target(odd)) << odd;
}

TEST(ConsoleForm, signing_in_leads_to_no_other_site) {
    EXPECT_TRUE(is_local("/machines?key=key_1"));
    for (const char* foreign :
         {"", "https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x"})
        EXPECT_FALSE(is_local(foreign)) << foreign;
}

}  // namespace
}  // namespace latchkey::keyserver::console
