// Who may use it: organizations and countries, decided by the key server, said by the agent.

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Sharing : public Story {
protected:
    void start_in(const std::string& organization) {
        agent.extra_config = "[organization]\n" + organization;
        agent.start();
    }

    void expect_refused(const Grant& granted, const std::string& code) {
        expect_problem(agent.activate("editor", granted.key, 10), code);
        EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
        EXPECT_EQ(state_of(), "initial_grace");
    }
};

TEST_F(Sharing, E1_action_pack_stays_inside_the_subscribing_country) {
    const auto granted = grant(server, "editor", "action-pack", 10, {"--country", "DE"});
    start_in("id = \"contoso\"\ncountry = \"FR\"\n");
    expect_refused(granted, "territory");
}

TEST_F(Sharing, E1_action_pack_works_anywhere_inside_the_subscribing_country) {
    const auto granted = grant(server, "editor", "action-pack", 10, {"--country", "DE"});
    start_in("id = \"contoso\"\ncountry = \"DE\"\n");
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
}

TEST_F(Sharing, E1_a_country_license_wants_to_know_where_the_machine_is) {
    const auto granted = grant(server, "editor", "action-pack", 10, {"--country", "DE"});
    start_in("id = \"contoso\"\n");
    expect_refused(granted, "location_unknown");
}

TEST_F(Sharing, E2_competency_is_shared_across_countries) {
    const auto granted = grant(server, "editor", "competency", 10, {"--country", "DE"});
    start_in("id = \"contoso\"\ncountry = \"FR\"\n");
    EXPECT_EQ(number_at(agent.activate("editor", granted.key), "counted"), 1);
}

TEST_F(Sharing, E3_a_key_never_crosses_organizations) {
    const auto granted = grant(server, "editor", "competency", 10);
    start_in("id = \"woodgrove\"\n");
    expect_refused(granted, "organization_mismatch");
}

}  // namespace
}  // namespace latchkey::e2e
