// A state that an older agent left is opened, keeps everything, and is of this version from then
// on.

#include "tests/unit/agent_store/look.h"
#include "tests/unit/agent_store/version_1.h"

namespace latchkey::store {
namespace {

std::int64_t version_of(const StoreDirs& dirs) {
    return Database::open(dirs.database())->integer("PRAGMA user_version").value();
}

std::string without(std::string text, std::string_view piece) {
    const auto at = text.find(piece);
    return at == text.npos ? text : text.erase(at, piece.size());
}

/// A row of today as version 1 wrote it, where nothing of today is in it.
std::string as_version_1(const core::ProductState& state) {
    return without(without(to_row(state), R"(,"recent_reimages":null,"continuity":null)"),
                   R"(,"ledger":{"ask_at":null,"retry_position":0,"told":null,"refused":""})");
}

TEST(Upgrade, of_a_database_of_version_1_keeps_everything) {
    StoreDirs dirs;
    version_1::make(dirs);
    ASSERT_EQ(version_of(dirs), 1);
    for (int opening = 0; opening < 2; ++opening) {
        const auto opened = dirs.open();
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_FALSE(opened->report.fresh);
        EXPECT_TRUE(opened->report.repaired.empty()) << opened->report.repaired.front();
        EXPECT_EQ(opened->machine_id, "mid_of_version_1");
        auto& store = *opened->store;
        const auto products = store.products().value();
        ASSERT_EQ(products.size(), 2u);
        EXPECT_EQ(as_version_1(products.at(0)), version_1::kDraw);
        EXPECT_EQ(as_version_1(products.at(1)), version_1::kPaint);
        EXPECT_EQ(products.at(1).ledger, core::Ledger{});
        EXPECT_EQ(to_row(*store.publisher("acme").value()), version_1::kPublisher);
        EXPECT_EQ(to_row(store.time().value()), version_1::kTime);
        const auto journal = store.journal({""}, {}, 100).value();
        ASSERT_EQ(journal.size(), 3u) << "said once";
        EXPECT_EQ(journal.at(0).event, "state_upgraded");
        EXPECT_EQ(journal.at(1).event, "activated");
        EXPECT_EQ(journal.at(2).event, "grace");
    }
    EXPECT_EQ(version_of(dirs), kSchemaVersion);
    EXPECT_EQ(dirs.corrupt_files(), 0);
}

TEST(Upgrade, waits_for_room_on_a_full_disk_and_the_agent_works_on) {
    StoreDirs dirs;
    version_1::make(dirs);
    Result<OpenedStore> opened = fail(Code::internal, "not opened");
    {
        const fakes::FileSizeLimit limit(4096);
        opened = dirs.open();
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(opened->store->products()->size(), 2u);
        EXPECT_FALSE(opened->store->commit({in_initial_grace("draw"), {}, {}}));
    }
    auto told = in_initial_grace("draw");
    told.ledger.refused = "record_unknown";
    ASSERT_TRUE(opened->store->commit({told, {}, {line("draw", "ledger_refused")}}));
    const auto after = everything_in(*opened->store);
    opened->store.reset();
    EXPECT_EQ(version_of(dirs), kSchemaVersion);
    opened = dirs.open();
    EXPECT_TRUE(opened->report.repaired.empty());
    EXPECT_EQ(everything_in(*opened->store), after);
    EXPECT_NE(after.find("state_upgraded"), after.npos);
}

TEST(Upgrade, that_waited_for_room_comes_with_the_first_look_at_the_hardware) {
    StoreDirs dirs;
    version_1::make(dirs);
    Result<OpenedStore> opened = fail(Code::internal, "not opened");
    {
        const fakes::FileSizeLimit limit(4096);
        opened = dirs.open();
        ASSERT_TRUE(opened) << opened.error().detail;
    }
    EXPECT_EQ(version_of(dirs), 1);
    ASSERT_TRUE(opened->custody->settle(look_at("desktop"), ServerTime{}));
    const auto after = everything_in(*opened->store);
    opened->store.reset();
    EXPECT_EQ(version_of(dirs), kSchemaVersion);
    opened = dirs.open();
    EXPECT_TRUE(opened->report.repaired.empty());
    EXPECT_EQ(everything_in(*opened->store), after);
    EXPECT_FALSE(opened->custody->settle(look_at("laptop"), ServerTime{})->foreign.empty())
        << "the look was recorded";
}

TEST(Upgrade, of_a_damaged_database_saves_what_is_whole) {
    StoreDirs dirs;
    version_1::make(dirs);
    dirs.sql("UPDATE product SET body = replace(body, '\"rearms_used\":2', '\"rearms_used\":0')");
    const auto opened = dirs.open();
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(dirs.corrupt_files(), 1);
    const auto products = opened->store->products().value();
    ASSERT_EQ(products.size(), 1u);
    EXPECT_EQ(products.front().product, "draw");
}

TEST(Upgrade, believes_no_version_number_that_the_row_under_a_mac_contradicts) {
    for (const std::string number : {"0", "2", "3"}) {
        StoreDirs dirs;
        version_1::make(dirs);
        dirs.sql("PRAGMA user_version=" + number);
        const auto opened = dirs.open();
        ASSERT_TRUE(opened) << number << ": " << opened.error().detail;
        EXPECT_EQ(dirs.corrupt_files(), 1) << number;
        EXPECT_EQ(opened->store->products()->size(), 2u) << number;
    }
}

}  // namespace
}  // namespace latchkey::store
