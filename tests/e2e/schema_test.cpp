// The checker that other tests lean on: it must be able to say no.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/schema.h"

namespace latchkey::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const char* const kError = R"({"schema_version": "1.0", "error": {"code": "would_count",
    "title": "t", "detail": "", "retryable": false, "remedy": "r"}})";

TEST(Schema, a_good_document_passes) {
    EXPECT_THAT(contract_breaches(parse_json(kError), "error.schema.json"), IsEmpty());
}

TEST(Schema, a_missing_member_is_named) {
    auto document = parse_json(kError);
    document.at("error").as_object().erase("remedy");
    EXPECT_THAT(contract_breaches(document, "error.schema.json"),
                testing::ElementsAre(HasSubstr("'remedy' is missing")));
}

TEST(Schema, each_keyword_can_fail) {
    const std::vector<std::pair<const char*, const char*>> pairs{
        {R"({"type": "string"})", "1"},
        {R"({"type": ["integer", "null"]})", "\"x\""},
        {R"({"items": {"type": "integer"}})", "[1, null]"},
        {R"({"properties": {"a": {"type": "null"}}})", R"({"a": 1})"},
        {R"({"enum": ["a", "b"]})", "\"c\""},
        {R"({"pattern": "^a+$"})", "\"ab\""},
        {R"({"minLength": 2})", "\"a\""},
        {R"({"maxLength": 2})", "\"abc\""},
        {R"({"minimum": 0})", "-1"},
        {R"({"maximum": 6})", "7"},
        {R"({"anyOf": [{"type": "null"}, {"type": "string"}]})", "1"},
        {R"({"$ref": "#/$defs/x", "$defs": {"x": {"type": "null"}}})", "1"},
        {R"({"unheardOf": 1})", "1"}};
    for (const auto& [schema, document] : pairs)
        EXPECT_THAT(breaches(parse_json(document), parse_json(schema)), Not(IsEmpty())) << schema;
}

}  // namespace
}  // namespace latchkey::e2e
