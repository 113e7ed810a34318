// A publisher signs an evidence table of its own. Machines take it at their next contact and
// compare by it from then on; a table that was tampered with changes nothing.

#include "licensing/weights.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

std::int64_t version_of(Stage& stage) {
    return stage.product("suite").at("weights_version").as_int64();
}

licensing::WeightsTable next_table(Vendor& vendor, int version) {
    licensing::WeightsTable table{vendor.room()->publisher().id, ServerTime{Days{20600}},
                                  hwid::default_weights()};
    table.weights.version = version;
    return table;
}

void install_table(Vendor& vendor, const licensing::WeightsTable& table) {
    vendor.with_root("weights", "install", {{"table", {json::to_text(licensing::to_json(table))}}});
}

void install_table(Vendor& vendor, int version) {
    install_table(vendor, next_table(vendor, version));
}

TEST(EvidenceTable, is_taken_at_the_next_contact_and_stays) {
    Stage stage;
    const int built_in = hwid::default_weights().version;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 5);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    EXPECT_EQ(version_of(stage), built_in);
    install_table(stage.vendor(), built_in + 3);
    stage.pass(14 * day);
    EXPECT_EQ(version_of(stage), built_in + 3);
    stage.restart();
    EXPECT_EQ(version_of(stage), built_in + 3);
    stage.vendor().rotate_keys({{"root", {}}});
    stage.pass(14 * day);
    EXPECT_EQ(version_of(stage), built_in + 3);
    install_table(stage.vendor(), built_in + 4);
    stage.pass(14 * day);
    EXPECT_EQ(version_of(stage), built_in + 4) << "signed by the new root";
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST(EvidenceTable, by_which_a_machine_changed_takes_no_license_from_it) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "ai-cloud", 5);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    auto strict = next_table(stage.vendor(), hwid::default_weights().version + 1);
    strict.weights.losses[1] = {{hwid::Anchor::nic}, {}};
    install_table(stage.vendor(), strict);
    stage.pass(14 * day);
    ASSERT_EQ(version_of(stage), strict.weights.version);
    stage.become("desktop-nic-swapped");
    stage.reboot();
    EXPECT_EQ(stage.state("suite"), "licensed") << "by the table built in nothing significant is";
    stage.pass(60 * day);
    EXPECT_EQ(stage.state("suite"), "licensed") << "and it is renewed";
    EXPECT_EQ(stage.used("suite"), 1);
}

}  // namespace
}  // namespace latchkey::scenario
