// Whoever wipes a machine that cannot reach its key server gets a fresh grace: nothing on it
// remembers. It is conceded until the key server can be asked, and said. Where only one of the
// machine's own two copies is lost, the other one decides.

#include <boost/json/serialize.hpp>

#include "tests/fakes/copy_folder.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Offline {
    Stage stage;
    Offline() {
        stage.vendor().reachable = false;
        stage.vendor().add_product("suite");
        stage.install("suite");
        stage.pass(20 * day);
    }
    std::int64_t days_left() {
        return stage.product("suite").at("grace").at("remaining_s").as_int64() / 86400;
    }
    std::string history() { return boost::json::serialize(stage.history("suite").body); }
    boost::json::value ledger() { return stage.product("suite").at("grace_ledger"); }
};

TEST(WipedOffline, one_fresh_grace_is_conceded_and_said) {
    Offline story;
    EXPECT_EQ(story.days_left(), 10);
    story.stage.reimage();
    EXPECT_EQ(story.days_left(), 30);
    story.stage.pass(hour);
    EXPECT_NE(story.history().find("ledger_unreachable"), std::string::npos);
    EXPECT_NE(story.history().find("counts alone"), std::string::npos);
    EXPECT_TRUE(story.ledger().at("ask_at").is_string()) << "it is asked as soon as it can be";
    EXPECT_TRUE(story.ledger().at("as_of").is_null());
}

TEST(WipedOffline, a_lost_state_is_rebuilt_from_the_second_copy) {
    Offline story;
    std::filesystem::rename(story.stage.folder() / "state", story.stage.folder() / "gone");
    story.stage.restart();
    EXPECT_EQ(story.days_left(), 10);
    EXPECT_TRUE(story.ledger().at("ask_at").is_string()) << "and the key server is asked again";
}

TEST(WipedOffline, a_lost_second_copy_is_made_anew_from_the_state) {
    Offline story;
    std::filesystem::remove_all(story.stage.folder() / "anchor");
    story.stage.restart();
    EXPECT_EQ(story.days_left(), 10);
}

TEST(WipedOffline, where_the_copies_disagree_the_stricter_wins) {
    Offline story;
    const auto folder = story.stage.folder();
    fakes::copy_folder(folder / "state", folder / "backup");
    EXPECT_EQ(story.stage.post("/v1/products/suite/rearm").status, 200);
    EXPECT_EQ(story.stage.post("/v1/products/suite/used").status, 200);
    story.stage.pass(25 * day);
    const auto before = story.days_left();
    // A backup of the state is put back: ten days of an initial grace, and all three rearms.
    story.stage.put_back_state(folder / "backup");
    EXPECT_LE(story.days_left(), before);
    EXPECT_EQ(story.stage.product("suite").at("grace").at("rearms_left"), 2);
}

}  // namespace
}  // namespace latchkey::scenario
