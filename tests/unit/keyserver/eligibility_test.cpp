// Who may use a key: rules E1 to E5.

#include "tests/unit/keyserver/situation.h"

namespace latchkey::keyserver {
namespace {

TEST(Eligibility, E1_a_country_program_is_shared_inside_its_country_only) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    s.entitlement.country = "DE";
    EXPECT_EQ(s.refusal(), Code::location_unknown);
    s.request.country = "FR";
    EXPECT_EQ(s.refusal(), Code::territory);
    s.request.country = "DE";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E1_an_entitlement_without_a_country_asks_for_none) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E2_a_worldwide_program_is_shared_across_countries) {
    Situation s;
    s.entitlement.country = "DE";
    s.request.country = "FR";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E3_another_organization_is_refused) {
    Situation s;
    s.request.organization = "other";
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    s.request.organization = "acme";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E3_where_locations_are_registered_others_are_refused) {
    Situation s;
    s.request.location = "berlin";
    EXPECT_EQ(s.refusal(), std::nullopt) << "nothing is registered";
    s.locations.push_back({"paris", "acme", "Paris", "FR", {}});
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    s.request.location = "paris";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

TEST(Eligibility, E1_a_registered_location_is_worth_more_than_the_claim) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    s.entitlement.country = "DE";
    s.locations.push_back({"paris", "acme", "Paris", "FR", {}});
    s.request.location = "paris";
    s.request.country = "DE";
    EXPECT_EQ(s.refusal(), Code::territory);
}

TEST(Eligibility, E4_an_upgrade_license_needs_a_qualifying_edition) {
    Situation s;
    s.product.qualifying_os = {"pro"};
    EXPECT_EQ(s.refusal(), Code::os_not_qualified);
    s.request.os_edition = "home";
    EXPECT_EQ(s.refusal(), Code::os_not_qualified);
    s.request.os_edition = "pro";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

ServerTime on(const char* date) {
    return parse_server_time(std::string(date) + "T00:00:00Z").value();
}

TEST(Eligibility, E5_the_version_before_the_latest_may_be_activated_for_twelve_months) {
    Situation s;
    s.product.version = "3";
    s.product.previous_version = "2";
    s.product.released = on("2028-02-29");
    const auto of_version = [&](const char* version, const char* date) {
        s.request.product_version = version;
        s.now = on(date);
        return s.refusal();
    };
    EXPECT_EQ(of_version("3", "2040-01-01"), std::nullopt);
    EXPECT_EQ(of_version("2", "2029-02-27"), std::nullopt);
    EXPECT_EQ(of_version("2", "2029-02-28"), Code::version_window) << "no 29th in that year";
    EXPECT_EQ(s.decided().refusal->detail,
              "version 2 is installed, the latest is 3; activating the version before it ended on "
              "2029-02-28");
    EXPECT_EQ(of_version("1", "2028-03-01"), Code::version_window) << "no downgrade rights";
    EXPECT_EQ(of_version("", "2040-01-01"), std::nullopt) << "the agent knows of no version";
}

TEST(Eligibility, E5_a_version_that_the_key_server_does_not_know_yet_is_nobodys_downgrade) {
    Situation s;
    s.product.version = "3";
    s.product.previous_version = "2";
    s.product.released = on("2028-02-29");
    s.now = on("2040-01-01");
    s.request.product_version = "3.1";
    EXPECT_EQ(s.refusal(), std::nullopt) << "its publisher forgot to record the release";
    const auto reasons = s.decided().reasons;
    EXPECT_EQ(reasons.back(),
              "Version 3.1 is installed, and 3 is the latest that the key server knows of: its "
              "release is not recorded there yet.");
    s.request.product_version = "3.0";
    EXPECT_EQ(s.refusal(), std::nullopt) << "the same, written another way";
    EXPECT_EQ(s.decided().reasons.back().find("Version"), std::string::npos);
    s.request.product_version = "2.1";
    EXPECT_EQ(s.refusal(), Code::version_window) << "between the two";
    s.request.product_version = "gold";
    EXPECT_EQ(s.refusal(), Code::version_window) << "a word has no place in the order";
}

TEST(Eligibility, E5_training_licenses_are_bound_to_no_version) {
    Situation s;
    s.product.version = "3";
    s.request.product_version = "1";
    s.entitlement.purpose = Purpose::training;
    EXPECT_EQ(s.refusal(), std::nullopt);
    s.entitlement.purpose = Purpose::demonstration;
    EXPECT_EQ(s.refusal(), Code::version_window);
}

TEST(Eligibility, E6_what_a_toolkit_added_is_used_at_its_location_alone) {
    Situation s;
    s.entitlement.location = "berlin";
    s.entitlement.country = "DE";
    s.locations.push_back({"munich", "acme", "Munich", "DE", {}, true});
    s.locations.push_back({"berlin", "acme", "Berlin", "DE", {}, false, "gold"});
    s.request.country = "DE";
    EXPECT_EQ(s.refusal(), Code::location_unknown) << "a country is no location";
    EXPECT_EQ(s.decided().refusal->detail, "the key is of the toolkit of \"berlin\"");
    s.request.location = "munich";
    EXPECT_EQ(s.refusal(), Code::toolkit_not_eligible) << "the headquarters has none";
    s.request.location = "rome";
    EXPECT_EQ(s.refusal(), Code::organization_mismatch) << "no location of theirs at all";
    s.request.location = "berlin";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

}  // namespace
}  // namespace latchkey::keyserver
