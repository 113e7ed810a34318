// Whose state is it? The store's half: what a look at the hardware does to rows, keys and copies.

#include "agent/store/hardware.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "licensing/crypto.h"
#include "tests/fakes/copy_folder.h"
#include "tests/unit/agent_store/look.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

Look look_at_nothing() {
    return [](const Bytes& salt) {
        return hwid::fingerprint(hwid::Snapshot{}, licensing::keyed_digest(salt), "local");
    };
}

class OwnHardware : public testing::Test {
protected:
    void SetUp() override {
        auto opened = dirs_.open();
        ASSERT_TRUE(opened);
        fill(*opened->store);
        ASSERT_TRUE(opened->custody->settle(look_at("desktop"), kNow));
        machine_ = opened->custody->machine_id();
    }

    /// Opens, looks, and hands the store on.
    OpenedStore boot(const std::string& machine) {
        auto opened = dirs_.open();
        EXPECT_TRUE(opened) << opened.error().detail;
        auto settled = opened->custody->settle(look_at(machine), kNow);
        EXPECT_TRUE(settled) << settled.error().detail;
        last_ = *settled;
        return std::move(*opened);
    }

    static std::vector<std::string> products(Store& store) {
        std::vector<std::string> names;
        const auto all = store.products().value();
        for (const auto& state : all) names.push_back(state.product);
        return names;
    }

    StoreDirs dirs_;
    std::string machine_;
    Settled last_;
};

TEST_F(OwnHardware, is_the_same_over_every_look_and_writes_nothing_then) {
    auto opened = boot("desktop");
    EXPECT_FALSE(last_.rows_changed);
    EXPECT_EQ(opened.custody->machine_id(), machine_);
    const auto before = read_all(dirs_.database());
    ASSERT_TRUE(opened.custody->settle(look_at("desktop"), kNow));
    EXPECT_EQ(read_all(dirs_.database()), before);
}

TEST_F(OwnHardware, that_cannot_be_read_changes_nothing) {
    auto opened = dirs_.open();
    const auto before = everything_in(*opened->store);
    const auto settled = opened->custody->settle(look_at_nothing(), kNow);
    ASSERT_TRUE(settled);
    EXPECT_FALSE(settled->rows_changed);
    EXPECT_EQ(everything_in(*opened->store), before);
    EXPECT_EQ(opened->custody->machine_id(), machine_);
    EXPECT_TRUE(opened->custody->settle(look_at("laptop"), kNow)->rows_changed)
        << "and the record is still the one it was";
}

TEST_F(OwnHardware, record_is_filled_in_by_the_first_look_that_tells_anything) {
    StoreDirs dirs;
    auto opened = dirs.open();
    ASSERT_TRUE(opened->custody->settle(look_at_nothing(), kNow));
    ASSERT_TRUE(opened->custody->settle(look_at("laptop"), kNow));
    opened->store.reset();
    opened = dirs.open();
    EXPECT_FALSE(opened->custody->settle(look_at("laptop"), kNow)->rows_changed);
    EXPECT_TRUE(opened->custody->settle(look_at("desktop"), kNow)->rows_changed);
}

TEST_F(OwnHardware, of_another_kind_takes_rows_without_license_ids_and_device_keys) {
    auto opened = boot("laptop");
    EXPECT_TRUE(last_.rows_changed);
    EXPECT_FALSE(last_.foreign.empty());
    EXPECT_EQ(products(*opened.store), std::vector<std::string>{"paint"}) << "it has a license";
    EXPECT_NE(opened.custody->machine_id(), machine_);
    const auto publisher = opened.store->publisher("acme").value();
    EXPECT_TRUE(publisher->device_seed.empty());
    EXPECT_EQ(publisher->key_set_version, 3) << "whom to trust is no machine's secret";
    EXPECT_EQ(publisher->former_seed, Bytes(32, 0x42)) << "licenses from there still name it";
    opened.store.reset();
    EXPECT_TRUE(dirs_.open()->report.repaired.empty()) << "and it is a whole state";
}

TEST_F(OwnHardware, that_comes_back_finds_its_id_its_key_and_its_grace) {
    auto away = boot("laptop");
    const auto other = away.custody->machine_id();
    away.store.reset();
    auto opened = boot("desktop");
    EXPECT_TRUE(last_.rows_changed);
    EXPECT_EQ(opened.custody->machine_id(), machine_);
    EXPECT_EQ(opened.store->publisher("acme").value()->device_seed, Bytes(32, 0x42));
    const auto all = opened.store->products().value();
    const auto draw = std::find_if(all.begin(), all.end(),
                                   [](const auto& state) { return state.product == "draw"; });
    ASSERT_NE(draw, all.end());
    EXPECT_EQ(draw->grace, in_initial_grace("draw").grace) << "not a day more";
    opened.store.reset();
    EXPECT_EQ(boot("laptop").custody->machine_id(), other);
}

TEST_F(OwnHardware, on_a_full_disk_stays_the_question_it_was) {
    auto opened = dirs_.open();
    const auto before = everything_in(*opened->store);
    // A directory in the rollback journal's place: SQLite can begin nothing.
    fs::create_directory(dirs_.database().string() + "-journal");
    EXPECT_FALSE(opened->custody->settle(look_at("laptop"), kNow));
    EXPECT_EQ(everything_in(*opened->store), before);
    EXPECT_EQ(opened->custody->machine_id(), machine_);
    fs::remove(dirs_.database().string() + "-journal");
    EXPECT_TRUE(opened->custody->settle(look_at("laptop"), kNow)->rows_changed);
}

TEST_F(OwnHardware, second_copy_of_it_brings_back_what_a_foreign_state_would_hide) {
    StoreDirs laptop;
    {
        auto opened = laptop.open();
        fill(*opened->store);
        ASSERT_TRUE(opened->custody->settle(look_at("laptop"), kNow));
    }
    // The laptop's state is put over the desktop's; the desktop's second copy stays.
    fs::remove_all(dirs_.paths.state_dir);
    fakes::copy_folder(laptop.paths.state_dir, dirs_.paths.state_dir);
    auto opened = dirs_.open();
    const auto copy = read_all(dirs_.anchor());
    EXPECT_TRUE(opened->report.repaired.empty()) << "nobody knows yet whose they are";
    ASSERT_TRUE(opened->store->commit({{}, some_time(), {}}));
    EXPECT_EQ(read_all(dirs_.anchor()), copy) << "nor is the second copy written over";
    EXPECT_TRUE(opened->custody->settle(look_at("desktop"), kNow)->rows_changed);
    EXPECT_EQ(products(*opened->store), (std::vector<std::string>{"draw", "paint"}));
    EXPECT_NE(read_all(dirs_.anchor()), copy) << "from now on it goes along";
}

TEST_F(OwnHardware, second_copy_of_another_machine_does_not_count) {
    StoreDirs laptop;
    {
        auto opened = laptop.open();
        ASSERT_TRUE(opened->custody->settle(look_at("laptop"), kNow));
    }
    fs::remove_all(laptop.paths.anchor_dir);
    fakes::copy_folder(dirs_.paths.anchor_dir, laptop.paths.anchor_dir);
    auto opened = laptop.open();
    const auto settled = opened->custody->settle(look_at("laptop"), kNow);
    EXPECT_TRUE(opened->store->products()->empty());
    EXPECT_FALSE(settled->done.empty()) << "and it is said";
    EXPECT_TRUE(settled->foreign.empty());
    opened->store.reset();
    EXPECT_TRUE(laptop.open()->custody->settle(look_at("laptop"), kNow)->done.empty())
        << "once: it was written anew";
}

TEST(HardwareRecord, survives_its_row_and_refuses_a_damaged_one) {
    const auto record = record_of(look_at("desktop"));
    const auto text = to_row(record);
    const auto read = hardware_from_row(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_row(*read), text);
    EXPECT_EQ(compare(*read, look_at("desktop")), hwid::Verdict::same);
    for (std::size_t length = 0; length < text.size(); length += 7)
        EXPECT_FALSE(hardware_from_row(text.substr(0, length)));
}

TEST(HardwareRecord, has_a_salt_of_its_own_each_time) {
    const auto one = record_of(look_at("desktop"));
    const auto two = record_of(look_at("desktop"));
    EXPECT_FALSE(same_line(one, two));
    EXPECT_NE(to_row(one), to_row(two));
    EXPECT_EQ(compare(one, look_at("laptop")), hwid::Verdict::different);
}

TEST(HardwareRecord, never_forgets_an_anchor_that_could_not_be_read_once) {
    const auto record = record_of(look_at("desktop"));
    EXPECT_EQ(to_row(rolled_forward(record, look_at_nothing())), to_row(record));
}

}  // namespace
}  // namespace latchkey::store
