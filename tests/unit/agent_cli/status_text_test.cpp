#include "agent/cli/status_text.h"

#include <gtest/gtest.h>

#include "agent/cli/words.h"
#include "base/problem.h"
#include "tests/unit/agent_cli/documents.h"

namespace latchkey::cli {
namespace {

bj::value parsed(const std::string& text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

const WallTime kNow = *parse_wall_time("2026-11-22T14:00:00Z");
const Look kWide{.color = false, .unicode = true, .width = 120};

TEST(StatusText, is_the_verdict_then_a_table_then_what_needs_somebody) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(status_picture(status, kNow, kWide),
              "▲ Contoso CAD needs you: in grace, not activated yet, 29 days left\n"
              "  machine 7H3K92QX, workstation, hardware evidence strong, no TPM, agent 0.1.0\n"
              "\n"
              "  PRODUCT  NAME            STATE           TIME LEFT                   ACTIVATIONS "
              "  NEXT\n"
              "● draw     Contoso Draw    licensed        ██████████ 180 of 180 days  7 of 10 left"
              "  renews in 7 days\n"
              "▲ cad      Contoso CAD     in grace        29 days                     -           "
              "  ends in 30 days\n"
              "○ cal      Contoso Access  nothing needed  -                           -           "
              "  -\n"
              "  Activations as the key server last said, the oldest 2026-11-22 13:51 UTC (9 "
              "minutes ago).\n"
              "\n"
              "▲ Contoso CAD (cad): in grace, not activated yet\n"
              "  grace   29 days and 3 rearms left, until 2026-12-22\n"
              "  why     Installed, not activated.\n"
              "  next    2026-12-22 (in 30 days): the grace ends; then the product reminds, "
              "nothing is blocked\n"
              "  to do   latchkey activate --product cad --key-file FILE\n"
              "\n"
              "▲ Something on the network inspects TLS connections. [tls_intercepted]\n"
              "  to do   Name the proxy's CA.\n")
        << "an agent that says neither the time nor lengths nor whose a health item is";
}

TEST(StatusText, of_one_product_says_all_that_is_known) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(product_details(status, find_product(status, "draw"), kNow, kWide),
              "● Contoso Draw (draw): licensed\n"
              "  lease          ██████████████████████████████ 180 of 180 days left, until "
              "2027-05-21\n"
              "  uses           3 of 10 used, 7 left, as the key server said 2026-11-22 13:51 UTC "
              "(9 minutes ago)\n"
              "  next           2026-11-29 (in 7 days): the lease renews by itself\n"
              "  product key    ends in ABCDE\n"
              "  license        lease, issued 2026-11-22 13:51 UTC (9 minutes ago), until "
              "2027-05-21 (in 180 days)\n"
              "  quantity       5 licenses\n"
              "  program        action-pack\n"
              "  counting rule  any-change\n"
              "  last decision  2026-11-22 13:51 UTC (9 minutes ago): the same machine, counted 0 "
              "under any-change\n"
              "                 Same board, same network card.\n"
              "  last attempt   2026-11-22 13:51 UTC (9 minutes ago): ok\n");
}

TEST(StatusText, of_one_product_says_which_evidence_table_compares_it) {
    auto status = parsed(kStatus);
    auto& product = status.as_object().at("products").as_array().at(0).as_object();
    product["weights_version"] = 7;
    EXPECT_NE(product_details(status, find_product(status, "draw"), kNow, kWide)
                  .find("  evidence       compared by table version 7\n"),
              std::string::npos);
}

/// The line `grace ledger` of a product in grace, with this ledger.
std::string grace_record(const std::string& ledger) {
    auto status = parsed(kStatus);
    auto& product = status.as_object().at("products").as_array().at(1).as_object();
    product["grace_ledger"] = parsed(ledger);
    const auto text = product_details(status, find_product(status, "cad"), kNow,
                                      {.color = false, .unicode = true, .width = 300});
    const auto start = text.find("  grace ledger   ");
    if (start == std::string::npos) return {};
    return text.substr(start + 17, text.find('\n', start) - start - 17);
}

TEST(StatusText, says_what_the_key_server_knows_of_the_grace_and_when_it_said_so) {
    EXPECT_EQ(grace_record(R"({"first_grace_at":"2026-11-04T14:00:00Z","graces_this_year":2,
                               "graces_allowed":26,"as_of":"2026-11-22T13:51:00Z","ask_at":null,
                               "refused":null})"),
              "this hardware's grace began 2026-11-04 (18 days ago), initial grace 2 of 26 in a "
              "year; the key server said so 2026-11-22 13:51 UTC (9 minutes ago)");
    EXPECT_EQ(grace_record(R"({"first_grace_at":"2026-11-04T14:00:00Z","graces_this_year":1,
                               "graces_allowed":1,"as_of":"2026-11-22T13:51:00Z",
                               "ask_at":"2026-11-22T16:00:00Z","refused":null})"),
              "this hardware's grace began 2026-11-04 (18 days ago); the key server said so "
              "2026-11-22 13:51 UTC (9 minutes ago); it is asked 2026-11-22 16:00 UTC (in 2 "
              "hours)");
}

TEST(StatusText, says_why_the_key_server_does_not_know_of_the_grace) {
    EXPECT_EQ(grace_record(R"({"first_grace_at":null,"ask_at":"2026-11-22T13:00:00Z",
                               "refused":null})"),
              "the key server has not said yet, this machine counts alone; it is asked now");
    EXPECT_EQ(
        grace_record(R"({"first_grace_at":null,"ask_at":null,
                               "refused":"evidence_insufficient"})"),
        "the key server keeps no record: " + std::string(info(Code::evidence_insufficient).title));
    EXPECT_EQ(grace_record(R"({"first_grace_at":null,"refused":"of_another_version"})"),
              "the key server keeps no record: of_another_version");
    EXPECT_EQ(grace_record("null"), "") << "never a matter here";
}

TEST(StatusText, K9_license_quantity_and_activations_are_two_numbers) {
    const auto status = parsed(kStatus);
    const auto text = product_details(status, find_product(status, "draw"), kNow, kWide);
    EXPECT_NE(text.find("uses           3 of 10 used, 7 left"), std::string::npos);
    EXPECT_NE(text.find("quantity       5 licenses"), std::string::npos);
}

TEST(StatusText, names_the_request_that_waits_and_what_comes_after_it) {
    auto status = parsed(kStatus);
    auto& product = status.as_object()["products"].as_array()[0].as_object();
    product["pending_request"] =
        bj::object{{"kind", "release"}, {"since", "2026-11-22T13:51:00Z"}, {"queued", "activate"}};
    for (const auto& text : {status_picture(status, kNow, kWide),
                             product_details(status, find_product(status, "draw"), kNow, kWide)}) {
        EXPECT_NE(
            text.find("The release was asked for 2026-11-22 13:51 UTC (9 minutes ago) and has "
                      "no answer yet.\n"),
            std::string::npos)
            << text;
        EXPECT_NE(text.find("After it another key is activated.\n"), std::string::npos);
        EXPECT_NE(text.find("to keep the license: latchkey activate --product draw\n"),
                  std::string::npos);
    }
}

TEST(StatusText, the_worst_product_gives_the_verdict) {
    auto status = parsed(kStatus);
    status.as_object()["overall"] = "critical";
    auto& products = status.as_object()["products"].as_array();
    products[2].as_object()["state"] = "notification";
    const auto text = status_picture(status, kNow, kWide);
    EXPECT_TRUE(text.starts_with("× 2 of 3 products need you: Contoso Access, Contoso CAD\n"))
        << text;
}

TEST(StatusText, many_products_that_need_somebody_are_counted) {
    bj::array products;
    for (int i = 0; i < 9; ++i)
        products.push_back({{"id", "p" + std::to_string(i)}, {"state", "unlicensed"}});
    const bj::value status{{"overall", "warning"}, {"products", products}};
    const auto text = status_picture(status, kNow, kWide);
    EXPECT_TRUE(text.starts_with("▲ 9 of 9 products need you: p0, p1, p2 and 6 more\n"));
    EXPECT_NE(text.find("▲ p7: not licensed\n"), std::string::npos);
    EXPECT_EQ(text.find("▲ p8: not licensed\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("and 1 more; each by itself: latchkey status --product ID\n"));
}

TEST(StatusText, says_that_somebody_manages_this_machine) {
    auto status = parsed(kStatus);
    EXPECT_EQ(status_picture(status, kNow, kWide).find("by policy"), std::string::npos);
    status.as_object()["agent"].as_object()["configuration"] = {{"by_policy", 2}};
    EXPECT_NE(status_picture(status, kNow, kWide).find(", 2 settings by policy"),
              std::string::npos);
}

TEST(StatusText, what_is_overdue_happens_now) {
    auto status = parsed(kStatus);
    auto& product = status.as_object()["products"].as_array()[0].as_object();
    product["license"].as_object()["renew_at"] = "2026-11-22T13:55:00Z";
    EXPECT_NE(status_picture(status, kNow, kWide).find("7 of 10 left  renews now\n"),
              std::string::npos);
    EXPECT_NE(product_details(status, find_product(status, "draw"), kNow, kWide)
                  .find("now: the lease renews by itself\n"),
              std::string::npos);
}

TEST(StatusText, says_what_of_the_grace_ledger_an_admin_should_know) {
    const auto picture = [](const std::string& ledger) {
        const auto status = parsed(
            R"({"schema_version":"1.0","overall":"warning","agent":{"now":"2026-11-22T14:00:00Z",
               "role":"lab","health":[]},"products":[{"id":"cad","name":"Cad",
               "state":"initial_grace","grace":{"kind":"initial","rearms_left":0,
               "remaining_s":86400,"length_s":2592000,"waits_for_first_use":false,
               "started_at":"2026-10-24T14:00:00Z","ends_at":"2026-11-23T14:00:00Z"},
               "grace_ledger":)" +
            ledger + "}]}");
        return product_details(status, find_product(status, "cad"), kNow, {.width = 200});
    };
    EXPECT_NE(picture(R"({"as_of":null,"refused":null,"ask_at":"2026-11-22T15:00:00Z"})")
                  .find("record         the key server could not be asked"),
              std::string::npos);
    const auto last = picture(R"({"first_grace_at":"2026-01-02T14:00:00Z","refused":null,
                                  "as_of":"2026-11-22T13:00:00Z","graces_this_year":26,
                                  "graces_allowed":26})");
    EXPECT_NE(last.find("26 of 26 in a year: the next reimage continues this one"),
              std::string::npos)
        << last;
    EXPECT_NE(last.find("The grace of this hardware began"), std::string::npos)
        << "who bought it yesterday did not install it in October";
    EXPECT_EQ(picture("null").find("record "), std::string::npos);
    EXPECT_NE(picture("null").find("Installed"), std::string::npos);
}

TEST(StatusText, a_golden_image_asks_for_no_manifest) {
    const auto status = parsed(
        R"({"schema_version":"1.0","overall":"warning","products":[],"agent":{"health":[
           {"id":"generalized","severity":"warning","text":"","remedy":""}]}})");
    const auto text = status_picture(status, kNow, kWide);
    EXPECT_NE(text.find("A golden image"), std::string::npos) << text;
    EXPECT_EQ(text.find("products.d"), std::string::npos);
}

TEST(StatusText, hostile_names_cannot_paint_the_terminal) {
    auto status = parsed(kStatus);
    auto& product = status.as_object()["products"].as_array()[0].as_object();
    product["name"] = "\x1b[2JEvil\u202e";
    product["id"] = "\x1b]8;;x\x07";
    status.as_object()["agent"].as_object()["version"] = "\x1b[1m";
    for (const std::size_t width : {40u, 120u}) {
        const Look look{.color = false, .unicode = true, .width = width};
        const auto text = status_picture(status, kNow, look) +
                          product_details(status, View(status)["products"].items()[0], kNow, look);
        EXPECT_EQ(text.find('\x1b'), std::string::npos);
        EXPECT_EQ(text.find("\u202e"), std::string::npos);
    }
}

TEST(StatusText, survives_documents_of_other_versions) {
    for (const char* text : {"{}", R"({"products":[1,null,{},{"id":7,"grace":"x","license":[]}]})",
                             R"({"agent":{"health":[{}]},"products":{}})",
                             R"({"overall":"splendid","products":[{"conditions":[{},7]}]})"})
        for (const std::size_t width : {10u, 40u, 120u}) {
            const auto status = parsed(text);
            const Look look{.color = true, .unicode = true, .width = width};
            EXPECT_FALSE(status_picture(status, kNow, look).empty());
            for (const auto& product : View(status)["products"].items())
                EXPECT_FALSE(product_details(status, product, kNow, look).empty());
        }
}

std::string picture_with_tpm(std::string_view tpm) {
    std::string text = kStatus;
    const std::string none = R"("anchor":"none")";
    text.replace(text.find(none), none.size(), R"("anchor":"tpm2","tpm":)" + std::string(tpm));
    return status_picture(parsed(text), kNow, kWide);
}

TEST(StatusText, says_whether_the_tpm_proved_itself_where_it_was_asked_to) {
    const auto shows = [](std::string_view tpm, std::string_view words) {
        const auto picture = picture_with_tpm(tpm);
        EXPECT_NE(picture.find(words), std::string::npos) << picture;
    };
    shows(R"({"use":"evidence","last_proof":null})", "TPM 2.0, agent");
    shows(R"({"use":"proof","last_proof":null})", "TPM 2.0, agent");
    shows(R"({"use":"proof","last_proof":{"outcome":"made","text":null}})", "TPM 2.0 (proven)");
    shows(R"({"use":"proof","last_proof":{"outcome":"timed_out","text":"slow"}})",
          "TPM 2.0 (no proof)");
}

TEST(StatusText, tells_no_tpm_from_one_that_cannot_be_read_or_is_not_to_be) {
    const auto shows = [](std::string_view evidence, std::string_view words) {
        std::string text = kStatus;
        const std::string none = R"("anchor":"none")";
        text.replace(text.find(none), none.size(),
                     none + R"(,"tpm":{"use":"evidence","evidence":)" + std::string(evidence) +
                         R"(,"reason":null,"last_proof":null,"counter":null})");
        const auto picture = status_picture(parsed(text), kNow, kWide);
        EXPECT_NE(picture.find(words), std::string::npos) << picture;
    };
    shows(R"("absent")", ", no TPM,");
    shows("null", ", no TPM,");
    shows(R"("unreadable")", ", TPM unreadable,");
    shows(R"("off")", ", TPM not used,");
}

TEST(StatusText, of_one_product_says_what_the_machine_was_known_by) {
    for (const auto& [continuity, words] :
         {std::pair{"tpm", "its TPM, which answered"}, std::pair{"device_key", "the device key of"},
          std::pair{"digests", "what its hardware shows"}}) {
        std::string text = kStatus;
        const std::string verdict = R"("last_decision":{)";
        text.insert(text.find(verdict) + verdict.size(),
                    R"("continuity":")" + std::string(continuity) + R"(",)");
        const auto status = parsed(text);
        const auto details = product_details(status, find_product(status, "draw"), kNow, kWide);
        EXPECT_NE(details.find(words), std::string::npos) << details;
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
