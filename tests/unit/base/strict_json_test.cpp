#include "base/strict_json.h"

#include <gtest/gtest.h>

namespace latchkey::json {
namespace {

std::string refusal(std::string_view text, const Limits& limits = {}) {
    const auto parsed = parse_strict(text, limits);
    if (parsed) return "accepted: " + to_text(*parsed);
    EXPECT_TRUE(parsed.error().code == Code::request_invalid ||
                parsed.error().code == Code::request_too_large);
    return parsed.error().detail;
}

TEST(StrictJson, reads_a_plain_document) {
    const auto value = parse_strict(R"( {"a": [1, -2, null, true, "x\u00e9"], "b": {"a": 0}} )");
    ASSERT_TRUE(value) << value.error().detail;
    EXPECT_EQ(to_text(*value), "{\"a\":[1,-2,null,true,\"x\xc3\xa9\"],\"b\":{\"a\":0}}");
}

TEST(StrictJson, refuses_duplicate_members_at_any_depth_however_spelled) {
    EXPECT_NE(refusal(R"({"a":1,"a":2})").find("\"a\" appears twice"), std::string::npos);
    EXPECT_NE(refusal(R"({"x":[{"abc":1,"\u0061bc":2}]})").find("\"abc\" appears twice"),
              std::string::npos);
    EXPECT_TRUE(parse_strict(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(StrictJson, refuses_numbers_that_are_not_64_bit_integers) {
    EXPECT_NE(refusal("[18446744073709551616]").find("number"), std::string::npos);
    EXPECT_NE(refusal("[9223372036854775808]").find("64-bit"), std::string::npos);
    EXPECT_NE(refusal("[1.5]").find("integer"), std::string::npos);
    EXPECT_NE(refusal("[1e3]").find("integer"), std::string::npos);
    EXPECT_TRUE(parse_strict("[1.5]", {.allow_doubles = true}));
}

TEST(StrictJson, refuses_truncation_at_every_byte) {
    const std::string whole = R"({"a":[1,{"b":"c\n"}],"d":false})";
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_FALSE(parse_strict(whole.substr(0, n))) << n;
    EXPECT_TRUE(parse_strict(whole));
}

TEST(StrictJson, refuses_what_exceeds_the_limits) {
    EXPECT_NE(refusal("[\"0123456789\"]", {.max_bytes = 8}).find("at most 8"), std::string::npos);
    EXPECT_NE(refusal("[[[[1]]]]", {.max_depth = 3}).find("deep"), std::string::npos)
        << refusal("[[[[1]]]]", {.max_depth = 3});
}

TEST(StrictJson, refuses_extra_data_bad_utf8_and_comments) {
    EXPECT_FALSE(parse_strict("{} {}"));
    EXPECT_FALSE(parse_strict("{}x"));
    EXPECT_FALSE(parse_strict("\"\xff\""));
    EXPECT_FALSE(parse_strict("\"\xc0\xaf\""));
    EXPECT_FALSE(parse_strict("// x\n{}"));
    EXPECT_FALSE(parse_strict("[1,]"));
    EXPECT_FALSE(parse_strict("\"\\ud800\""));
}

TEST(ObjectReader, names_the_document_and_the_member) {
    const auto value = parse_strict(R"({"id":"x","n":5,"flag":true})").value();
    ObjectReader in(value, "receipt");
    EXPECT_EQ(in.string("id", 10), "x");
    EXPECT_EQ(in.integer("n", 0, 4), 0);
    EXPECT_EQ(in.string("later", 10), "");  // only the first failure is told
    const auto bad = in.finish(ObjectReader::Unknown::ignored);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->detail, "receipt: \"n\" must lie between 0 and 4");
}

TEST(ToText, decimals_are_plain) {
    const bj::value value{{"weight", 16.6}, {"list", {1, 0.5, "x"}}, {"whole", 25.0}};
    EXPECT_EQ(to_text(value), R"({"weight":16.6,"list":[1,0.5,"x"],"whole":25})");
    EXPECT_NE(to_pretty_text(value).find("\"weight\": 16.6"), std::string::npos);
}

TEST(ObjectReader, unknown_members_are_refused_where_asked) {
    const auto value = parse_strict(R"({"id":"x","extra":1})").value();
    ObjectReader strict(value, "manifest");
    strict.string("id", 10);
    EXPECT_EQ(strict.finish(ObjectReader::Unknown::refused)->detail,
              "manifest: \"extra\" is not known here");
    ObjectReader lenient(value, "manifest");
    lenient.string("id", 10);
    EXPECT_FALSE(lenient.finish(ObjectReader::Unknown::ignored));
}

TEST(ObjectReader, refuses_wrong_types_control_characters_and_lengths) {
    const auto value =
        parse_strict(R"({"s":"a\u0007b","long":"12345","n":"1","o":[],"t":"yesterday"})").value();
    const auto failing = [&](auto read) {
        ObjectReader in(value, "x");
        read(in);
        return in.finish(ObjectReader::Unknown::ignored).has_value();
    };
    EXPECT_TRUE(failing([](auto& in) { in.string("s", 10); }));
    EXPECT_TRUE(failing([](auto& in) { in.string("long", 4); }));
    EXPECT_FALSE(failing([](auto& in) { in.string("long", 5); }));
    EXPECT_TRUE(failing([](auto& in) { in.integer("n", 0, 9); }));
    EXPECT_TRUE(failing([](auto& in) { in.object("o"); }));
    EXPECT_TRUE(failing([](auto& in) { in.time("t"); }));
    EXPECT_TRUE(failing([](auto& in) { in.boolean("missing"); }));
    EXPECT_FALSE(failing([](auto& in) { in.optional_string("missing", 1); }));
}

}  // namespace
}  // namespace latchkey::json
