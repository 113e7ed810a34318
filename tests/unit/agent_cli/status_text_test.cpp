#include "agent/cli/status_text.h"

#include <gtest/gtest.h>

#include "agent/cli/words.h"
#include "tests/unit/agent_cli/documents.h"

namespace latchkey::cli {
namespace {

bj::value parsed(const std::string& text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

TEST(StatusText, is_a_table_with_states_in_words_and_a_next_step) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(
        status_table(status, false),
        "Latchkey 0.1.0, workstation: warning\n"
        "machine 7H3K92QX, hardware evidence strong, no TPM\n"
        "\n"
        "PRODUCT  NAME            STATE                     LEFT              ACTIVATIONS"
        "           NEXT STEP\n"
        "draw     Contoso Draw    licensed                  until 2027-05-21  3 of 10 used, 7 "
        "left  renews by itself from 2026-11-29\n"
        "cad      Contoso CAD     grace: not activated yet  29 days           -"
        "                     latchkey activate --product cad\n"
        "cal      Contoso Access  needs no activation       -                 -"
        "                     nothing to do\n"
        "Activations as the key server last told, the oldest 2026-11-22 13:51 UTC.\n"
        "\n"
        "warning: Something on the network inspects TLS connections. [tls_intercepted]\n"
        "  remedy: Name the proxy's CA.\n");
}

TEST(StatusText, of_one_product_says_all_that_is_known) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(product_details(status, find_product(status, "draw"), false),
              "Contoso Draw (draw): licensed\n"
              "  program           action-pack\n"
              "  counting rule     any-change\n"
              "  product key       …ABCDE\n"
              "  license           lease, issued 2026-11-22, until 2027-05-21, renewal due "
              "2026-11-29\n"
              "  grace             none running\n"
              "  activations       3 of 10 used, 7 left (as of 2026-11-22 13:51 UTC)\n"
              "  license quantity  5\n"
              "  activate by       -\n"
              "  last decision     2026-11-22 13:51 UTC, the same machine, counted 0 under "
              "any-change\n"
              "  last attempt      2026-11-22 13:51 UTC ok\n"
              "  next step         renews by itself from 2026-11-29\n"
              "because\n"
              "  - Same board, same network card.\n");
}

TEST(StatusText, K9_license_quantity_and_activations_are_two_numbers) {
    const auto status = parsed(kStatus);
    const auto text = product_details(status, find_product(status, "draw"), false);
    EXPECT_NE(text.find("activations       3 of 10 used, 7 left"), std::string::npos);
    EXPECT_NE(text.find("license quantity  5"), std::string::npos);
}

TEST(StatusText, of_one_product_names_the_request_that_waits) {
    auto status = parsed(kStatus);
    auto& product = status.as_object()["products"].as_array()[0].as_object();
    product["pending_request"] =
        bj::object{{"kind", "release"}, {"since", "2026-11-22T13:51:00Z"}, {"queued", "activate"}};
    EXPECT_NE(product_details(status, find_product(status, "draw"), false)
                  .find("unanswered        release since 2026-11-22 13:51 UTC, then activate\n"),
              std::string::npos);
}

TEST(StatusText, colours_follow_the_state_and_only_where_wanted) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(status_table(status, false).find('\x1b'), std::string::npos);
    const auto colored = status_table(status, true);
    EXPECT_NE(colored.find("\x1b[32mlicensed\x1b[0m"), std::string::npos);
    EXPECT_NE(colored.find("\x1b[33mgrace: not activated yet\x1b[0m"), std::string::npos);
}

TEST(StatusText, hostile_names_cannot_paint_the_terminal) {
    auto status = parsed(kStatus);
    auto& product = status.as_object()["products"].as_array()[0].as_object();
    product["name"] = "\x1b[2JEvil\u202e";
    product["id"] = "\x1b]8;;x\x07";
    status.as_object()["agent"].as_object()["version"] = "\x1b[1m";
    const auto text = status_table(status, false) +
                      product_details(status, View(status)["products"].items()[0], false);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\u202e"), std::string::npos);
}

TEST(StatusText, survives_documents_of_other_versions) {
    for (const char* text : {"{}", R"({"products":[1,null,{},{"id":7,"grace":"x","license":[]}]})",
                             R"({"agent":{"health":[{}]},"products":{}})"})
        EXPECT_FALSE(status_table(parsed(text), false).empty());
}

struct Step {
    const char* product;
    const char* role;
    std::string expected;
};

TEST(StatusText, next_step_is_what_an_admin_would_do_now) {
    const std::vector<Step> steps{
        {R"({"id":"p","state":"licensed","license":{"kind":"perpetual","renew_at":null}})",
         "workstation", "nothing to do"},
        {R"({"id":"p","state":"licensed","license":{"kind":"lease"},"pending_request":{"kind":"release"},"next_attempt_at":"2026-11-22T13:51:00Z"})",
         "workstation",
         "gives the license up, next attempt 2026-11-22 13:51 UTC; keep it: latchkey activate "
         "--product p"},
        {R"({"id":"p","state":"licensed","license":{"kind":"lease"},"pending_request":{"kind":"activate"}})",
         "workstation", "activation under way"},
        {R"({"id":"p","state":"initial_grace","key_last5":"ABCDE","last_attempt":{"code":"would_count"}})",
         "workstation", "latchkey explain --product p, then activate --accept-count"},
        {R"({"id":"p","state":"initial_grace","key_last5":"ABCDE","last_attempt":{"outcome":"refused","code":"key_blocked"}})",
         "workstation", std::string(info(Code::key_blocked).remedy)},
        {R"({"id":"p","state":"initial_grace","key_last5":"ABCDE","next_attempt_at":"2026-11-22T13:51:00Z"})",
         "workstation", "tries again by itself at 2026-11-22 13:51 UTC"},
        {R"({"id":"p","state":"notification","key_last5":"ABCDE","next_attempt_at":null})",
         "workstation", "latchkey activate --product p"},
        {R"({"id":"p","state":"initial_grace","grace":{"rearms_left":2}})", "lab",
         "latchkey rearm --product p before the grace ends"},
        {R"({"id":"p","state":"initial_grace","grace":{"rearms_left":0}})", "lab",
         "reimage this lab machine"},
    };
    for (const Step& step : steps) {
        const bj::value status{{"agent", {{"role", step.role}}}};
        const auto product = parsed(step.product);
        EXPECT_EQ(next_step(status, product), step.expected);
    }
}

TEST(Words, durations_are_rounded_to_what_matters) {
    EXPECT_EQ(duration_words(0), "less than a minute");
    EXPECT_EQ(duration_words(-5), "less than a minute");
    EXPECT_EQ(duration_words(60), "1 minute");
    EXPECT_EQ(duration_words(7200), "2 hours");
    EXPECT_EQ(duration_words(86400), "1 day");
    EXPECT_EQ(duration_words(86400 + 5 * 3600), "1 day 5 hours");
    EXPECT_EQ(duration_words(3599), "1 hour");
    EXPECT_EQ(duration_words(86399), "1 day");
    EXPECT_EQ(duration_words(2 * 86400 - 1), "2 days");
    EXPECT_EQ(duration_words(3 * 86400 - 1), "3 days");
    EXPECT_EQ(duration_words(30 * 86400 - 1), "30 days");
    EXPECT_EQ(duration_words(29 * 86400 + 8000), "29 days");
}

TEST(Words, every_state_has_words_and_unknown_ones_stay) {
    for (const char* state :
         {"unlicensed", "licensed", "initial_grace", "out_of_tolerance_grace", "non_genuine_grace",
          "notification", "extended_grace", "not_required"})
        if (std::string(state) != "licensed") {
            EXPECT_NE(state_words(state), state);
        }
    EXPECT_EQ(state_words("quantum\x1b"), "quantum");
}

}  // namespace
}  // namespace latchkey::cli
