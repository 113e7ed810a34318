#include "licensing/envelope.h"

#include <gtest/gtest.h>

namespace latchkey::licensing {
namespace {

TEST(SealedBody, survives_its_journey_and_has_limits) {
    const SealedBody body{"contoso", "a..b.c.d"};
    const auto read = parse_sealed_body(json::to_text(to_json(body)));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->publisher, "contoso");
    EXPECT_EQ(read->sealed, "a..b.c.d");
    for (const auto* text :
         {"", "{}", "[]", "null", R"({"publisher":"contoso"})", R"({"publisher":"C","sealed":""})",
          R"({"publisher":"contoso","sealed":1})",
          R"({"publisher":"contoso","publisher":"contoso","sealed":""})",
          R"({"publisher":"contoso","sealed":"a","urgent":true})"})
        EXPECT_EQ(parse_sealed_body(text).error().code, Code::request_invalid) << text;
    const auto big = json::to_text(to_json(SealedBody{"contoso", std::string(kMaxBodyBytes, 'a')}));
    EXPECT_EQ(parse_sealed_body(big).error().code, Code::request_too_large);
}

TEST(Nonce, is_long_enough_to_be_nobody_elses_and_fits_into_a_query) {
    for (const auto* good : {"0123456789abcdef", "ABCDEFGHIJKLMNOP-_", "AAAAAAAAAAAAAAAAAAAAAAAA"})
        EXPECT_TRUE(is_nonce(good)) << good;
    EXPECT_TRUE(is_nonce(std::string(64, 'n')));
    for (const auto* bad :
         {"", "0123456789abcde", "0123456789abcdef.", "0123456789abcdef=", "0123456789 abcdef"})
        EXPECT_FALSE(is_nonce(bad)) << bad;
    EXPECT_FALSE(is_nonce(std::string(65, 'n')));
}

TEST(ProblemDocument, every_code_survives_its_journey) {
    for (const auto& row : all_problems()) {
        ProblemDocument document{{row.code, "what and where", {}}, 3, 10, 60};
        const auto sent = to_json(document);
        EXPECT_EQ(sent.at("status").as_int64(), row.http_status);
        EXPECT_EQ(sent.at("title").as_string(), row.title);
        EXPECT_EQ(sent.at("retryable").as_bool(), row.retryable);
        EXPECT_EQ(sent.at("remedy").as_string(), row.remedy);
        EXPECT_EQ(sent.at("type").as_string(), "urn:latchkey:problem:" + std::string(row.name));
        const auto read = problem_from_json(sent);
        ASSERT_TRUE(read) << row.name;
        EXPECT_EQ(read->problem, document.problem);
        EXPECT_EQ(read->used, 3);
        EXPECT_EQ(read->limit, 10);
        EXPECT_EQ(read->retry_after_s, 60);
    }
}

TEST(ProblemDocument, C7_the_limit_is_told_in_the_users_words_with_its_numbers) {
    const auto sent =
        to_json(ProblemDocument{{Code::activation_limit_reached, "", {}}, 10, 10, std::nullopt});
    EXPECT_EQ(sent.at("title").as_string(),
              "You have reached the maximum number of activations for this product key.");
    EXPECT_EQ(sent.at("used").as_int64(), 10);
    EXPECT_EQ(sent.at("limit").as_int64(), 10);
    EXPECT_FALSE(sent.as_object().contains("retry_after_s"));
}

TEST(ProblemDocument, a_remedy_of_its_own_is_kept) {
    const ProblemDocument document{{Code::key_unknown, "", "Call us."}, {}, {}, {}};
    EXPECT_EQ(problem_from_json(to_json(document))->problem, document.problem);
}

TEST(ProblemDocument, a_code_of_a_newer_server_keeps_the_servers_words) {
    const json::bj::object newer{{"code", "solar_flare"},
                                 {"title", "The sun is too loud."},
                                 {"detail", "sunspot 7"},
                                 {"remedy", "Wait."}};
    const auto read = problem_from_json(newer);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->problem.code, Code::internal);
    EXPECT_EQ(read->problem.detail,
              "the key server answered solar_flare: The sun is too loud. (sunspot 7)");
    EXPECT_EQ(read->problem.remedy_text(), "Wait.");
    const auto bare = problem_from_json(json::bj::object{{"code", "x"}});
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->problem.detail, "the key server answered x: ");
}

TEST(ProblemDocument, what_is_no_problem_document_is_refused) {
    using json::bj::object;
    for (const auto& value :
         {json::bj::value(nullptr), json::bj::value(object{}), json::bj::value(object{{"code", 1}}),
          json::bj::value(object{{"code", "two words"}}),
          json::bj::value(object{{"code", "key_unknown"}, {"detail", "a\nb"}}),
          json::bj::value(object{{"code", "key_unknown"}, {"detail", std::string(2049, 'x')}}),
          json::bj::value(object{{"code", "key_unknown"}, {"used", -1}}),
          json::bj::value(object{{"code", "key_unknown"}, {"limit", "many"}}),
          json::bj::value(object{{"code", "key_unknown"}, {"retry_after_s", 31 * 86400}})})
        EXPECT_EQ(problem_from_json(value).error().code, Code::request_invalid)
            << json::to_text(value);
}

}  // namespace
}  // namespace latchkey::licensing
