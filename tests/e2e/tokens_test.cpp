// Tokens for cloud services, with the shipped programs (rule K3).

#include <boost/json/serialize.hpp>

#include "base/time.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

class Tokens : public Story {
protected:
    Tokens() : granted(grant(server, "editor", "action-pack", 10)) {}

    static std::string in(seconds ahead) {
        const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
        return format_rfc3339(WallTime{(now + ahead).time_since_epoch()});
    }
    std::string token(const std::string& year_ends) const {
        return text_at(
            server.admin({"token", "issue", "--entitlement", granted.entitlement, "--service",
                          "Contoso Cloud E3", "--seats", "25", "--year-ends", year_ends}),
            "token");
    }
    Json redeem(const Agent& by, const std::string& text, int expected_exit = 0) const {
        const auto file = world.write("token.txt", text + "\n");
        return by.ask({"redeem", file.string()}, expected_exit);
    }
    Json the_only_service() const {
        const auto status = agent.status();
        EXPECT_THAT(contract_breaches(status, "status.schema.json"), testing::IsEmpty());
        EXPECT_EQ(at(status, "cloud_entitlements").as_array().size(), 1u);
        return at(status, "cloud_entitlements.0");
    }

    Grant granted;
};

TEST_F(Tokens, K3_a_token_from_a_file_is_redeemed_once_and_shown) {
    const auto text = token(in(hours{24 * 300}));
    agent.start();
    const auto first = redeem(agent, text);
    EXPECT_EQ(text_at(first, "cloud_entitlement.service"), "Contoso Cloud E3");
    EXPECT_EQ(number_at(first, "cloud_entitlement.seats"), 25);
    const auto again = redeem(agent, text);
    EXPECT_EQ(text_at(again, "cloud_entitlement.id"), text_at(first, "cloud_entitlement.id"));
    agent.restart();
    const auto shown = the_only_service();
    EXPECT_EQ(text_at(shown, "program"), "action-pack");
    EXPECT_EQ(text_at(shown, "organization"), "contoso");
    EXPECT_EQ(text_at(shown, "token_last5"), text.substr(24));
    EXPECT_NE(agent.cli({"status"}).out.find("Contoso Cloud E3 (action-pack), 25 seats"),
              std::string::npos);
    EXPECT_NE(agent.cli({"history"}).out.find("service redeemed"), std::string::npos);
    EXPECT_EQ(text_at(server.admin({"receipt", "list"}), "receipts.0.kind"), "redemption");
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10})) << "nothing was activated";
}

TEST_F(Tokens, K3_another_machine_is_refused) {
    const auto text = token(in(hours{24 * 300}));
    agent.start();
    redeem(agent, text);
    Agent other(world, Machine::twin(), "other");
    other.know(server, "editor");
    other.start();
    const auto refused = redeem(other, text, 10);
    expect_problem(refused, "token_redeemed");
    EXPECT_NE(text_at(refused, "error.detail").find("it was redeemed on 2"), std::string::npos);
}

TEST_F(Tokens, K3_an_enrollment_year_that_ends_soon_is_a_warning) {
    agent.start();
    redeem(agent, token(in(hours{24 * 10})));
    EXPECT_EQ(text_at(the_only_service(), "severity"), "warning");
    EXPECT_NE(agent.cli({"check"}).out.find("cloud service Contoso Cloud E3 ends"),
              std::string::npos);
}

TEST_F(Tokens, K3_after_the_enrollment_year_a_new_token_is_needed) {
    agent.start();
    std::string late;
    before_an_end([&](const std::string& year_ends) {
        late = token(year_ends);
        redeem(agent, token(year_ends));
    });
    wait_for([&] { return text_at(the_only_service(), "state") == "ended"; });
    EXPECT_NE(agent.cli({"check"}).out.find("cloud service Contoso Cloud E3 ended"),
              std::string::npos);
    expect_problem(redeem(agent, late, 10), "enrollment_ended");
    redeem(agent, token(in(hours{24 * 365})));
    const auto status = agent.status();
    EXPECT_THAT(contract_breaches(status, "status.schema.json"), testing::IsEmpty());
    EXPECT_EQ(at(status, "cloud_entitlements").as_array().size(), 2u);
    for (const auto& one : at(status, "cloud_entitlements").as_array())
        EXPECT_EQ(text_at(one, "severity"), "ok");
}

TEST_F(Tokens, K3_a_product_key_in_its_place_is_recognised_without_any_network) {
    agent.start();
    server.stop();
    const auto refused = redeem(agent, granted.key, 12);
    expect_problem(refused, "key_not_token");
    EXPECT_NE(text_at(refused, "error.remedy").find("latchkey activate"), std::string::npos);
    expect_problem(redeem(agent, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", 12), "token_malformed");
}

TEST_F(Tokens, K2_a_token_in_place_of_a_key_is_told_to_be_redeemed) {
    const auto text = token(in(hours{24 * 300}));
    agent.start();
    expect_problem(agent.activate("editor", text, 12), "token_not_key");
    redeem(agent, text);
}

TEST_F(Tokens, E3_another_organizations_machine_is_refused) {
    agent.extra_config = "[organization]\nid = \"woodgrove\"\n";
    agent.start();
    expect_problem(redeem(agent, token(in(hours{24 * 300})), 10), "organization_mismatch");
}

TEST_F(Tokens, never_appear_in_a_log_or_an_answer) {
    const auto text = token(in(hours{24 * 300}));
    agent.start();
    const auto done = redeem(agent, text);
    EXPECT_EQ(boost::json::serialize(done).find(text), std::string::npos);
    const auto refused = agent.cli({"redeem", text});
    EXPECT_EQ(refused.exit_code, 64);
    EXPECT_EQ(refused.err.find(text), std::string::npos);
    agent.stop();
    for (const auto* log : {"agent.log", "contoso.log"})
        EXPECT_EQ(read_file(world.path(log)).find(text.substr(0, 11)), std::string::npos) << log;
}

}  // namespace
}  // namespace latchkey::e2e
