#include <gtest/gtest.h>

#include "tests/fakes/copy_folder.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

class SecondCopy : public testing::Test {
protected:
    void SetUp() override {
        auto opened = dirs_.open();
        ASSERT_TRUE(opened);
        machine_ = opened->machine_id;
        fill(*opened->store);
    }

    core::ProductState product(Store& store, const std::string& id) {
        const auto all = store.products().value();
        for (const auto& state : all)
            if (state.product == id) return state;
        ADD_FAILURE() << "no product " << id;
        return {};
    }

    /// An earlier state directory is put back; the second copy stays.
    void put_back(const StoreDirs& backup) {
        fs::remove_all(dirs_.paths.state_dir);
        fakes::copy_folder(backup.paths.state_dir, dirs_.paths.state_dir);
    }

    StoreDirs dirs_;
    std::string machine_;
};

TEST_F(SecondCopy, outlives_a_deleted_state_directory) {
    fs::remove_all(dirs_.paths.state_dir);
    auto opened = dirs_.open();
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->report.fresh);
    EXPECT_TRUE(opened->report.restored_from_anchor);
    EXPECT_EQ(opened->machine_id, machine_);
    EXPECT_EQ(opened->store->time()->proven, kNow);
    const auto draw = product(*opened->store, "draw");
    EXPECT_EQ(draw.status, core::ProductStatus::initial_grace);
    EXPECT_EQ(draw.grace, in_initial_grace("draw").grace) << "not a day more";
    const auto paint = product(*opened->store, "paint");
    EXPECT_FALSE(paint.license);
    EXPECT_EQ(paint.rearms_used, 2);
    EXPECT_EQ(paint.grace->ends_at, kNow + Days{30}) << "what it had when it was activated";
    std::string said;
    for (const auto& sentence : opened->report.repaired) said += sentence + "\n";
    EXPECT_NE(said.find("paint was rebuilt from the second copy. It was activated before; license "
                        "and product key are lost"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("draw was rebuilt from the second copy.\n"), std::string::npos) << said;
}

TEST_F(SecondCopy, both_lost_is_one_fresh_start) {
    fs::remove_all(dirs_.paths.state_dir);
    fs::remove_all(dirs_.paths.anchor_dir);
    auto opened = dirs_.open();
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->report.fresh);
    EXPECT_FALSE(opened->report.restored_from_anchor);
    EXPECT_TRUE(opened->store->products()->empty());
    EXPECT_NE(opened->machine_id, machine_);
}

TEST_F(SecondCopy, both_damaged_dates_the_repair_by_the_wall_clock_that_is_left) {
    write_all(dirs_.database(), "no database");
    write_all(dirs_.anchor(), "no copy");
    const WallTime wall{kNow.time_since_epoch() + Days{5}};
    auto opened = open_store(dirs_.paths, "boot-1", wall);
    ASSERT_TRUE(opened);
    const auto entries = opened->store->journal({}, std::nullopt, 100).value();
    ASSERT_FALSE(entries.empty());
    for (const auto& entry : entries) {
        EXPECT_EQ(entry.event, "state_repaired");
        EXPECT_EQ(entry.at.time_since_epoch(), wall.time_since_epoch()) << "not 1970";
    }
}

TEST_F(SecondCopy, an_older_state_that_was_put_back_gains_nothing) {
    StoreDirs backup;
    backup.become(dirs_);
    {
        auto opened = dirs_.open();
        auto draw = product(*opened->store, "draw");
        draw.rearms_used = 3;
        draw.status = core::ProductStatus::extended_grace;
        draw.grace = core::Grace{kNow + Days{29}, kNow + Days{59}, false, Days{30},
                                 core::ProductStatus::extended_grace};
        auto later = some_time();
        later.proven = kNow + Days{40};
        ASSERT_TRUE(opened->store->commit({draw, later, {}}));
    }
    put_back(backup);
    auto opened = dirs_.open();
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->report.restored_from_anchor);
    const auto draw = product(*opened->store, "draw");
    EXPECT_EQ(draw.rearms_used, 3);
    EXPECT_EQ(draw.status, core::ProductStatus::extended_grace);
    EXPECT_EQ(draw.grace->ends_at, kNow + Days{59});
    EXPECT_EQ(opened->store->time()->proven, kNow + Days{40});
    EXPECT_TRUE(product(*opened->store, "paint").license) << "a license is not grace";
    opened->store.reset();
    EXPECT_TRUE(dirs_.open()->report.repaired.empty()) << "said once";
}

TEST_F(SecondCopy, an_ended_license_does_not_come_back_with_an_older_state) {
    StoreDirs backup;
    backup.become(dirs_);
    {
        auto opened = dirs_.open();
        auto paint = product(*opened->store, "paint");
        paint.license.reset();
        paint.status = core::ProductStatus::unlicensed;
        paint.deactivated = true;
        ASSERT_TRUE(opened->store->commit({paint, {}, {}}));
    }
    put_back(backup);
    auto opened = dirs_.open();
    const auto paint = product(*opened->store, "paint");
    EXPECT_FALSE(paint.license);
    EXPECT_TRUE(paint.deactivated);
    EXPECT_EQ(paint.status, core::ProductStatus::unlicensed);
}

TEST_F(SecondCopy, that_is_older_than_the_state_changes_nothing) {
    StoreDirs backup;
    backup.become(dirs_);
    std::string newest;
    {
        auto opened = dirs_.open();
        auto draw = product(*opened->store, "draw");
        draw.grace->ends_at += Days{1};
        draw.grace->started_at += Days{1};
        ASSERT_TRUE(opened->store->commit({draw, {}, {}}));
        newest = everything_in(*opened->store);
    }
    fs::remove_all(dirs_.paths.anchor_dir);
    fakes::copy_folder(backup.paths.anchor_dir, dirs_.paths.anchor_dir);
    auto opened = dirs_.open();
    EXPECT_TRUE(opened->report.repaired.empty());
    EXPECT_EQ(everything_in(*opened->store), newest);
}

TEST_F(SecondCopy, damaged_in_any_byte_is_not_believed_and_written_anew) {
    const auto text = read_all(dirs_.anchor());
    StoreDirs hurt;
    for (std::size_t at = 0; at < text.size(); at += 11) {
        SCOPED_TRACE(at);
        hurt.become(dirs_);
        auto changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        write_all(hurt.anchor(), changed);
        auto opened = hurt.open();
        ASSERT_TRUE(opened);
        ASSERT_EQ(opened->report.repaired.size(), 1u);
        ASSERT_FALSE(opened->report.restored_from_anchor);
        ASSERT_EQ(product(*opened->store, "paint").rearms_used, 2);
        opened->store.reset();
        ASSERT_TRUE(hurt.open()->report.repaired.empty());
    }
}

TEST_F(SecondCopy, of_another_machine_is_not_believed) {
    StoreDirs other;
    ASSERT_TRUE(other.open());
    write_all(other.anchor(), read_all(dirs_.anchor()));
    fs::remove_all(other.paths.state_dir);
    auto opened = other.open();
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->report.restored_from_anchor) << "its MAC is under another key";
    EXPECT_TRUE(opened->store->products()->empty());
}

TEST_F(SecondCopy, that_cannot_be_kept_is_said_and_stops_nothing) {
    fs::remove_all(dirs_.paths.anchor_dir);
    write_all(dirs_.paths.anchor_dir, "a file where the directory belongs");
    auto opened = dirs_.open();
    ASSERT_TRUE(opened);
    ASSERT_TRUE(opened->second_copy->trouble);
    EXPECT_NE(opened->second_copy->trouble->remedy.find("restart"), std::string::npos);
    EXPECT_TRUE(opened->store->commit({in_initial_grace("more"), {}, {}}));
    EXPECT_TRUE(opened->second_copy->trouble) << "and what is there is not touched any more";
}

TEST_F(SecondCopy, that_stops_to_be_written_is_said_once_and_again_when_it_works) {
    auto opened = dirs_.open();
    int told = 0;
    opened->second_copy->changed = [&told] { ++told; };
    // Nothing can be renamed over a directory, whoever tries.
    fs::remove(dirs_.anchor());
    fs::create_directory(dirs_.anchor());
    auto draw = product(*opened->store, "draw");
    for (const int rearms : {1, 2}) {
        draw.rearms_used = rearms;
        ASSERT_TRUE(opened->store->commit({draw, {}, {}})) << "the state itself is kept";
        ASSERT_TRUE(opened->second_copy->trouble);
    }
    EXPECT_EQ(told, 1);
    EXPECT_EQ(opened->second_copy->trouble->code, Code::storage_failed);
    EXPECT_NE(opened->second_copy->trouble->detail.find("anchor.json"), std::string::npos);
    fs::remove(dirs_.anchor());
    ASSERT_TRUE(opened->store->commit({{}, some_time(), {}}));
    EXPECT_FALSE(opened->second_copy->trouble) << "any commit tries again";
    EXPECT_EQ(told, 2);
    opened->store.reset();
    fs::remove_all(dirs_.paths.state_dir);
    opened = dirs_.open();
    EXPECT_EQ(product(*opened->store, "draw").rearms_used, 2) << "it caught up";
}

TEST_F(SecondCopy, follows_each_commit_that_matters_and_the_time_once_an_hour) {
    auto opened = dirs_.open();
    const auto before = read_all(dirs_.anchor());
    auto later = some_time();
    later.proven += minutes{30};
    ASSERT_TRUE(opened->store->commit({{}, later, {line("", "tick")}}));
    EXPECT_EQ(read_all(dirs_.anchor()), before);
    later.proven += minutes{31};
    ASSERT_TRUE(opened->store->commit({{}, later, {}}));
    const auto hourly = read_all(dirs_.anchor());
    EXPECT_NE(hourly, before);
    auto draw = product(*opened->store, "draw");
    draw.rearms_used = 1;
    ASSERT_TRUE(opened->store->commit({draw, {}, {}}));
    EXPECT_NE(read_all(dirs_.anchor()), hourly);
}

core::ProductState refilled(core::ProductState state, ServerTime at) {
    state.rearms_used = 0;
    state.ledger.told = core::LedgerWord{kNow, 1, 26, at};
    return state;
}

TEST_F(SecondCopy, keeps_the_rearms_that_the_key_server_refilled) {
    auto opened = dirs_.open();
    auto draw = product(*opened->store, "draw");
    draw.rearms_used = 3;
    ASSERT_TRUE(opened->store->commit({draw, {}, {}}));
    ASSERT_TRUE(opened->store->commit({refilled(draw, kNow), {}, {}}));
    opened->store.reset();
    opened = dirs_.open();
    EXPECT_EQ(product(*opened->store, "draw").rearms_used, 0);
    opened->store.reset();
    fs::remove_all(dirs_.paths.state_dir);
    opened = dirs_.open();
    EXPECT_EQ(product(*opened->store, "draw").rearms_used, 0);
}

TEST_F(SecondCopy, that_missed_the_refill_does_not_undo_it) {
    auto opened = dirs_.open();
    auto draw = product(*opened->store, "draw");
    draw.rearms_used = 3;
    ASSERT_TRUE(opened->store->commit({draw, some_time(), {}}));
    const auto missed = read_all(dirs_.anchor());
    ASSERT_TRUE(opened->store->commit({refilled(draw, kNow + hours{1}), {}, {}}));
    opened->store.reset();
    write_all(dirs_.anchor(), missed);  // the power went between state and second copy
    opened = dirs_.open();
    EXPECT_EQ(product(*opened->store, "draw").rearms_used, 0);
}

}  // namespace
}  // namespace latchkey::store
