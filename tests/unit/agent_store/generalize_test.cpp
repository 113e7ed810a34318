// The store gives itself up: nothing of the machine stays on the disk, whenever it is interrupted.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "agent/store/belongings.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

ImageReport some_report() {
    ImageReport report;
    report.at = kNow;
    report.agent_version = "0.1.0";
    report.boot_id = "boot-1";
    report.removed = {{"licenses", 1, "paint"}, {"journal", 12, "lines"}};
    report.kept = {{"configuration", 1, "/etc/latchkey/agent.toml"}};
    report.warnings = {"Mind the gap."};
    return report;
}

std::set<std::string> files_of(const fs::path& directory) {
    std::set<std::string> names;
    for (const auto& file : fs::directory_iterator(directory))
        names.insert(file.path().filename().string());
    return names;
}

const std::set<std::string> kClean{"generalized.json", "lock"};

class Generalize : public testing::Test {
protected:
    void SetUp() override {
        auto opened = dirs_.open();
        ASSERT_TRUE(opened);
        fill(*opened->store);
        write_all(dirs_.paths.state_dir / "state.corrupt-1", "an old secret");
        write_all(dirs_.paths.state_dir / ".state.key.0011.tmp", "half a key");
        write_all(dirs_.paths.anchor_dir / ".anchor.json.0011.tmp", "half a copy");
    }
    void expect_clean() const {
        EXPECT_EQ(files_of(dirs_.paths.state_dir), kClean);
        EXPECT_TRUE(files_of(dirs_.paths.anchor_dir).empty());
    }
    StoreDirs dirs_;
};

TEST_F(Generalize, leaves_nothing_but_the_report) {
    auto opened = dirs_.open();
    ASSERT_TRUE(opened->custody->generalize(some_report()));
    expect_clean();
    EXPECT_TRUE(opened->custody->belongings()->empty());
    EXPECT_TRUE(opened->custody->machine_id().empty());
    EXPECT_TRUE(opened->custody->report()->done);
    const auto read = read_image_report(dirs_.paths.state_dir);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->removed, some_report().removed);
    EXPECT_EQ((*read)->kept, some_report().kept);
    EXPECT_EQ((*read)->warnings, some_report().warnings);
}

TEST_F(Generalize, leaves_a_store_that_holds_and_takes_nothing) {
    auto opened = dirs_.open();
    ASSERT_TRUE(opened->custody->generalize(some_report()));
    auto& store = *opened->store;
    EXPECT_TRUE(store.products()->empty());
    EXPECT_TRUE(store.journal({}, {}, 50)->empty());
    EXPECT_FALSE(store.publisher("acme").value());
    EXPECT_EQ(store.commit({in_initial_grace("draw"), some_time(), {}}).error().code,
              Code::generalized);
    PublisherState publisher;
    publisher.root.publisher = "acme";
    EXPECT_EQ(store.save_publisher(publisher).error().code, Code::generalized);
    expect_clean();
}

TEST_F(Generalize, lasts_for_its_boot_and_ends_with_it) {
    {
        auto opened = dirs_.open();
        ASSERT_TRUE(opened->custody->generalize(some_report()));
        EXPECT_EQ(dirs_.open().error().code, Code::state_locked) << "nobody else makes a state";
    }
    {
        const auto again = open_store(dirs_.paths, "boot-1");
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->custody->report());
        EXPECT_TRUE(again->machine_id.empty());
        expect_clean();
    }
    const auto clone = open_store(dirs_.paths, "boot-2");
    ASSERT_TRUE(clone);
    EXPECT_FALSE(clone->custody->report());
    EXPECT_TRUE(clone->report.fresh);
    EXPECT_FALSE(clone->machine_id.empty());
}

TEST_F(Generalize, that_was_cut_short_anywhere_is_brought_to_its_end) {
    std::vector<fs::path> files;
    for (const auto& directory : {dirs_.paths.state_dir, dirs_.paths.anchor_dir})
        for (const auto& file : fs::directory_iterator(directory))
            if (file.path().filename() != "lock") files.push_back(file.path());
    std::sort(files.begin(), files.end());
    ASSERT_GE(files.size(), 7U);
    StoreDirs whole;
    whole.become(dirs_);
    for (std::size_t removed = 0; removed <= files.size(); ++removed) {
        for (const std::string boot : {"boot-1", "boot-2"}) {
            dirs_.become(whole);
            ASSERT_TRUE(write_image_report(dirs_.paths.state_dir, some_report()));
            for (std::size_t i = 0; i < removed; ++i) fs::remove(files[i]);
            const auto opened = open_store(dirs_.paths, boot);
            ASSERT_TRUE(opened) << opened.error().detail;
            EXPECT_TRUE(opened->store->products()->empty()) << removed << " " << boot;
            EXPECT_EQ(opened->custody->report().has_value(), boot == "boot-1");
            EXPECT_TRUE(read_image_report(dirs_.paths.state_dir).value()->done);
            EXPECT_FALSE(fs::exists(dirs_.paths.state_dir / "state.corrupt-1"));
            if (boot == "boot-1") expect_clean();
        }
    }
}

TEST_F(Generalize, changes_nothing_where_its_report_cannot_be_written) {
    auto opened = dirs_.open();
    const auto before = everything_in(*opened->store);
    fs::create_directory(dirs_.paths.state_dir / kImageReportName);
    EXPECT_FALSE(opened->custody->generalize(some_report()));
    EXPECT_EQ(everything_in(*opened->store), before);
    EXPECT_FALSE(opened->custody->report());
    EXPECT_TRUE(fs::exists(dirs_.anchor()));
}

TEST_F(Generalize, names_what_belongs_to_the_machine_and_no_secret) {
    auto opened = dirs_.open();
    const auto list = opened->custody->belongings().value();
    const auto text = json::to_text(to_json(list));
    for (const auto* what : {"machine_identity", "device_keys", "licenses", "pending_requests",
                             "product_keys", "grace_and_rearms", "journal", "quarantined_state",
                             "second_copy", "unfinished_files", "state_key", "state_files"})
        EXPECT_NE(text.find(what), text.npos) << what;
    EXPECT_EQ(text.find("AAAAA"), text.npos);
    EXPECT_EQ(text.find(opened->machine_id), text.npos);
}

TEST(ImageReportFile, says_when_it_was_changed) {
    const auto text = to_file(some_report());
    ASSERT_TRUE(image_report_from_file(text));
    int accepted = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        accepted += image_report_from_file(changed).has_value();
        accepted += image_report_from_file(text.substr(0, i)).has_value() && i + 1 < text.size();
    }
    EXPECT_EQ(accepted, 0);
}

TEST_F(Generalize, a_report_that_was_changed_is_nobodys_word) {
    write_all(dirs_.paths.state_dir / kImageReportName, "{\"report\":{},\"sha256\":\"00\"}");
    fs::permissions(dirs_.paths.state_dir / kImageReportName,
                    fs::perms::owner_read | fs::perms::owner_write);
    const auto opened = open_store(dirs_.paths, "boot-1");
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->custody->report());
    EXPECT_EQ(opened->store->products()->size(), 2U) << "the state is as it was";
    EXPECT_FALSE(opened->report.repaired.empty()) << "and it is said";
}

}  // namespace
}  // namespace latchkey::store
