// A state directory is copied to other hardware, or comes with an image that nobody generalized.
// The agent there starts on its own: it is told apart, and the original is never harmed.

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include "tests/fakes/copy_folder.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

namespace fs = std::filesystem;
namespace bj = boost::json;
using testing::HasSubstr;

/// A machine that has used most of what it had.
struct Used {
    Stage stage;
    std::string key;

    Used() {
        stage.vendor().add_product("suite");
        stage.vendor().add_product("draw");
        key = stage.vendor().sell("draw", "ai-cloud", 10);
        stage.install("suite");
        stage.install("draw");
        EXPECT_EQ(stage.activate("draw", key).status, 200);
        stage.pass(15 * day);
        EXPECT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
        EXPECT_EQ(stage.post("/v1/products/suite/used").status, 200);
        stage.pass(10 * day);
        EXPECT_EQ(days_left(stage, "suite"), 20) << "of the extended grace";
        EXPECT_EQ(rearms_left(stage, "suite"), 2);
    }

    /// A copy of state and second copy, as they are now.
    fs::path backup(const std::string& name) {
        const auto place = stage.folder() / name;
        stage.with_disk([&](const fs::path& disk) {
            fs::create_directories(place);
            for (const auto* part : {"state", "anchor"})
                fakes::copy_folder(disk / part, place / part);
        });
        return place;
    }
};

void put_back(const fs::path& disk, const fs::path& from, const std::string& part) {
    fs::remove_all(disk / part);
    fakes::copy_folder(from / part, disk / part);
}

TEST(ForeignState, gives_an_unlicensed_product_a_grace_of_its_own_and_none_of_the_others_rearms) {
    Used used;
    const auto id = machine_id(used.stage);
    used.stage.boot_as("laptop");
    EXPECT_EQ(used.stage.state("suite"), "initial_grace");
    EXPECT_EQ(days_left(used.stage, "suite"), 30);
    EXPECT_EQ(rearms_left(used.stage, "suite"), 3);
    EXPECT_NE(machine_id(used.stage), id) << "told apart";
    EXPECT_NE(health_text(used.stage, "state_foreign"), "");
    EXPECT_THAT(bj::serialize(used.stage.get("/v1/history").body), HasSubstr("state_foreign"));
}

TEST(ForeignState, survives_restarts_as_the_new_machines_own) {
    Used used;
    used.stage.boot_as("laptop");
    const auto id = machine_id(used.stage);
    used.stage.pass(5 * day);
    used.stage.reboot();
    EXPECT_EQ(machine_id(used.stage), id);
    EXPECT_EQ(days_left(used.stage, "suite"), 24) << "it goes on where it was";
    // And the second copy is the new machine's as well.
    used.stage.with_disk([](const fs::path& disk) { fs::remove_all(disk / "state"); });
    EXPECT_EQ(machine_id(used.stage), id);
    EXPECT_LE(days_left(used.stage, "suite"), 24);
    EXPECT_EQ(rearms_left(used.stage, "suite"), 3);
}

TEST(ForeignState, keeps_a_license_in_its_tolerance_and_renews_nothing_with_it) {
    Used used;
    used.stage.boot_as("laptop");
    EXPECT_EQ(used.stage.state("draw"), "out_of_tolerance_grace");
    const auto decisions = used.stage.vendor().decisions;
    used.stage.pass(8 * day);
    EXPECT_EQ(used.stage.state("draw"), "out_of_tolerance_grace");
    EXPECT_GT(used.stage.vendor().decisions, decisions) << "it asked for an activation";
    const auto machines = used.stage.vendor().admin("machine", "list", {});
    EXPECT_EQ(machines.at("machines").as_array().size(), 1U) << "and spent none by itself";
}

TEST(ForeignState, a_clone_that_is_activated_counts_for_itself_and_the_original_goes_on) {
    Used used;
    auto& stage = used.stage;
    const auto original = used.backup("original");
    const auto original_license = bj::serialize(stage.product("draw").at("license"));
    stage.boot_as("laptop");
    const auto clone = stage.activate("draw", used.key, true);
    ASSERT_EQ(clone.status, 200) << clone.code();
    EXPECT_EQ(clone.at("counted"), 1) << "another machine";
    EXPECT_EQ(stage.state("draw"), "licensed");

    stage.boot_as("desktop", [&](const fs::path& disk) {
        put_back(disk, original, "state");
        put_back(disk, original, "anchor");
    });
    EXPECT_EQ(stage.state("draw"), "licensed");
    EXPECT_EQ(bj::serialize(stage.product("draw").at("license")), original_license);
    stage.pass(10 * day);
    EXPECT_EQ(stage.state("draw"), "licensed");
    EXPECT_NE(bj::serialize(stage.product("draw").at("license")), original_license) << "renewed";
    EXPECT_EQ(stage.used("draw"), 2);
    EXPECT_EQ(health_text(stage, "state_foreign"), "");
}

TEST(ForeignState, a_clone_does_not_send_what_the_original_had_under_way) {
    Stage stage;
    stage.vendor().add_product("draw");
    const auto key = stage.vendor().sell("draw", "competency", 10);
    stage.install("draw");
    stage.vendor().reachable = false;
    EXPECT_EQ(stage.activate("draw", key).code(), "keyserver_unreachable");
    stage.vendor().reachable = true;
    stage.boot_as("laptop");
    stage.pass(day);
    EXPECT_EQ(stage.vendor().activations, 0);
    EXPECT_EQ(stage.state("draw"), "initial_grace");
    EXPECT_TRUE(stage.product("draw").at("key_last5").is_null()) << "the key was the other's";
}

TEST(ForeignState, a_disk_that_goes_back_finds_what_it_left) {
    Used used;
    auto& stage = used.stage;
    const auto id = machine_id(stage);
    stage.boot_as("laptop");
    stage.pass(2 * day);
    stage.boot_as("desktop");
    EXPECT_EQ(machine_id(stage), id);
    EXPECT_EQ(stage.state("draw"), "licensed") << "the old hardware came back";
    EXPECT_EQ(stage.state("suite"), "extended_grace");
    EXPECT_EQ(days_left(stage, "suite"), 17) << "going to and fro gains nothing";
    EXPECT_EQ(rearms_left(stage, "suite"), 2);
    stage.pass(8 * day);
    EXPECT_EQ(stage.product("draw").at("last_attempt").at("outcome"), "ok")
        << "and the license renews under its own device key";
}

TEST(ForeignState, a_license_is_attested_in_its_tolerance_by_the_key_it_names) {
    Used used;
    auto& stage = used.stage;
    const auto signer = [&stage] {
        const auto proof = stage.post("/v1/products/draw/attest", {{"nonce", "n"}});
        const auto jws = std::string(proof.at("attestation").as_string());
        return jws.substr(0, jws.find('.'));
    };
    const auto before = signer();
    stage.boot_as("laptop");
    ASSERT_EQ(stage.state("draw"), "out_of_tolerance_grace");
    EXPECT_EQ(signer(), before);
}

TEST(ForeignState, another_machines_state_over_ones_own_second_copy_gains_nothing) {
    // The laptop's own story: five days of its grace are gone, all rearms but one.
    Used used;
    auto& stage = used.stage;
    const auto fresh = used.backup("desktop");
    stage.reimage();
    stage.boot_as("laptop", [](const fs::path& disk) {
        fs::remove_all(disk / "state");
        fs::remove_all(disk / "anchor");
    });
    stage.pass(25 * day);
    for (int rearm = 0; rearm < 2; ++rearm) {
        EXPECT_EQ(stage.post("/v1/products/suite/rearm").status, 200);
        EXPECT_EQ(stage.post("/v1/products/suite/used").status, 200);
    }
    stage.pass(25 * day);
    const auto left = days_left(stage, "suite");
    stage.boot_as("laptop", [&](const fs::path& disk) { put_back(disk, fresh, "state"); });
    EXPECT_NE(health_text(stage, "state_foreign"), "");
    EXPECT_EQ(rearms_left(stage, "suite"), 1) << "the laptop's own second copy counts";
    EXPECT_LE(days_left(stage, "suite"), left);
}

TEST(ForeignState, another_machines_second_copy_does_not_count) {
    Used used;
    auto& stage = used.stage;
    const auto others = used.backup("desktop");
    stage.boot_as("laptop", [](const fs::path& disk) {
        fs::remove_all(disk / "state");
        fs::remove_all(disk / "anchor");
    });
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    stage.boot_as("laptop", [&](const fs::path& disk) { put_back(disk, others, "anchor"); });
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_EQ(health_text(stage, "state_foreign"), "") << "the state is this machine's";
    // Nor where there is nothing else.
    stage.boot_as("laptop", [&](const fs::path& disk) {
        put_back(disk, others, "anchor");
        fs::remove_all(disk / "state");
    });
    EXPECT_EQ(rearms_left(stage, "suite"), 3);
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    EXPECT_NE(health_text(stage, "state_foreign"), "");
}

TEST(ForeignState, is_no_word_for_a_machine_that_was_repaired_or_cannot_be_read) {
    for (const std::string machine : {"desktop-nic-swapped", "desktop-disk-swapped"}) {
        Used used;
        const auto id = machine_id(used.stage);
        used.stage.boot_as(machine);
        EXPECT_EQ(machine_id(used.stage), id) << machine;
        EXPECT_EQ(rearms_left(used.stage, "suite"), 2) << machine;
        EXPECT_EQ(health_text(used.stage, "state_foreign"), "") << machine;
    }
}

TEST(ForeignState, is_told_by_the_hardware_as_it_was_last_seen) {
    // Part by part another machine: every step is the same machine, the record goes along.
    Used used;
    const auto id = machine_id(used.stage);
    used.stage.boot_as("desktop-nic-swapped");
    used.stage.boot_as("desktop");
    used.stage.boot_as("desktop-disk-swapped");
    EXPECT_EQ(machine_id(used.stage), id);
    EXPECT_EQ(used.stage.state("draw"), "licensed");
}

TEST(ForeignState, a_clone_does_not_repeat_a_request_whose_answer_was_lost) {
    Stage stage;
    stage.vendor().add_product("draw");
    const auto key = stage.vendor().sell("draw", "competency", 10);
    stage.install("draw");
    stage.vendor().lost_replies = 1;
    EXPECT_EQ(stage.activate("draw", key).code(), "keyserver_unreachable");
    const auto asked = stage.vendor().activations;
    stage.boot_as("laptop");
    EXPECT_EQ(stage.vendor().activations, asked) << "the original alone hears the answer";
}

}  // namespace
}  // namespace latchkey::scenario
