// Cloud services and pending redemptions are rows of their own, under a MAC like every other.

#include <algorithm>

#include "tests/unit/agent_store/look.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

CloudRow given(const std::string& id) {
    licensing::CloudEntitlement entitlement;
    entitlement.id = id;
    entitlement.publisher = "acme";
    entitlement.product = "paint";
    entitlement.service = "Cloud";
    entitlement.program = "action-pack";
    entitlement.seats = 5;
    entitlement.token_last5 = "ABCDE";
    entitlement.receipt = "rcp_1";
    entitlement.redeemed_at = kNow;
    entitlement.ends_at = kNow + Days{100};
    return {"acme", id, std::nullopt, entitlement, "eyJ.cloud.sig"};
}

CloudRow asked(const std::string& id) {
    CloudRow row;
    row.publisher = "acme";
    row.id = id;
    row.pending = PendingRedemption{"paint", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "{}", kNow};
    return row;
}

Result<void> keep(Store& store, std::vector<CloudRow> rows, std::vector<CloudId> gone = {}) {
    Commit commit;
    commit.cloud = std::move(rows);
    commit.cloud_gone = std::move(gone);
    return store.commit(commit);
}

std::string all_of(CloudShelf& shelf) {
    std::string text;
    for (const auto& row : shelf.cloud()) text += to_row(row) + "\n";
    return text;
}

TEST(CloudRows, are_there_after_reopening_and_change_in_one_commit) {
    StoreDirs dirs;
    {
        const auto opened = dirs.open();
        ASSERT_TRUE(keep(*opened->store, {asked("idk_1")}));
        ASSERT_TRUE(keep(*opened->store, {given("cld_1")}, {{"acme", "idk_1"}}));
        ASSERT_TRUE(keep(*opened->store, {asked("idk_2")}, {{"acme", "never there"}}));
    }
    const auto opened = dirs.open();
    EXPECT_TRUE(opened->report.repaired.empty());
    EXPECT_EQ(all_of(*opened->shelf),
              to_row(given("cld_1")) + "\n" + to_row(asked("idk_2")) + "\n");
}

TEST(CloudRows, that_could_not_be_read_back_are_not_written) {
    StoreDirs dirs;
    const auto opened = dirs.open();
    auto both = given("cld_1");
    both.pending = asked("x").pending;
    EXPECT_FALSE(keep(*opened->store, {both}));
    auto neither = given("cld_1");
    neither.entitlement.reset();
    EXPECT_FALSE(keep(*opened->store, {neither}));
    auto other = given("cld_1");
    other.id = "cld_2";
    EXPECT_FALSE(keep(*opened->store, {other}));
    EXPECT_TRUE(opened->shelf->cloud().empty());
}

TEST(CloudRows, that_were_changed_are_damage_and_the_others_stay) {
    StoreDirs dirs;
    {
        const auto opened = dirs.open();
        ASSERT_TRUE(keep(*opened->store, {given("cld_1"), given("cld_2")}));
    }
    dirs.sql(
        "UPDATE cloud SET body = replace(body, '\"seats\":5', '\"seats\":9') WHERE id = "
        "'cld_1'");
    const auto opened = dirs.open();
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(dirs.corrupt_files(), 1);
    EXPECT_EQ(all_of(*opened->shelf), to_row(given("cld_2")) + "\n");
}

TEST(CloudRows, belong_to_the_machine) {
    StoreDirs dirs;
    const auto opened = dirs.open();
    ASSERT_TRUE(keep(*opened->store, {given("cld_1"), asked("idk_1")}));
    const auto list = opened->custody->belongings().value();
    const auto holds = [&](std::string_view what) {
        return std::any_of(list.begin(), list.end(),
                           [&](const Belonging& one) { return one.what == what; });
    };
    EXPECT_TRUE(holds("cloud_entitlements"));
    EXPECT_TRUE(holds("pending_redemptions"));
}

TEST(CloudRows, of_another_machine_keep_what_was_given_and_no_request) {
    StoreDirs dirs;
    const auto opened = dirs.open();
    ASSERT_TRUE(opened->custody->settle(look_at("desktop"), kNow));
    ASSERT_TRUE(keep(*opened->store, {given("cld_1"), asked("idk_1")}));
    ASSERT_FALSE(opened->custody->settle(look_at("laptop"), kNow)->foreign.empty());
    EXPECT_EQ(all_of(*opened->shelf), to_row(given("cld_1")) + "\n");
}

}  // namespace
}  // namespace latchkey::store
