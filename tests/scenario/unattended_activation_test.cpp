// IT puts a key file there and goes home. The agent activates by itself; where told to hold, it
// asks before a known machine spends another activation.

#include <boost/json/serialize.hpp>

#include <fstream>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

class Unattended : public testing::Test {
protected:
    void prepare(const std::string& program, const std::string& more) {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", program, 10);
        put_key();
        stage.configure(wanted("suite") + more);
        stage.install("suite");
    }
    std::string wanted(const std::string& product) const {
        return "[[activate]]\nproduct = \"" + product + "\"\nkey_file = '" + file().string() +
               "'\n";
    }
    void put_key() const {
        std::ofstream(file()) << key << "\n";
        std::filesystem::permissions(
            file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    std::string health() { return boost::json::serialize(stage.get("/v1/health").body); }
    std::filesystem::path file() const { return stage.folder() / "suite.key"; }

    Stage stage;
    std::string key;
};

TEST_F(Unattended, activates_and_consumes_the_key_file) {
    prepare("ai-cloud", "consume = true\n");
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
    stage.restart();
    EXPECT_FALSE(std::filesystem::exists(file()));
    EXPECT_EQ(stage.vendor().decisions, 2) << "what would it cost, and do it: once is enough";
}

TEST_F(Unattended, waits_for_a_network_and_asks_once) {
    stage.vendor().reachable = false;
    prepare("competency", "");
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    stage.pass(2 * day);
    stage.vendor().reachable = true;
    stage.pass(2 * day);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST_F(Unattended, tells_that_nobody_could_be_asked_and_asks_again_soon) {
    stage.vendor().reachable = false;
    prepare("competency", "");
    EXPECT_NE(health().find("keyserver_unreachable"), std::string::npos) << health();
    EXPECT_NE(health().find("\"product\":\"suite\""), std::string::npos) << health();
    stage.vendor().reachable = true;
    stage.pass(minutes{30});
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(health().find("keyserver_unreachable"), std::string::npos) << health();
}

TEST_F(Unattended, asks_within_a_quarter_of_an_hour_when_the_network_is_back) {
    stage.vendor().reachable = false;
    prepare("competency", "");
    for (int i = 0; i < 3; ++i) stage.let_be(minutes{20});  // the next try is half an hour away
    stage.vendor().reachable = true;
    stage.change_network();
    stage.let_be(minutes{16});
    EXPECT_EQ(stage.state("suite"), "licensed");
}

TEST_F(Unattended, hold_lets_a_new_machine_and_an_uncounted_one_through) {
    prepare("ai-cloud", "when_counted = \"hold\"\n");
    EXPECT_EQ(stage.state("suite"), "licensed") << "a first activation is what it is there for";
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "licensed") << "the same machine costs nothing";
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST_F(Unattended, hold_asks_before_a_known_machine_spends_another) {
    prepare("competency", "when_counted = \"hold\"\n");
    EXPECT_EQ(stage.used("suite"), 1);
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    const auto health = stage.get("/v1/health");
    EXPECT_NE(health.code().find("confirmation_required"), std::string::npos) << health.code();
    const auto done = stage.activate("suite", {}, true);
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_EQ(done.at("counted"), 1);
}

TEST_F(Unattended, hold_asks_where_too_little_evidence_is_left_to_tell) {
    stage.become("whitebox");
    prepare("ai-cloud", "");
    EXPECT_EQ(stage.used("suite"), 1);
    stage.swap_hardware("whitebox-nic-swapped");
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_NE(health().find("confirmation_required"), std::string::npos) << health();
    const auto done = stage.activate("suite", {}, true);
    ASSERT_EQ(done.status, 200) << done.code() << ": " << done.detail();
    EXPECT_EQ(done.at("counted"), 1);
    EXPECT_EQ(stage.used("suite"), 2);
}

TEST_F(Unattended, a_lab_machine_spends_nothing_whatever_the_file_says) {
    prepare("ai-cloud", "[agent]\nrole = \"lab\"\n");
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(stage.vendor().decisions, 0);
}

TEST_F(Unattended, a_bad_key_file_stops_nobody) {
    prepare("ai-cloud", "");
    std::ofstream(file()) << "not a key\n";
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_NE(health().find("key_malformed"), std::string::npos) << health();
    put_key();
    stage.let_be(minutes{20});
    EXPECT_EQ(health().find("key_malformed"), std::string::npos) << health();
    EXPECT_EQ(stage.state("suite"), "licensed");
}

TEST_F(Unattended, a_disk_that_was_full_when_the_answer_came_is_tried_again) {
    stage.vendor().on_decision = [&] { stage.disk_full = true; };
    prepare("ai-cloud", "");
    stage.vendor().on_decision = {};
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    stage.disk_full = false;
    stage.let_be(minutes{20});
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST_F(Unattended, a_product_that_is_not_installed_is_told_and_no_warning) {
    prepare("ai-cloud", wanted("siute"));
    EXPECT_NE(health().find("activate siute: no product of that id is installed"),
              std::string::npos)
        << health();
    EXPECT_EQ(stage.get("/v1/health").at("overall"), "ok");
}

TEST_F(Unattended, a_missing_key_file_is_told_until_there_is_one) {
    prepare("ai-cloud", "");
    EXPECT_EQ(health().find("input_unreadable"), std::string::npos) << health();
    std::filesystem::remove(file());
    stage.restart();
    EXPECT_EQ(health().find("input_unreadable"), std::string::npos) << "the key is in the state";
    stage.reimage();
    EXPECT_NE(health().find("input_unreadable"), std::string::npos) << health();
}

TEST_F(Unattended, a_key_the_server_refuses_is_told_until_it_is_solved) {
    prepare("ai-cloud", "");
    const auto keys = stage.vendor().admin("key", "list", {});
    const std::string id(keys.at("keys").at(0).at("id").as_string());
    stage.vendor().admin("key", "block", {{"id", {id}}});
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_NE(health().find("key_blocked"), std::string::npos) << health();
    EXPECT_EQ(health().find(key), std::string::npos) << "the key itself is told nobody";
    stage.vendor().admin("key", "block", {{"id", {id}}, {"undo", {}}});
    stage.restart();
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(health().find("key_blocked"), std::string::npos) << health();
}

TEST_F(Unattended, hold_is_the_default) {
    prepare("competency", "");
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_NE(health().find("confirmation_required"), std::string::npos) << health();
}

TEST_F(Unattended, proceed_is_a_word_for_what_is_held_too) {
    prepare("competency", "");
    stage.reimage();
    EXPECT_NE(health().find("confirmation_required"), std::string::npos) << health();
    stage.configure(wanted("suite") + "when_counted = \"proceed\"\n");
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 2);
}

TEST_F(Unattended, proceed_spends_again_where_the_file_says_so) {
    prepare("competency", "when_counted = \"proceed\"\n");
    stage.reimage();
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 2);
}

}  // namespace
}  // namespace latchkey::scenario
