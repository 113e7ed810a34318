// A machine is prepared as a golden image, captured, and booted on others. Each of them starts its
// own grace, under its own identity; the image itself starts nothing.

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include <fstream>
#include <set>

#include "tests/fakes/copy_folder.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

namespace fs = std::filesystem;
namespace bj = boost::json;
using testing::HasSubstr;
using testing::Not;

std::set<std::string> kinds(const bj::value& list) {
    std::set<std::string> all;
    for (const auto& item : list.as_array()) all.insert(std::string(item.at("what").as_string()));
    return all;
}

std::set<std::string> files_in(const fs::path& directory) {
    std::set<std::string> names;
    if (fs::exists(directory))
        for (const auto& file : fs::directory_iterator(directory))
            names.insert(file.path().filename().string());
    return names;
}

/// A reference machine that has a product in grace and one that is licensed.
struct Reference {
    Stage stage;
    std::string key;
    fs::path image;

    Reference() {
        stage.vendor().add_product("suite");
        stage.vendor().add_product("draw");
        key = stage.vendor().sell("draw", "ai-cloud", 10);
        stage.install("suite");
        stage.install("draw");
        EXPECT_EQ(stage.activate("draw", key).status, 200);
        stage.pass(20 * day);
        image = stage.folder() / "image";
    }

    Said generalize(const bj::value& body = nullptr) { return stage.post("/v1/generalize", body); }

    void capture() {
        stage.with_disk([this](const fs::path& disk) {
            for (const auto* part : {"state", "anchor"})
                if (fs::exists(disk / part)) fakes::copy_folder(disk / part, image / part);
        });
    }

    /// Another machine's first boot from the image.
    void boot(const std::string& machine) {
        stage.boot_as(machine, [this](const fs::path& disk) {
            for (const auto* part : {"state", "anchor"}) {
                fs::remove_all(disk / part);
                if (fs::exists(image / part)) fakes::copy_folder(image / part, disk / part);
            }
        });
    }
};

TEST(GoldenImage, machines_made_from_it_each_start_their_own_grace_and_are_told_apart) {
    Reference reference;
    auto& stage = reference.stage;
    std::set<std::string> ids{machine_id(stage)};
    ASSERT_EQ(reference.generalize().status, 200);
    fs::create_directories(reference.image);
    reference.capture();
    for (const std::string machine : {"laptop", "server", "desktop-twin"}) {
        reference.boot(machine);
        EXPECT_EQ(stage.state("suite"), "initial_grace") << machine;
        EXPECT_EQ(stage.state("draw"), "initial_grace") << machine;
        EXPECT_GE(stage.product("suite").at("grace").at("remaining_s").as_int64(), 30 * 86400 - 120)
            << machine << " has all of it";
        EXPECT_TRUE(ids.insert(machine_id(stage)).second) << "told apart: " << machine;
        EXPECT_EQ(health_text(stage, "state_foreign"), "") << "nothing of the reference came along";
        stage.pass(10 * day);
    }
}

TEST(GoldenImage, of_a_licensed_machine_gives_no_license_away_and_harms_no_original) {
    Reference reference;
    auto& stage = reference.stage;
    const auto decisions = stage.vendor().decisions;
    const auto done = reference.generalize();
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_THAT(bj::serialize(done.at("warnings")), HasSubstr("draw stay used"));
    EXPECT_EQ(stage.vendor().decisions, decisions) << "the key server is told nothing";
    fs::create_directories(reference.image);
    reference.capture();

    reference.boot("laptop");
    const auto laptop = stage.activate("draw", reference.key);
    EXPECT_EQ(laptop.at("counted"), 1) << laptop.code();
    // The reference machine itself, installed again: its hardware is known, its key is new.
    reference.boot("desktop");
    const auto again = stage.activate("draw", reference.key);
    EXPECT_EQ(again.at("counted"), 0) << again.code();
    EXPECT_EQ(stage.used("draw"), 2);
}

TEST(GoldenImage, nothing_starts_on_it_however_often_the_agent_is_restarted) {
    Reference reference;
    auto& stage = reference.stage;
    ASSERT_EQ(reference.generalize().status, 200);
    const std::set<std::string> clean{"generalized.json", "lock"};
    for (int restart = 0; restart < 3; ++restart) {
        const auto status = stage.get("/v1/status");
        EXPECT_TRUE(status.at("machine").at("id").is_null());
        EXPECT_TRUE(status.at("products").as_array().empty());
        EXPECT_NE(health_text(stage, "generalized"), "");
        EXPECT_EQ(files_in(stage.folder() / "state"), clean);
        EXPECT_TRUE(files_in(stage.folder() / "anchor").empty());
        EXPECT_EQ(stage.activate("draw", reference.key).code(), "generalized");
        EXPECT_EQ(stage.post("/v1/products/suite/used").code(), "generalized");
        EXPECT_EQ(stage.post("/v1/reload").status, 200);
        stage.pass(2 * day);
        stage.restart();
    }
    EXPECT_EQ(reference.generalize({{"verify", true}}).at("clean"), true);
}

TEST(GoldenImage, reference_machine_itself_starts_anew_at_its_next_boot) {
    Reference reference;
    auto& stage = reference.stage;
    ASSERT_EQ(reference.generalize().status, 200);
    stage.reboot();
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(reference.generalize({{"verify", true}}).at("clean"), false)
        << "it has to be generalized again";
    EXPECT_EQ(reference.generalize().status, 200);
    EXPECT_EQ(reference.generalize({{"verify", true}}).at("clean"), true);
}

TEST(GoldenImage, dry_run_says_exactly_what_the_act_does_and_changes_nothing) {
    Reference reference;
    auto& stage = reference.stage;
    const auto id = machine_id(stage);
    const auto planned = reference.generalize({{"dry_run", true}});
    ASSERT_EQ(planned.status, 200) << planned.code();
    EXPECT_EQ(machine_id(stage), id);
    EXPECT_EQ(stage.state("draw"), "licensed");
    const auto done = reference.generalize();
    EXPECT_EQ(planned.at("removed"), done.at("removed"));
    EXPECT_EQ(planned.at("kept"), done.at("kept"));
    EXPECT_EQ(planned.at("warnings"), done.at("warnings"));
    EXPECT_THAT(kinds(done.at("removed")),
                testing::IsSupersetOf({"machine_identity", "device_keys", "licenses",
                                       "product_keys", "grace_and_rearms", "journal", "state_files",
                                       "state_key", "second_copy", "hardware_record"}));
    EXPECT_EQ(kinds(done.at("kept")), (std::set<std::string>{"configuration", "manifests"}));
}

TEST(GoldenImage, report_stays_beside_the_state_and_says_nothing_secret) {
    Reference reference;
    auto& stage = reference.stage;
    const auto id = machine_id(stage);
    const auto done = reference.generalize();
    std::ifstream file(std::string(done.at("report").as_string()));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(text, HasSubstr("grace_and_rearms"));
    EXPECT_THAT(text, Not(HasSubstr(id)));
    EXPECT_THAT(text, Not(HasSubstr(reference.key)));
    EXPECT_TRUE(store::image_report_from_file(text));
    auto changed = text;
    changed.replace(changed.find("\"count\":1"), 9, "\"count\":2");
    EXPECT_FALSE(store::image_report_from_file(changed)) << "its digest covers every figure";
}

TEST(GoldenImage, verify_names_what_remains) {
    Reference reference;
    auto& stage = reference.stage;
    const auto in_use = reference.generalize({{"verify", true}});
    EXPECT_EQ(in_use.at("clean"), false);
    EXPECT_THAT(kinds(in_use.at("remains")), testing::IsSupersetOf({"licenses", "state_key"}));
    ASSERT_EQ(reference.generalize().status, 200);
    ASSERT_EQ(reference.generalize({{"verify", true}}).at("clean"), true);
    for (const auto* name : {"state/state.corrupt-1", "anchor/anchor.key", "state/notes.txt"}) {
        fs::create_directories((stage.folder() / name).parent_path());
        std::ofstream(stage.folder() / name) << "something";
        const auto proof = reference.generalize({{"verify", true}});
        EXPECT_EQ(proof.at("clean"), false) << name;
        EXPECT_THAT(bj::serialize(proof.at("remains")),
                    HasSubstr(fs::path(name).filename().string()));
    }
    ASSERT_EQ(reference.generalize().status, 200) << "again, for what came back";
    EXPECT_EQ(kinds(reference.generalize({{"verify", true}}).at("remains")),
              std::set<std::string>{"unknown_files"})
        << "what is not the agent's stays, and is told";
    fs::remove(stage.folder() / "state/notes.txt");
    EXPECT_EQ(reference.generalize({{"verify", true}}).at("clean"), true);
}

TEST(GoldenImage, key_files_stay_where_the_configuration_names_them_and_are_told_where_not) {
    Stage stage;
    const auto inbox = stage.folder() / "state" / "inbox";
    fs::create_directories(inbox);
    std::ofstream(inbox / "suite.key") << "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX\n";
    stage.configure("[[activate]]\nproduct = \"suite\"\nkey_file = \"suite.key\"\n");
    const auto done = stage.post("/v1/generalize");
    ASSERT_EQ(done.status, 200) << done.code();
    EXPECT_THAT(kinds(done.at("kept")), testing::Contains("key_files"));
    EXPECT_TRUE(fs::exists(inbox / "suite.key"));
    EXPECT_EQ(stage.post("/v1/generalize", {{"verify", true}}).at("clean"), true);
    std::ofstream(inbox / "forgotten.key") << "YYYYY-YYYYY-YYYYY-YYYYY-YYYYY\n";
    const auto proof = stage.post("/v1/generalize", {{"verify", true}});
    EXPECT_EQ(proof.at("clean"), false);
    EXPECT_THAT(bj::serialize(proof.at("remains")), HasSubstr("forgotten.key"));
    EXPECT_THAT(bj::serialize(proof.body), Not(HasSubstr("YYYYY")));
}

TEST(GoldenImage, waits_for_a_request_that_may_have_counted_unless_forced) {
    Stage stage;
    stage.vendor().add_product("draw");
    const auto key = stage.vendor().sell("draw", "competency", 10);
    stage.install("draw");
    stage.vendor().lost_replies = 1;
    EXPECT_EQ(stage.activate("draw", key).code(), "keyserver_unreachable");
    const auto planned = stage.post("/v1/generalize", {{"dry_run", true}});
    EXPECT_EQ(planned.at("refusal").at("code"), "request_pending");
    const auto refused = stage.post("/v1/generalize");
    EXPECT_EQ(refused.code(), "request_pending");
    EXPECT_EQ(stage.get("/v1/status").at("products").as_array().size(), 1U) << "nothing changed";
    const auto forced = stage.post("/v1/generalize", {{"force", true}});
    ASSERT_EQ(forced.status, 200) << forced.code();
    EXPECT_THAT(bj::serialize(forced.at("warnings")), HasSubstr("may have counted"));
    stage.pass(day);
    EXPECT_EQ(stage.vendor().decisions, 1) << "and nothing is sent any more";
}

TEST(GoldenImage, is_made_by_administrators_alone) {
    Reference reference;
    for (const auto* wish : {"dry_run", "verify", "force"}) {
        const auto refused =
            reference.stage.post("/v1/generalize", bj::object{{wish, true}}, false);
        EXPECT_EQ(refused.code(), "not_permitted") << wish;
    }
    EXPECT_EQ(reference.stage.state("draw"), "licensed");
}

TEST(GoldenImage, a_lab_machine_is_prepared_alike) {
    Stage stage;
    stage.vendor().add_product("suite");
    stage.configure("[agent]\nrole = \"lab\"\n");
    stage.install("suite");
    stage.pass(29 * day);
    ASSERT_EQ(stage.post("/v1/generalize").status, 200);
    stage.boot_as("laptop");
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_GE(stage.product("suite").at("grace").at("remaining_s").as_int64(), 29 * 86400);
    EXPECT_EQ(stage.get("/v1/status").at("agent").at("role"), "lab") << "the configuration stays";
}

}  // namespace
}  // namespace latchkey::scenario
