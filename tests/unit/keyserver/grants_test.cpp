// What may be granted: caps (rule E2) and additional location toolkits (rule E6).

#include "keyserver/rules/grants.h"
#include "keyserver/admin/present.h"

#include <gtest/gtest.h>

#include "keyserver/admin/present.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using admin::RawArguments;

class Grants : public ::testing::Test {
protected:
    Grants() {
        server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
        for (const auto& [id, country, more] :
             {std::tuple{"munich", "DE", "headquarters"}, std::tuple{"berlin", "DE", ""},
              std::tuple{"paris", "FR", ""}}) {
            if (std::string(id) == "munich")
                server.admin("organization", "add", {{"id", {"acme"}}});
            RawArguments arguments{
                {"id", {id}}, {"organization", {"acme"}}, {"country", {country}}};
            if (*more != '\0') arguments[more] = {};
            server.admin("location", "add", arguments);
        }
    }

    RawArguments licenses(int quantity, const std::string& country = {}) {
        RawArguments wish{{"product", {"editor"}},
                          {"program", {"competency"}},
                          {"organization", {"acme"}},
                          {"quantity", {std::to_string(quantity)}},
                          {"activations", {"3"}}};
        if (!country.empty()) wish["country"] = {country};
        return wish;
    }
    RawArguments toolkit(const std::string& location, int quantity) {
        auto wish = licenses(quantity);
        wish["location"] = {location};
        return wish;
    }
    static RawArguments cap_of(int quantity, const std::string& country = {}) {
        RawArguments arguments{{"product", {"editor"}},
                               {"program", {"competency"}},
                               {"quantity", {std::to_string(quantity)}}};
        if (!country.empty()) arguments["country"] = {country};
        return arguments;
    }
    void cap(int quantity, const std::string& country = {}) {
        server.admin("entitlement", "cap", cap_of(quantity, country));
    }
    json::bj::object listed(const char* noun, const char* verb) {
        return server.admin(noun, verb, {});
    }
    static std::string text_at(const json::bj::object& object, const char* member) {
        return std::string(object.at(member).as_string());
    }
    /// The refusal's code; nullopt where it was granted.
    std::optional<Code> refused(const char* verb, RawArguments wish) {
        const auto result = server.try_admin("entitlement", verb, std::move(wish));
        if (result) return std::nullopt;
        detail = result.error().detail;
        return result.error().code;
    }

    TestServer server;
    std::string detail;
};

TEST_F(Grants, E2_stay_below_the_cap_of_their_country_and_the_worldwide_one) {
    cap(20, "DE");
    cap(25);
    EXPECT_EQ(refused("add", licenses(15, "DE")), std::nullopt);
    EXPECT_EQ(refused("add", licenses(6, "DE")), Code::cap_reached);
    EXPECT_EQ(detail, "at most 20 licenses in DE, 15 are granted, 6 more are wanted");
    EXPECT_EQ(refused("add", licenses(5, "DE")), std::nullopt) << "to the last one";
    EXPECT_EQ(refused("add", licenses(6, "FR")), Code::cap_reached);
    EXPECT_EQ(detail, "at most 25 licenses worldwide, 20 are granted, 6 more are wanted");
    EXPECT_EQ(refused("add", licenses(5, "FR")), std::nullopt);
    EXPECT_EQ(server.admin("entitlement", "list", {}).at("entitlements").as_array().size(), 3u)
        << "what was refused left nothing";
}

TEST_F(Grants, E2_name_their_country_where_a_country_is_capped) {
    cap(20, "DE");
    EXPECT_EQ(refused("add", licenses(5)), Code::usage);
    EXPECT_EQ(refused("add", licenses(5, "FR")), std::nullopt) << "nobody capped France";
}

TEST_F(Grants, E2_of_other_organizations_programs_and_products_have_caps_of_their_own) {
    cap(5);
    EXPECT_EQ(refused("add", licenses(5)), std::nullopt);
    auto other = licenses(5);
    other["organization"] = {"initech"};
    EXPECT_EQ(refused("add", other), std::nullopt);
    other = licenses(5);
    other["program"] = {"ai-cloud"};
    EXPECT_EQ(refused("add", other), std::nullopt);
}

TEST_F(Grants, E6_for_demonstration_and_training_are_bound_by_no_cap) {
    cap(5);
    for (const char* purpose : {"demonstration", "training"}) {
        auto wish = licenses(100);
        wish["purpose"] = {purpose};
        EXPECT_EQ(refused("add", wish), std::nullopt) << purpose;
    }
    EXPECT_EQ(refused("add", licenses(5)), std::nullopt) << "and use up none of it";
    auto wish = licenses(1);
    wish["purpose"] = {"fun"};
    EXPECT_EQ(refused("add", wish), Code::usage);
}

TEST_F(Grants, E6_a_toolkit_is_for_a_location_that_qualifies_never_for_headquarters) {
    EXPECT_EQ(refused("toolkit", toolkit("munich", 5)), Code::toolkit_not_eligible);
    EXPECT_EQ(refused("toolkit", toolkit("berlin", 5)), Code::toolkit_not_eligible);
    EXPECT_EQ(detail, "\"berlin\" has attained no competency of its own");
    server.admin("location", "qualify",
                 {{"organization", {"acme"}}, {"id", {"berlin"}}, {"competency", {"gold"}}});
    EXPECT_EQ(refused("toolkit", toolkit("berlin", 5)), std::nullopt);
    EXPECT_EQ(refused("toolkit", toolkit("berlin", 5)), Code::already_exists) << "one a location";
    EXPECT_EQ(refused("toolkit", toolkit("rome", 5)), Code::record_unknown);
}

TEST_F(Grants, E6_a_toolkit_is_bound_by_the_cap_of_its_locations_country) {
    server.admin("location", "qualify",
                 {{"organization", {"acme"}}, {"id", {"paris"}}, {"competency", {"silver"}}});
    cap(10, "FR");
    EXPECT_EQ(refused("add", licenses(8, "FR")), std::nullopt);
    EXPECT_EQ(refused("toolkit", toolkit("paris", 3)), Code::cap_reached);
    EXPECT_EQ(refused("toolkit", toolkit("paris", 2)), std::nullopt);
}

TEST_F(Grants, E6_a_toolkits_key_activates_machines_of_its_location_alone) {
    server.admin("location", "qualify",
                 {{"organization", {"acme"}}, {"id", {"berlin"}}, {"competency", {"gold"}}});
    const auto granted = server.admin("entitlement", "toolkit", toolkit("berlin", 5));
    const auto issued = server.admin("key", "issue", {{"entitlement", {text_at(granted, "id")}}});
    const auto told_at = [&](const std::string& location) {
        TestDevice device(server);
        device.organization = "acme";
        device.country = "DE";
        device.location = location;
        return device.activate(text_at(issued, "key"), {});
    };
    const auto at_headquarters = told_at("munich");
    EXPECT_EQ(at_headquarters.code, "toolkit_not_eligible");
    EXPECT_EQ(at_headquarters["detail"].as_string(),
              "the key is of the toolkit of \"berlin\", this machine is at \"munich\"");
    EXPECT_EQ(told_at("").code, "location_unknown");
    const auto key = [&] { return server.admin("key", "show", {{"id", {text_at(issued, "id")}}}); };
    EXPECT_EQ(key().at("activations").at("used").as_int64(), 0) << "nothing is spent";
    EXPECT_EQ(told_at("berlin").status, 201);
    EXPECT_EQ(key().at("activations").at("used").as_int64(), 1);
}

TEST_F(Grants, of_one_product_are_told_apart_by_country_purpose_and_toolkit) {
    server.admin("location", "qualify",
                 {{"organization", {"acme"}}, {"id", {"berlin"}}, {"competency", {"gold"}}});
    auto training = licenses(6, "DE");
    training["purpose"] = {"training"};
    server.admin("entitlement", "add", licenses(5));
    server.admin("entitlement", "add", training);
    server.admin("entitlement", "toolkit", toolkit("berlin", 7));
    const auto rows =
        admin::as_csv(*admin::find_verb("entitlement", "list"), listed("entitlement", "list"));
    EXPECT_NE(rows.find("ORGANIZATION,COUNTRY,PURPOSE,TOOLKIT OF,QUANTITY"), std::string::npos);
    EXPECT_NE(rows.find(",acme,-,-,-,5,"), std::string::npos) << rows;
    EXPECT_NE(rows.find(",acme,DE,training,-,6,"), std::string::npos) << rows;
    EXPECT_NE(rows.find(",acme,DE,-,berlin,7,"), std::string::npos) << rows;
    EXPECT_EQ(listed("entitlement", "list").at("entitlements").at(0).at("purpose").as_string(),
              "internal")
        << "scripts are told what goes without saying, too";
}

TEST_F(Grants, E2_a_cap_below_what_is_granted_already_says_so) {
    server.admin("entitlement", "add", licenses(15, "DE"));
    server.admin("entitlement", "add", licenses(3, "FR"));
    auto other = licenses(9, "DE");
    other["organization"] = {"initech"};
    server.admin("entitlement", "add", other);
    auto training = licenses(900, "DE");
    training["purpose"] = {"training"};
    server.admin("entitlement", "add", training);
    const auto low = server.admin("entitlement", "cap", cap_of(8, "DE"));
    const auto& warnings = low.at("warnings").as_array();
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].as_string(),
              "acme was granted 15 licenses in DE already, 7 more than this cap: what was granted "
              "stays, and nothing is added until there is less");
    EXPECT_EQ(warnings[1].as_string().find("initech was granted 9 licenses in DE already, 1 more"),
              0u);
    EXPECT_NE(admin::as_text(*admin::find_verb("entitlement", "cap"), low)
                  .find("\nwarning: acme was granted 15 licenses"),
              std::string::npos);
    const auto enough = server.admin("entitlement", "cap", cap_of(18));
    EXPECT_TRUE(enough.at("warnings").as_array().empty()) << "to the last one";
    EXPECT_EQ(
        admin::as_csv(*admin::find_verb("entitlement", "caps"), listed("entitlement", "caps")),
        "PRODUCT,PROGRAM,WHERE,QUANTITY,GRANTED,TO\r\n"
        "editor,competency,worldwide,18,18,acme\r\n"
        "editor,competency,DE,8,15,acme\r\n");
}

TEST_F(Grants, of_a_cap_that_many_are_beyond_the_first_are_named_and_the_rest_told_of) {
    for (int i = 1; i <= 7; ++i) {
        auto wish = licenses(10 + i);
        wish["organization"] = {"org-" + std::to_string(i)};
        server.admin("entitlement", "add", wish);
    }
    const auto low = server.admin("entitlement", "cap", cap_of(10));
    const auto& warnings = low.at("warnings").as_array();
    ASSERT_EQ(warnings.size(), 6u);
    EXPECT_EQ(warnings[0].as_string().find("org-7 was granted 17"), 0u) << "the most first";
    EXPECT_EQ(warnings[5].as_string(), "other organizations were granted more than it, too");
}

TEST_F(Grants, a_cap_under_which_nothing_was_granted_yet_says_none) {
    cap(8);
    EXPECT_EQ(
        admin::as_csv(*admin::find_verb("entitlement", "caps"), listed("entitlement", "caps")),
        "PRODUCT,PROGRAM,WHERE,QUANTITY,GRANTED,TO\r\neditor,competency,worldwide,8,0,-\r\n");
}

TEST_F(Grants, an_organization_has_one_headquarters) {
    const auto second = server.try_admin(
        "location", "add",
        {{"id", {"bonn"}}, {"organization", {"acme"}}, {"country", {"DE"}}, {"headquarters", {}}});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::already_exists);
}

TEST_F(Grants, K9_are_listed_with_what_their_keys_have_used_and_left) {
    const auto added = server.admin("entitlement", "add", licenses(5, "DE"));
    const std::string id(added.at("id").as_string());
    server.admin("key", "issue", {{"entitlement", {id}}});
    server.admin("key", "issue", {{"entitlement", {id}}, {"activations", {"7"}}});
    const auto listed = server.admin("entitlement", "list", {});
    const auto& keys = listed.at("entitlements").as_array().at(0).at("keys");
    EXPECT_EQ(keys.at("count").as_int64(), 2);
    EXPECT_EQ(keys.at("limit").as_int64(), 10);
    EXPECT_EQ(keys.at("used").as_int64(), 0);
    EXPECT_EQ(keys.at("left").as_int64(), 10);
}

TEST_F(Grants, E5_a_released_version_makes_the_one_before_the_previous) {
    const auto release = [&](const char* version) {
        return server.try_admin("product", "release", {{"id", {"editor"}}, {"version", {version}}});
    };
    ASSERT_TRUE(release("1"));
    const auto second = release("2");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->at("version").as_string(), "2");
    EXPECT_EQ(second->at("previous_version").as_string(), "1");
    EXPECT_FALSE(release("2"));
    EXPECT_FALSE(release("1")) << "there is no way back";
}

TEST_F(Grants, E5_a_release_that_was_entered_wrong_is_corrected_and_told) {
    const auto release = [&](admin::RawArguments more) {
        more["id"] = {"editor"};
        return server.try_admin("product", "release", std::move(more));
    };
    ASSERT_TRUE(release({{"version", {"2"}}, {"released", {"2026-01-01"}}}));
    ASSERT_TRUE(release({{"version", {"33"}}, {"released", {"2026-02-01"}}}));
    EXPECT_FALSE(release({{"version", {"3"}}}));
    const auto corrected = release({{"version", {"3"}}, {"correct", {}}});
    ASSERT_TRUE(corrected) << corrected.error().detail;
    EXPECT_EQ(corrected->at("previous_version").as_string(), "2");
    EXPECT_EQ(corrected->at("released").as_string(), "2026-02-01T00:00:00Z");
    EXPECT_EQ(json::to_text(corrected->at("changed")),
              R"([{"what":"version","from":"33","to":"3"}])");
    const auto text = admin::as_text(*admin::find_verb("product", "release"), *corrected);
    EXPECT_NE(text.find("\n  version: 33 -> 3\n"), std::string::npos) << text;
}

TEST_F(Grants, E1_that_no_country_is_named_is_told_where_the_program_stays_inside_one) {
    const auto added = [&](const char* program, admin::RawArguments more) {
        more.insert({{"product", {"editor"}},
                     {"program", {program}},
                     {"organization", {"acme"}},
                     {"quantity", {"1"}},
                     {"activations", {"1"}}});
        return server.admin("entitlement", "add", std::move(more));
    };
    server.admin("program", "add",
                 {{"id", {"own"}}, {"rule", {"any-change"}}, {"country-only", {}}});
    for (const char* program : {"action-pack", "own"}) {
        const auto without = added(program, {});
        const auto& warnings = without.at("warnings").as_array();
        ASSERT_EQ(warnings.size(), 1u) << program;
        EXPECT_NE(warnings[0].as_string().find("--country"), std::string::npos);
        const auto text = admin::as_text(*admin::find_verb("entitlement", "add"), without);
        EXPECT_NE(text.find("\nwarning: no country is named"), std::string::npos) << text;
        EXPECT_EQ(text.find("warnings:"), std::string::npos) << text;
        EXPECT_TRUE(added(program, {{"country", {"DE"}}}).at("warnings").as_array().empty());
    }
    EXPECT_TRUE(added("competency", {}).at("warnings").as_array().empty());
}

TEST_F(Grants, a_product_is_changed_where_it_is_named_and_says_what_became_of_it) {
    const auto set = [&](admin::RawArguments what) {
        what["id"] = {"editor"};
        return server.try_admin("product", "set", std::move(what));
    };
    const auto changed = set({{"name", {"Editor Pro"}}, {"exclude-platform", {"mac", "linux"}}});
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_EQ(changed->at("name").as_string(), "Editor Pro");
    EXPECT_EQ(changed->at("changed").as_array().size(), 2u);
    EXPECT_FALSE(changed->contains("note")) << "no manifest was exported yet";
    server.admin("product", "export", {{"id", {"editor"}}});
    const auto again = set({{"exclude-no-platform", {}},
                            {"no-activation", {}},
                            {"no-rearm-ledger", {}},
                            {"qualifying-os", {"pro"}},
                            {"rearms", {"5"}}});
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_NE(again->at("note").as_string().find("export it again"), std::string::npos);
    const auto product = server.admin("product", "list", {}).at("products").at(0);
    EXPECT_TRUE(product.at("excluded_platforms").as_array().empty());
    EXPECT_EQ(product.at("name").as_string(), "Editor Pro") << "what is not named stays";
    EXPECT_FALSE(product.at("needs_activation").as_bool());
    EXPECT_FALSE(product.at("rearm_ledger").as_bool());
    EXPECT_EQ(product.at("rearms").as_int64(), 5);
    EXPECT_TRUE(set({{"needs-activation", {}}, {"rearm-ledger", {}}, {"any-os", {}}}));
    EXPECT_EQ(set({}).error().code, Code::usage);
    EXPECT_EQ(set({{"rearms", {"27"}}}).error().code, Code::usage);
    for (const auto& [one, other] : std::vector<std::pair<const char*, const char*>>{
             {"needs-activation", "no-activation"}, {"rearm-ledger", "no-rearm-ledger"}})
        EXPECT_EQ(set({{one, {}}, {other, {}}}).error().code, Code::usage) << one;
    EXPECT_EQ(set({{"any-os", {}}, {"qualifying-os", {"pro"}}}).error().code, Code::usage);
}

}  // namespace
}  // namespace latchkey::keyserver
