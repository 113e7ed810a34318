#include "keyserver/rules/token_rules.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};

/// A token of an organization in Germany, asked for by device "ours"; everything may be bent.
struct Situation {
    TokenRecord token{.id = "tok_1",
                      .entitlement = "ent_1",
                      .digest = {},
                      .last5 = "ABCDE",
                      .service = "Cloud",
                      .seats = 5,
                      .year_ends_at = kNow + Days{100},
                      .blocked = false,
                      .created_at = {}};
    licensing::Program program{.id = "own", .title = "Own"};
    Entitlement entitlement{.id = "ent_1",
                            .product = "editor",
                            .program = "own",
                            .organization = "acme",
                            .quantity = 1,
                            .activations = 0,
                            .activate_by = {},
                            .country = {},
                            .created_at = {}};
    std::vector<Location> locations;
    licensing::RedeemRequest request;
    ServerTime now = kNow;

    TokenDecision decided() const {
        return decide_redemption({token, program, entitlement, locations, request, "ours", now});
    }
    std::optional<Code> refusal() const {
        const auto decision = decided();
        if (!decision.refusal) return std::nullopt;
        return decision.refusal->code;
    }
};

TEST(TokenRules, K3_a_token_is_redeemed_inside_its_enrollment_year) {
    Situation s;
    EXPECT_FALSE(s.refusal());
    EXPECT_FALSE(s.decided().repeated);
    s.now = s.token.year_ends_at - Duration{1};
    EXPECT_FALSE(s.refusal());
    s.now = s.token.year_ends_at;
    EXPECT_EQ(s.refusal(), Code::enrollment_ended);
    const auto detail = s.decided().refusal->detail;
    EXPECT_EQ(detail, "it ended on " + format_rfc3339(s.token.year_ends_at).substr(0, 10));
}

TEST(TokenRules, K3_whoever_redeemed_it_is_told_the_same_for_ever) {
    Situation s;
    s.token.redemption = Redemption{kNow - Days{3}, "ours", "rcp_1", "{}"};
    EXPECT_FALSE(s.refusal());
    EXPECT_TRUE(s.decided().repeated);
    s.now = s.token.year_ends_at + Days{400};
    EXPECT_TRUE(s.decided().repeated) << "what was given says itself that it has ended";
}

TEST(TokenRules, K3_another_device_is_told_the_day_and_nothing_else) {
    Situation s;
    s.token.redemption = Redemption{kNow - Days{3}, "theirs", "rcp_1", "{}"};
    EXPECT_EQ(s.refusal(), Code::token_redeemed);
    const auto detail = s.decided().refusal->detail;
    EXPECT_EQ(detail, "it was redeemed on " + format_rfc3339(kNow - Days{3}).substr(0, 10));
}

TEST(TokenRules, a_blocked_token_is_refused_to_everybody) {
    Situation s;
    s.token.blocked = true;
    s.token.redemption = Redemption{kNow, "ours", "rcp_1", "{}"};
    EXPECT_EQ(s.refusal(), Code::token_blocked);
}

TEST(TokenRules, E1_a_country_programs_token_stays_inside_the_country) {
    Situation s;
    s.program.sharing = licensing::Sharing::country;
    s.entitlement.country = "DE";
    EXPECT_EQ(s.refusal(), Code::location_unknown);
    s.request.country = "FR";
    EXPECT_EQ(s.refusal(), Code::territory);
    s.request.country = "DE";
    EXPECT_FALSE(s.refusal());
}

TEST(TokenRules, E3_a_token_never_crosses_organizations) {
    Situation s;
    s.request.organization = "fabrikam";
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    EXPECT_EQ(s.decided().refusal->detail, "the token was issued to another organization");
    s.token.redemption = Redemption{kNow, "theirs", "rcp_1", "{}"};
    EXPECT_EQ(s.refusal(), Code::organization_mismatch)
        << "strangers do not learn whether it was redeemed";
    s.request.organization = "acme";
    s.token.redemption.reset();
    s.locations.push_back({"hq", "acme", "HQ", "DE", {}});
    s.request.location = "elsewhere";
    EXPECT_EQ(s.refusal(), Code::organization_mismatch);
    s.request.location = "hq";
    EXPECT_FALSE(s.refusal());
}

TEST(TokenRules, E6_a_toolkits_token_is_redeemed_at_its_location_alone) {
    Situation s;
    s.entitlement.location = "berlin";
    s.locations.push_back({"berlin", "acme", "Berlin", "DE", {}});
    s.locations.push_back({"munich", "acme", "Munich", "DE", {}});
    s.request.location = "munich";
    EXPECT_EQ(s.refusal(), Code::toolkit_not_eligible);
    EXPECT_EQ(s.decided().refusal->detail,
              "the token is of the toolkit of \"berlin\", this machine is at \"munich\"");
    s.request.location = "berlin";
    EXPECT_EQ(s.refusal(), std::nullopt);
}

}  // namespace
}  // namespace latchkey::keyserver
