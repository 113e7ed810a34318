#include <gtest/gtest.h>

#include <map>

#include <algorithm>

#include "keyserver/admin/countries.h"
#include "keyserver/admin/present.h"
#include "licensing/manifest.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class Admin : public ::testing::Test {
protected:
    Code code_of(std::string noun, std::string name, admin::RawArguments arguments) {
        const auto result =
            server.try_admin(std::move(noun), std::move(name), std::move(arguments));
        return result ? Code::internal : result.error().code;
    }
    TestServer server;
};

TEST_F(Admin, arguments_are_held_against_the_verb) {
    EXPECT_EQ(code_of("product", "fly", {}), Code::usage);
    EXPECT_EQ(code_of("product", "add", {{"id", {"editor"}}}), Code::usage) << "--name is missing";
    EXPECT_EQ(code_of("product", "add", {{"id", {"Editor!"}}, {"name", {"x"}}}), Code::usage);
    EXPECT_EQ(code_of("product", "add", {{"id", {"a"}}, {"name", {"x"}}, {"colour", {"red"}}}),
              Code::usage);
    EXPECT_EQ(code_of("product", "add", {{"id", {"a", "b"}}, {"name", {"x"}}}), Code::usage);
    EXPECT_EQ(code_of("product", "add",
                      {{"id", {"a"}}, {"name", {"x"}}, {"exclude-platform", {"amiga"}}}),
              Code::usage);
    EXPECT_EQ(
        code_of("product", "add", {{"id", {"a"}}, {"name", {"x"}}, {"released", {"yesterday"}}}),
        Code::usage);
    EXPECT_EQ(code_of("product", "list", {{"limit", {"-1"}}}), Code::usage);
}

TEST_F(Admin, a_page_size_out_of_bounds_is_refused_with_the_bounds) {
    for (const char* bad : {"0", "1001", "x"}) {
        const auto refused = server.try_admin("product", "list", {{"limit", {bad}}});
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, Code::usage);
        EXPECT_EQ(refused.error().detail, "--limit must be a whole number, 1 to 1000");
    }
    for (const char* good : {"1", "1000"})
        EXPECT_TRUE(server.try_admin("product", "list", {{"limit", {good}}})) << good;
}

TEST_F(Admin, a_products_graces_stay_within_the_manifests_bounds) {
    for (const auto& [option, most] : std::map<std::string, int>{{"initial-grace-days", 180},
                                                                 {"out-of-tolerance-days", 180},
                                                                 {"rearms", 26},
                                                                 {"lab-reimages-per-year", 366}}) {
        const auto add = [&](int value) {
            return server.try_admin(
                "product", "add",
                {{"id", {"p-" + option}}, {"name", {"P"}}, {option, {std::to_string(value)}}});
        };
        const auto refused = add(most + 1);
        ASSERT_FALSE(refused) << option;
        EXPECT_EQ(refused.error().code, Code::usage);
        EXPECT_EQ(refused.error().detail, "--" + option + ": at most " + std::to_string(most));
        EXPECT_TRUE(add(most)) << option;
    }
}

TEST_F(Admin, an_activate_by_date_that_has_passed_is_refused) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    const auto with = [&](const std::string& date) {
        return server.try_admin("entitlement", "add",
                                {{"product", {"editor"}},
                                 {"program", {"ai-cloud"}},
                                 {"organization", {"x"}},
                                 {"quantity", {"1"}},
                                 {"activations", {"1"}},
                                 {"activate-by", {date}}});
    };
    const auto now = as_server(server.clock.now().wall);
    const auto refused = with(format_rfc3339(now));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::activate_by_passed);
    EXPECT_NE(refused.error().detail.find(format_rfc3339(now)), std::string::npos);
    EXPECT_TRUE(server.admin("organization", "list", {}).at("organizations").as_array().empty());
    EXPECT_TRUE(with(format_rfc3339(now + seconds{1})));
}

TEST_F(Admin, only_verbs_that_add_may_begin_a_key_server) {
    std::vector<std::string> beginners;
    for (const auto& verb : admin::verbs())
        if (admin::may_begin(verb)) beginners.emplace_back(verb.noun);
    std::sort(beginners.begin(), beginners.end());
    EXPECT_EQ(beginners, (std::vector<std::string>{"entitlement", "location", "organization",
                                                   "product", "program"}));
}

TEST_F(Admin, what_is_named_must_exist) {
    EXPECT_EQ(code_of("entitlement", "add",
                      {{"product", {"nothing"}},
                       {"program", {"ai-cloud"}},
                       {"organization", {"x"}},
                       {"quantity", {"1"}},
                       {"activations", {"1"}}}),
              Code::record_unknown);
    EXPECT_EQ(code_of("product", "export", {{"id", {"nothing"}}}), Code::record_unknown);
    EXPECT_EQ(code_of("key", "issue", {{"entitlement", {"ent_x"}}}), Code::entitlement_unknown);
    EXPECT_EQ(code_of("key", "show", {{"id", {"key_x"}}}), Code::record_unknown);
    EXPECT_EQ(code_of("machine", "show", {{"id", {"mch_x"}}}), Code::record_unknown);
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    EXPECT_EQ(code_of("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}}),
              Code::already_exists);
    EXPECT_EQ(code_of("entitlement", "add",
                      {{"product", {"editor"}},
                       {"program", {"own"}},
                       {"organization", {"x"}},
                       {"quantity", {"1"}},
                       {"activations", {"1"}}}),
              Code::record_unknown);
}

TEST_F(Admin, a_product_key_is_shown_once_and_never_again) {
    const auto key = server.sell("competency", 3);
    const auto listed = admin::as_json(server.admin("key", "list", {}));
    EXPECT_EQ(listed.find(key), std::string::npos);
    EXPECT_NE(listed.find(key.substr(key.size() - 5)), std::string::npos);
}

TEST_F(Admin, an_unknown_organization_is_created_with_its_entitlement) {
    server.sell("competency", 3);
    EXPECT_EQ(
        server.admin("organization", "list", {}).at("organizations").at(0).at("id").as_string(),
        "contoso");
}

TEST_F(Admin, a_failed_verb_leaves_nothing_behind) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    server.admin("organization", "add", {{"id", {"contoso"}}});
    EXPECT_EQ(code_of("location", "add",
                      {{"id", {"berlin"}}, {"organization", {"nobody"}}, {"country", {"de"}}}),
              Code::record_unknown);
    EXPECT_TRUE(server.admin("location", "list", {}).at("locations").as_array().empty());
    server.admin("location", "add",
                 {{"id", {"berlin"}}, {"organization", {"contoso"}}, {"country", {"de"}}});
    EXPECT_EQ(server.admin("location", "list", {}).at("locations").at(0).at("country").as_string(),
              "DE");
}

TEST_F(Admin, an_exported_manifest_verifies_and_its_version_rises) {
    server.admin("product", "add",
                 {{"id", {"editor"}}, {"name", {"Editor"}}, {"exclude-platform", {"mac"}}});
    const auto first = server.admin("product", "export",
                                    {{"id", {"editor"}}, {"url", {"https://keys.example:8443"}}});
    const auto manifest =
        licensing::verify_manifest(std::string(first.at("manifest").as_string()), nullptr);
    ASSERT_TRUE(manifest);
    EXPECT_EQ((*manifest)->publisher, "acme");
    EXPECT_EQ((*manifest)->url, "https://keys.example:8443");
    EXPECT_EQ((*manifest)->excluded_platforms, std::vector<std::string>{"mac"});
    EXPECT_EQ((*manifest)->root, server.room().publisher().root);
    EXPECT_EQ((*manifest)->version, 1);
    EXPECT_EQ(
        server.admin("product", "export", {{"id", {"editor"}}}).at("manifest_version").as_int64(),
        2);
}

TEST_F(Admin, a_manifest_that_was_never_written_does_not_use_up_its_version) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    const auto version = [&] {
        return server.admin("product", "export", {{"id", {"editor"}}})
            .at("manifest_version")
            .as_int64();
    };
    const auto unwritten = [&](const char* which) {
        return server.try_admin("product", "export", {{"id", {"editor"}}, {"unwritten", {which}}});
    };
    ASSERT_EQ(version(), 1);
    ASSERT_TRUE(unwritten("1"));
    EXPECT_EQ(version(), 1);
    EXPECT_EQ(version(), 2);
    ASSERT_TRUE(unwritten("1"));
    EXPECT_EQ(version(), 3) << "another export took the next number meanwhile";
    EXPECT_EQ(unwritten("0").error().code, Code::usage);
}

TEST_F(Admin, a_perpetual_program_takes_no_length_of_a_lease) {
    admin::RawArguments program{
        {"id", {"own"}}, {"rule", {"any-change"}}, {"perpetual", {}}, {"lease-days", {"3"}}};
    EXPECT_EQ(code_of("program", "add", program), Code::usage);
    program.erase("lease-days");
    EXPECT_TRUE(server.try_admin("program", "add", program));
}

TEST_F(Admin, without_the_root_nothing_is_exported) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    std::filesystem::remove(server.directory() / "root.key");
    EXPECT_EQ(code_of("product", "export", {{"id", {"editor"}}}), Code::config_invalid);
}

TEST_F(Admin, receipts_are_listed_and_verified) {
    const auto key = server.sell("competency", 3);
    TestDevice device(server);
    device.activate(key, {});
    const auto listed = server.admin("receipt", "list", {{"machine", {device.license->machine}}});
    ASSERT_EQ(listed.at("receipts").as_array().size(), 1u);
    const std::string jws(listed.at("receipts").at(0).at("receipt").as_string());
    EXPECT_EQ(server.admin("receipt", "verify", {{"file", {jws + "\n"}}}).at("counted").as_int64(),
              1);
    std::string forged = jws;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of("receipt", "verify", {{"file", {forged}}}), Code::signature_invalid);
}

TEST_F(Admin, commands_and_answers_survive_the_socket) {
    const admin::Command command{"key", "issue", {{"entitlement", {"ent_1"}}, {"undo", {}}}};
    const auto parsed = admin::parse_command(admin::to_line(command));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->noun, "key");
    EXPECT_EQ(parsed->arguments, command.arguments);
    const auto answer = admin::parse_answer(admin::to_line(
        Result<json::bj::object>(fail(Problem{Code::record_unknown, "no", "look"}))));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), (Problem{Code::record_unknown, "no", "look"}));
    for (const char* bad :
         {"", "{}", R"({"verb":["a"],"arguments":{}})", R"({"verb":["a","b"],"arguments":{"x":1}})",
          R"({"verb":["a","b"],"arguments":{},"more":1})"})
        EXPECT_FALSE(admin::parse_command(bad)) << bad;
}

TEST_F(Admin, a_customers_text_has_no_power_over_the_terminal) {
    const json::bj::object machine{{"claimed_location",
                                    "x\xe2\x80\xae\xc2\x9b"
                                    "31mK\xc3\xa4se"}};
    const auto text = admin::as_text(*admin::find_verb("machine", "show"), machine);
    EXPECT_EQ(text, "claimed_location: x31mK\xc3\xa4se\n");
    const json::bj::object listed{{"organizations", json::bj::array{json::bj::object{{"id", "a"},
                                                                                     {"name",
                                                                                      "\xc2\x9b"
                                                                                      "31mA"}}}},
                                  {"next_cursor", nullptr}};
    EXPECT_EQ(admin::as_text(*admin::find_verb("organization", "list"), listed),
              "ID  NAME\na   31mA\n");
    EXPECT_EQ(admin::as_text(Problem{Code::record_unknown, "\x1b[2J", "l\xc2\x9bk"})
                  .find_first_of("\x1b\x9b"),
              std::string::npos);
}

TEST_F(Admin, a_key_that_could_not_be_shown_is_named_by_its_id_with_what_to_do) {
    server.sell("competency", 3);
    const auto entitlements = server.admin("entitlement", "list", {});
    const std::string entitlement(entitlements.at("entitlements").at(0).at("id").as_string());
    const auto issued = server.admin("key", "issue", {{"entitlement", {entitlement}}});
    const auto lost = admin::not_shown(*admin::find_verb("key", "issue"), issued, "/srv/keys");
    const std::string id(issued.at("id").as_string());
    EXPECT_EQ(lost.exit_code(), ExitCode::unexpected);
    EXPECT_NE(lost.detail.find(id), std::string::npos);
    EXPECT_NE(lost.remedy.find("--data /srv/keys key block " + id), std::string::npos);
    EXPECT_EQ((lost.detail + lost.remedy).find(issued.at("key").as_string()), std::string::npos);
    const auto added = admin::not_shown(*admin::find_verb("product", "add"), {}, "/srv/keys");
    EXPECT_NE(added.detail.find("'product add' was done"), std::string::npos);
    const auto listed = admin::not_shown(*admin::find_verb("key", "list"), {}, "/srv/keys");
    EXPECT_EQ(listed.detail.find("was done"), std::string::npos);
}

TEST_F(Admin, an_id_that_is_made_is_a_word_and_says_what_it_may_be) {
    for (const char* bad : {"<script>", "=cmd", "-x", ".x", ":x", "a b", "a/b", "Käse", ""}) {
        for (const char* noun : {"organization", "location", "product", "program"}) {
            admin::RawArguments arguments{{"id", {bad}}};
            if (noun == std::string("location")) {
                arguments["organization"] = {"acme"};
                arguments["country"] = {"DE"};
            }
            if (noun == std::string("product")) arguments["name"] = {"P"};
            if (noun == std::string("program")) arguments["rule"] = {"any-change"};
            const auto refused = server.try_admin(noun, "add", arguments);
            ASSERT_FALSE(refused) << noun << " " << bad;
            EXPECT_EQ(refused.error().code, Code::usage) << noun << " " << bad;
            EXPECT_NE(refused.error().detail.find("beginning with a letter or a digit"),
                      std::string::npos)
                << refused.error().detail;
        }
    }
    const std::string longest(64, 'x');
    for (const std::string& good : {std::string("Contoso:EU_1.b-2"), std::string("7"), longest})
        EXPECT_TRUE(server.try_admin("organization", "add", {{"id", {good}}})) << good;
    EXPECT_FALSE(server.try_admin("organization", "add", {{"id", {longest + "x"}}}));
}

TEST_F(Admin, an_organization_of_before_that_has_an_odd_id_goes_on) {
    {
        const auto transaction = server.store().begin(Store::Access::write).value();
        ASSERT_TRUE(transaction->stores().organizations.add({"=odd one", "Odd", {}}));
        ASSERT_TRUE(transaction->commit());
    }
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    const auto entitle = [&](const char* organization) {
        return server.try_admin("entitlement", "add",
                                {{"product", {"editor"}},
                                 {"program", {"ai-cloud"}},
                                 {"organization", {organization}},
                                 {"quantity", {"1"}},
                                 {"activations", {"1"}}});
    };
    EXPECT_TRUE(entitle("=odd one"));
    EXPECT_TRUE(server.try_admin(
        "location", "add",
        {{"id", {"berlin"}}, {"organization", {"=odd one"}}, {"country", {"DE"}}}));
    const auto refused = entitle("=new one");
    ASSERT_FALSE(refused) << "an unknown one is created, and that one cannot be";
    EXPECT_EQ(refused.error().code, Code::usage);
}

TEST_F(Admin, a_country_is_one_that_is_assigned) {
    server.admin("organization", "add", {{"id", {"acme"}}});
    const auto refused = [&](const char* country) {
        return code_of("location", "add",
                       {{"id", {"x"}}, {"organization", {"acme"}}, {"country", {country}}});
    };
    for (const char* none : {"XX", "UK", "EU", "XK", "AA", "ZZ", "D", "DEU", "", "4D"})
        EXPECT_EQ(refused(none), Code::usage) << none;
    for (const char* one : {"AD", "ZW", "GB", "DE", "SS", "TL"})
        EXPECT_TRUE(admin::is_assigned_country(one)) << one;
    EXPECT_TRUE(server.try_admin("location", "add",
                                 {{"id", {"x"}}, {"organization", {"acme"}}, {"country", {"fr"}}}));
}

TEST_F(Admin, a_spreadsheet_computes_nothing_of_what_customers_entered) {
    const auto* verb = admin::find_verb("organization", "list");
    for (const std::string bad : {"=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1"}) {
        const json::bj::object listed{
            {"organizations", json::bj::array{json::bj::object{{"id", "a"}, {"name", bad}}}},
            {"next_cursor", nullptr}};
        const auto csv = admin::as_csv(*verb, listed);
        EXPECT_NE(csv.find("\r\na,'"), std::string::npos) << csv;
        EXPECT_EQ(admin::as_text(*verb, listed).find('\''), std::string::npos) << "tables are read";
    }
    const json::bj::object quoted{
        {"organizations", json::bj::array{json::bj::object{{"id", "a"}, {"name", "=\"x\",1"}}}},
        {"next_cursor", nullptr}};
    EXPECT_EQ(admin::as_csv(*verb, quoted), "ID,NAME\r\na,\"'=\"\"x\"\",1\"\r\n");
    const json::bj::object nothing{
        {"organizations", json::bj::array{json::bj::object{{"id", "a"}, {"name", nullptr}}}},
        {"next_cursor", nullptr}};
    EXPECT_EQ(admin::as_csv(*verb, nothing), "ID,NAME\r\na,-\r\n");
}

TEST_F(Admin, programs_are_listed_with_how_long_a_lease_lasts) {
    server.admin("program", "add",
                 {{"id", {"short"}}, {"rule", {"any-change"}}, {"lease-days", {"30"}}});
    server.admin("program", "add", {{"id", {"own"}}, {"rule", {"any-change"}}, {"perpetual", {}}});
    const auto rows =
        admin::as_csv(*admin::find_verb("program", "list"), server.admin("program", "list", {}));
    EXPECT_NE(rows.find(",KIND,LEASE DAYS,RETURNABLE\r\n"), std::string::npos) << rows;
    EXPECT_NE(rows.find(",lease,30,no\r\n"), std::string::npos) << rows;
    EXPECT_NE(rows.find(",perpetual,-,no\r\n"), std::string::npos) << rows;
}

TEST_F(Admin, tables_and_csv_are_readable) {
    server.admin("organization", "add", {{"id", {"a"}}, {"name", {"Acme, \"the\" Ltd"}}});
    const auto* verb = admin::find_verb("organization", "list");
    const auto listed = server.admin("organization", "list", {});
    EXPECT_EQ(admin::as_text(*verb, listed), "ID  NAME\na   Acme, \"the\" Ltd\n");
    EXPECT_EQ(admin::as_csv(*verb, listed), "ID,NAME\r\na,\"Acme, \"\"the\"\" Ltd\"\r\n");
}

}  // namespace
}  // namespace latchkey::keyserver
