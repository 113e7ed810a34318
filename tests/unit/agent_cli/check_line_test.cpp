#include "agent/cli/check_line.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/unit/agent_cli/documents.h"
#include "tests/unit/agent_cli/gallery.h"

namespace latchkey::cli {
namespace {

const WallTime kNow = *parse_wall_time("2026-11-22T13:51:00Z");

bj::value parsed(const std::string& text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

struct Case {
    const char* state;
    const char* role;
    const char* expires_at;  // of a license, where there is one
    int remaining_days;      // of a grace, -1 where there is none
    int rearms_left;
    Level level;
};

bj::value product_of(const Case& c) {
    bj::object product{{"id", "p"}, {"state", c.state}, {"license", nullptr}, {"grace", nullptr}};
    if (*c.expires_at) product["license"] = {{"kind", "lease"}, {"expires_at", c.expires_at}};
    if (c.remaining_days >= 0)
        product["grace"] = {{"remaining_s", c.remaining_days * 86400},
                            {"rearms_left", c.rearms_left}};
    return product;
}

TEST(Check, a_grace_that_has_ended_has_nothing_left) {
    const bj::value status{{"agent", {{"role", "workstation"}}}};
    const auto product = product_of({"notification", "workstation", "", 0, 2, Level::critical});
    EXPECT_EQ(check_product(status, product, kNow).text, "p grace has ended");
}

TEST(Check, each_state_has_its_level) {
    const std::vector<Case> cases{
        {"licensed", "workstation", "2027-05-21T13:51:00Z", -1, 0, Level::ok},
        {"licensed", "workstation", "", -1, 0, Level::ok},
        {"licensed", "workstation", "2026-12-12T13:51:01Z", -1, 0, Level::ok},
        {"licensed", "workstation", "2026-12-12T13:51:00Z", -1, 0, Level::warning},  // 20 days
        {"licensed", "workstation", "2026-11-01T00:00:00Z", -1, 0, Level::warning},
        {"initial_grace", "workstation", "", 29, 3, Level::warning},
        {"extended_grace", "workstation", "", 29, 2, Level::warning},
        {"out_of_tolerance_grace", "workstation", "", 29, 3, Level::warning},
        {"non_genuine_grace", "workstation", "", 6, 3, Level::warning},
        {"notification", "workstation", "", -1, 0, Level::critical},
        {"unlicensed", "workstation", "", -1, 0, Level::warning},
        {"not_required", "workstation", "", -1, 0, Level::ok},
        {"initial_grace", "lab", "", 8, 0, Level::ok},
        {"initial_grace", "lab", "", 7, 0, Level::warning},
        {"initial_grace", "lab", "", 1, 1, Level::ok},
        {"out_of_tolerance_grace", "lab", "", 29, 3, Level::warning},
        {"notification", "lab", "", -1, 1, Level::critical},
    };
    for (const Case& c : cases) {
        const bj::value status{{"agent", {{"role", c.role}}}};
        const auto product = product_of(c);
        EXPECT_EQ(check_product(status, product, kNow).level, c.level)
            << c.state << " " << c.role << " " << c.expires_at << " " << c.remaining_days;
    }
}

TEST(Check, is_one_line_with_performance_data) {
    const auto status = parsed(kStatus);
    EXPECT_EQ(
        line_text(check_all(status, kNow)),
        "LATCHKEY WARNING - 1 of 2 products licensed, 1 need no activation: cad in grace, not "
        "activated yet, 29 days left; tls_intercepted | 'products'=3;;;0 'licensed'=1;;;0 "
        "'grace_days'=29.1;;;0 'lease_days'=180;20:;;0 'activations_left'=7;;;0 "
        "'rearms_left'=3;;;0\n");
    EXPECT_EQ(line_text(check_product(status, View(status)["products"].items()[0], kNow)),
              "LATCHKEY OK - draw licensed | 'products'=1;;;0 'licensed'=1;;;0 "
              "'grace_days'=U;;;0 'lease_days'=180;20:;;0 'activations_left'=7;;;0 "
              "'rearms_left'=U;;;0\n");
}

TEST(Check, names_why_and_the_worst_first) {
    const bj::value calm{{"id", "a"}, {"state", "unlicensed"}, {"severity", "warning"}};
    const bj::value grave{{"id", "b"},
                          {"state", "notification"},
                          {"severity", "critical"},
                          {"conditions", bj::array{{{"code", "hardware_changed"}}}}};
    const bj::value status{
        {"overall", "critical"},
        {"products", {calm, grave}},
        {"agent",
         {{"health",
           {{{"id", "clock_behind"}, {"severity", "warning"}},
            {{"id", "key_blocked"}, {"severity", "warning"}, {"product", "a"}}}}}}};
    EXPECT_TRUE(
        line_text(check_all(status, kNow))
            .starts_with("LATCHKEY CRITICAL - 0 of 2 products licensed: b grace has ended "
                         "(hardware_changed); a not licensed (key_blocked); clock_behind | "))
        << line_text(check_all(status, kNow));
}

TEST(Check, what_the_agent_judges_of_a_product_is_its_level) {
    const bj::value held{{"id", "p"},
                         {"state", "licensed"},
                         {"severity", "warning"},
                         {"conditions", bj::array{{{"code", "confirmation_required"}}}}};
    const bj::value status{{"agent", {{"role", "workstation"}}}, {"products", bj::array{held}}};
    const auto line = check_product(status, held, kNow);
    EXPECT_EQ(line.level, Level::warning);
    EXPECT_EQ(line.text, "p licensed (confirmation_required)");
}

TEST(Check, a_wrong_clock_here_does_not_move_the_days_that_are_left) {
    auto status = parsed(kStatus);
    status.as_object()["agent"].as_object()["now"] = "2026-11-22T13:51:00Z";
    const auto in_2099 = *parse_wall_time("2099-01-01T00:00:00Z");
    EXPECT_EQ(line_text(check_all(status, in_2099)), line_text(check_all(status, kNow)));
}

TEST(Check, a_lease_that_is_over_has_no_days_left) {
    const bj::value product{{"id", "p"},
                            {"state", "out_of_tolerance_grace"},
                            {"license", {{"expires_at", "2026-11-01T00:00:00Z"}}}};
    const bj::value status{{"agent", {{"role", "workstation"}}}, {"products", bj::array{product}}};
    EXPECT_NE(check_product(status, product, kNow).perfdata.find("'lease_days'=0;20:;;0 "),
              std::string::npos);
}

TEST(Check, performance_data_is_what_the_plugin_interface_allows) {
    const std::regex metric("'[a-z_]+'=(U|[0-9]+(\\.[0-9]+)?);([0-9]+:)?;;0");
    for (const auto& exhibit : gallery()) {
        std::istringstream perfdata(check_all(exhibit.status, kNow).perfdata);
        int metrics = 0;
        for (std::string one; perfdata >> one; ++metrics)
            EXPECT_TRUE(std::regex_match(one, metric)) << exhibit.title << ": " << one;
        EXPECT_EQ(metrics, 6) << exhibit.title;
    }
}

TEST(Check, is_one_line_in_every_state) {
    for (const auto& exhibit : gallery()) {
        const auto line = line_text(check_all(exhibit.status, kNow));
        EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
        EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1) << line;
    }
}

TEST(Check, takes_the_agents_own_judgement_of_everything) {
    for (const auto& [overall, level] :
         std::vector<std::pair<const char*, Level>>{{"ok", Level::ok},
                                                    {"warning", Level::warning},
                                                    {"critical", Level::critical},
                                                    {"", Level::unknown},
                                                    {"splendid", Level::unknown}}) {
        const bj::value status{{"overall", overall}, {"products", bj::array{}}};
        EXPECT_EQ(check_all(status, kNow).level, level) << overall;
    }
}

TEST(Check, all_licensed_reads_well) {
    const bj::value licensed{{"id", "p"}, {"state", "licensed"}};
    const bj::value status{{"overall", "ok"}, {"products", {licensed, licensed, licensed}}};
    EXPECT_TRUE(line_text(check_all(status, kNow))
                    .starts_with("LATCHKEY OK - 3 products licensed | 'products'=3;;;0"));
}

TEST(Check, a_lease_that_nears_its_end_is_named) {
    const bj::value product{
        {"id", "p"}, {"state", "licensed"}, {"license", {{"expires_at", "2026-11-25T13:51:00Z"}}}};
    const bj::value status{{"overall", "warning"}, {"products", bj::array{product}}};
    EXPECT_TRUE(line_text(check_all(status, kNow))
                    .starts_with("LATCHKEY WARNING - 1 product licensed: p licensed, lease ends in "
                                 "3 days | "));
}

TEST(Check, many_products_stay_one_readable_line) {
    bj::array products;
    for (int i = 0; i < 100; ++i) products.push_back({{"id", "p"}, {"state", "unlicensed"}});
    const bj::value status{{"overall", "critical"}, {"products", products}};
    const auto line = line_text(check_all(status, kNow));
    EXPECT_LT(line.size(), 500u);
    EXPECT_NE(line.find("and 95 more"), std::string::npos);
}

TEST(Check, text_from_elsewhere_cannot_add_lines_or_performance_data) {
    const bj::value product{{"id", "a|'x'=1\nOK\x1b[m"}, {"state", "unlicensed"}};
    const bj::value status{{"overall", "critical"}, {"products", bj::array{product}}};
    const auto line = line_text(check_all(status, kNow));
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    const auto failed = line_text(check_failed({Code::internal, "a|b\nc", {}}));
    EXPECT_EQ(failed, "LATCHKEY UNKNOWN - Something unexpected went wrong. a/b c\n");
}

TEST(CheckLine, names_a_trouble_of_the_machine_once) {
    const auto status = json::parse_strict(
        R"({"overall":"critical","products":[],"agent":{"health":[
           {"id":"state_corrupt","severity":"warning"},{"id":"state_corrupt","severity":"warning"},
           {"id":"state_foreign","severity":"warning"}]}})");
    ASSERT_TRUE(status);
    EXPECT_NE(check_all(*status, WallTime{}).text.find(": state_corrupt; state_foreign"),
              std::string::npos)
        << check_all(*status, WallTime{}).text;
}

}  // namespace
}  // namespace latchkey::cli
