#include "agent/store/schema.h"
#include "licensing/crypto.h"
#include "platform/secure_file.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

TEST(Store, is_fresh_once_and_remembers_everything) {
    StoreDirs dirs;
    std::string before;
    std::string machine;
    {
        auto opened = dirs.open();
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_TRUE(opened->report.fresh);
        EXPECT_TRUE(opened->report.repaired.empty());
        EXPECT_EQ(opened->machine_id.rfind("mid_", 0), 0u);
        machine = opened->machine_id;
        fill(*opened->store);
        before = everything_in(*opened->store);
    }
    auto again = dirs.open();
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->report.fresh);
    EXPECT_TRUE(again->report.repaired.empty());
    EXPECT_FALSE(again->report.restored_from_anchor);
    EXPECT_EQ(again->machine_id, machine);
    EXPECT_EQ(everything_in(*again->store), before);
}

// As /var on a Mac, which is a link to /private/var.
TEST(Store, opens_where_a_folder_above_it_is_a_link) {
    TempDir root;
    fs::create_directory(root.path() / "real");
    fs::create_directory_symlink(root.path() / "real", root.path() / "link");
    const StorePaths paths{root.path() / "link" / "state", root.path() / "link" / "anchor"};
    const auto opened = open_store(paths);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(fs::exists(root.path() / "real" / "state" / "state.db"));
}

TEST(Store, journal_is_read_newest_first_by_pages_and_products) {
    StoreDirs dirs;
    auto opened = dirs.open();
    fill(*opened->store);
    const auto all = opened->store->journal({""}, {}, 100).value();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all.front().event, "started");
    EXPECT_EQ(all.back().number, 1);
    const auto page = opened->store->journal({""}, all.at(1).number, 1).value();
    ASSERT_EQ(page.size(), 1u);
    EXPECT_EQ(page.front().number, all.at(2).number);
    EXPECT_EQ(opened->store->journal({"paint"}, {}, 100).value().size(), 2u);
}

TEST(Store, the_journal_tells_two_publishers_products_of_one_id_apart) {
    StoreDirs dirs;
    auto opened = dirs.open();
    auto of_acme = line("paint", "activated");
    of_acme.publisher = "acme";
    auto of_other = line("paint", "released");
    of_other.publisher = "other.example";
    const auto of_an_older_agent = line("paint", "grace");
    ASSERT_TRUE(opened->store->commit({{}, {}, {of_an_older_agent, of_acme, of_other}}));
    opened->store.reset();
    opened = dirs.open();
    EXPECT_TRUE(opened->report.repaired.empty()) << opened->report.repaired.front();
    const auto told = [&](const JournalFilter& filter) {
        std::string events;
        const auto entries = opened->store->journal(filter, {}, 100).value();
        for (const auto& entry : entries)
            events += entry.publisher + ":" + entry.product + ":" + entry.event + " ";
        return events;
    };
    EXPECT_EQ(told({"paint", "acme"}), "acme:paint:activated :paint:grace ");
    EXPECT_EQ(told({"paint", "other.example"}), "other.example:paint:released :paint:grace ");
    EXPECT_EQ(told({"paint"}), "other.example:paint:released acme:paint:activated :paint:grace ");
    EXPECT_EQ(told({""}), told({"paint"}));
    EXPECT_EQ(told({"draw"}), "");
}

TEST(Store, nobody_else_reads_its_files) {
    StoreDirs dirs;
    auto opened = dirs.open();
    fill(*opened->store);
    for (const auto& place : {dirs.paths.state_dir, dirs.paths.anchor_dir, dirs.database(),
                              dirs.key(), dirs.anchor(), dirs.anchor_key()}) {
        const auto rights = platform::rights_of(place).value().value();
        EXPECT_FALSE(rights.others_may_read) << place << " " << rights.shown;
        EXPECT_FALSE(rights.others_may_change) << place << " " << rights.shown;
        EXPECT_FALSE(rights.belongs_to_another) << place << " " << rights.shown;
    }
}

TEST(Store, second_copy_holds_no_secret) {
    StoreDirs dirs;
    auto opened = dirs.open();
    fill(*opened->store);
    const auto text = read_all(dirs.anchor());
    EXPECT_NE(text.find("paint"), text.npos);
    EXPECT_EQ(text.find("AAAAA"), text.npos);
    EXPECT_EQ(text.find("device_seed"), text.npos);
}

TEST(Store, second_process_on_the_same_state_is_refused) {
    StoreDirs dirs;
    auto first = dirs.open();
    ASSERT_TRUE(first);
    const auto second = dirs.open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
}

TEST(Store, value_that_could_not_be_read_back_is_not_written) {
    StoreDirs dirs;
    auto opened = dirs.open();
    fill(*opened->store);
    const auto before = everything_in(*opened->store);
    auto bad = in_initial_grace("paint");
    bad.product_key = "two\nlines";
    const auto refused = opened->store->commit({bad, {}, {line("paint", "never")}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::internal);
    EXPECT_EQ(everything_in(*opened->store), before);
}

TEST(Store, full_disk_changes_nothing_and_passes_when_there_is_room_again) {
    StoreDirs dirs;
    auto opened = dirs.open();
    fill(*opened->store);
    const auto before = everything_in(*opened->store);
    auto changed = in_initial_grace("draw");
    changed.rearms_used = 1;
    changed.license_jws = std::string(60'000, 'x');
    for (const std::uint64_t room : {0, 512, 4096, 20'000, 40'000}) {
        const fakes::FileSizeLimit limit(room);
        const auto refused = opened->store->commit({changed, {}, {line("draw", "rearmed")}});
        ASSERT_FALSE(refused) << room;
        EXPECT_EQ(refused.error().code, Code::storage_failed);
    }
    EXPECT_EQ(everything_in(*opened->store), before);
    ASSERT_TRUE(opened->store->commit({changed, {}, {line("draw", "rearmed")}}));
    const auto after = everything_in(*opened->store);
    opened->store.reset();
    EXPECT_EQ(everything_in(*dirs.open()->store), after);
}

TEST(Store, full_disk_at_first_start_is_said_and_leaves_nothing_half) {
    StoreDirs dirs;
    {
        const fakes::FileSizeLimit limit(4096);
        const auto refused = dirs.open();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::storage_failed);
    }
    const auto opened = dirs.open();
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->report.fresh);
}

TEST(Store, newer_schema_is_left_alone) {
    StoreDirs dirs;
    {
        auto opened = dirs.open();
        fill(*opened->store);
    }
    dirs.sql("PRAGMA user_version=5; DELETE FROM meta WHERE name='schema_version'");
    const auto bytes = read_all(dirs.database());
    const auto refused = dirs.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_newer);
    EXPECT_EQ(
        refused.error().detail,
        dirs.database().string() + ": the state has schema version 5; this agent knows version 4");
    EXPECT_EQ(read_all(dirs.database()), bytes);
    EXPECT_EQ(dirs.corrupt_files(), 0);
}

TEST(Store, version_number_of_a_newer_schema_is_believed_alone) {
    StoreDirs dirs;
    {
        auto opened = dirs.open();
        fill(*opened->store);
    }
    dirs.sql("PRAGMA user_version=7");
    const auto refused = dirs.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_newer);
    EXPECT_EQ(dirs.corrupt_files(), 0);
}

TEST(Store, version_number_with_a_flipped_bit_is_damage_and_no_newer_version) {
    StoreDirs dirs;
    {
        auto opened = dirs.open();
        fill(*opened->store);
    }
    dirs.sql("PRAGMA user_version=5");
    auto opened = dirs.open();
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->report.repaired.empty());
    EXPECT_EQ(opened->store->products()->size(), 2u);
}

TEST(Store, hot_rollback_journal_of_a_crash_is_rolled_back) {
    StoreDirs dirs;
    std::string before;
    {
        auto opened = dirs.open();
        fill(*opened->store);
        before = everything_in(*opened->store);
    }
    // A transaction that spilled into the file and was never committed, copied as a power cut
    // leaves it.
    StoreDirs cut;
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(dirs.database().string().c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle,
                 "PRAGMA cache_size=1; BEGIN; UPDATE product SET body = body || 'torn'; "
                 "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i+1 FROM n WHERE i<400) "
                 "INSERT INTO journal SELECT i, 0, '', '', hex(randomblob(500)), '', x'00' FROM n",
                 nullptr, nullptr, nullptr);
    cut.become(dirs);
    sqlite3_close(handle);
    ASSERT_NE(read_all(cut.database()), read_all(dirs.database()));
    ASSERT_TRUE(fs::exists(cut.paths.state_dir / "state.db-journal"));
    auto opened = cut.open();
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(opened->report.repaired.empty());
    EXPECT_EQ(everything_in(*opened->store), before);
}

TEST(Migration, a_released_one_never_changes) {
    const auto first = licensing::sha256(kMigration0001);
    EXPECT_EQ(hex(first), "2d16eb58a41c1e1edb59b7f35d093a2fff26edc667c72f89b6da947058741a1c");
    const auto second = licensing::sha256(kMigration0002);
    EXPECT_EQ(hex(second), "b28b224f694bf295605cc408b25e24c374d21a7b153b493e66731c740adf06a9");
    const auto third = licensing::sha256(kMigration0003);
    EXPECT_EQ(hex(third), "8b36c7acca17f7c34385169a58baf988c73c5ba64458c22edd76024af4fee55b");
    const auto fourth = licensing::sha256(kMigration0004);
    EXPECT_EQ(hex(fourth), "e75787cac034a08a7c0b935dcd0b0a9bdfd9a2d7af970228a2ccb94231339764");
}

}  // namespace
}  // namespace latchkey::store
