#include "base/nearest_word.h"

#include <gtest/gtest.h>

#include <array>

namespace latchkey {
namespace {

constexpr std::array<std::string_view, 4> kVerbs{"add", "list", "status", "uninstall"};

TEST(NearestWord, is_the_one_that_was_meant) {
    EXPECT_EQ(nearest_word("lst", kVerbs), "list");
    EXPECT_EQ(nearest_word("statsu", kVerbs), "status");
    EXPECT_EQ(nearest_word("ad", kVerbs), "add");
    EXPECT_EQ(nearest_word("uninstal", kVerbs), "uninstall");
}

TEST(NearestWord, is_none_where_none_is_near) {
    EXPECT_EQ(nearest_word("bogus", kVerbs), "");
    EXPECT_EQ(nearest_word("", kVerbs), "");
    EXPECT_EQ(nearest_word("list", {}), "");
    EXPECT_EQ(nearest_word(std::string(100'000, 's'), kVerbs), "");
}

TEST(NoSuchVerb, names_the_wrong_word_and_the_likely_one) {
    EXPECT_EQ(no_such_verb("bogus", kVerbs), "there is no verb 'bogus'");
    EXPECT_EQ(no_such_verb("lsit", kVerbs), "there is no verb 'lsit'; did you mean 'list'?");
}

}  // namespace
}  // namespace latchkey
