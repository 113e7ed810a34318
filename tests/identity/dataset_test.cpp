#include "tests/identity/dataset.h"

#include <gtest/gtest.h>

#include "tests/identity/made_up.h"

namespace latchkey::identity {
namespace {

std::string detail_of(const std::filesystem::path& folder) {
    const auto data = read_dataset(folder, [](std::string_view) {});
    return data ? "" : data.error().detail;
}

TEST(Dataset, joins_machines_and_pairs_and_leaves_doubtful_labels_out) {
    const made_up::Office office;
    const auto data = office.data();
    EXPECT_EQ(data.machines.size(), made_up::kMachines);
    EXPECT_EQ(data.real.size(), 80u + 60u);
    EXPECT_EQ(data.left_out, 1u);
    EXPECT_EQ(data.real[0].before, &data.machines[0].states[0]);
    EXPECT_EQ(data.real[0].after, &data.machines[0].states[1]);
    EXPECT_EQ(data.real[0].same, true);
    ASSERT_EQ(data.scenarios.size(), 3u);
    EXPECT_EQ(data.scenarios[1].expected, 1);
    EXPECT_EQ(data.scenarios[1].same, false);
    EXPECT_EQ(data.scenarios[2].expected, std::nullopt);
    EXPECT_EQ(data.scenarios[2].same, std::nullopt);
}

TEST(Dataset, needs_no_scenarios) {
    const made_up::Office office;
    std::filesystem::remove(office.directory / "scenarios.jsonl");
    EXPECT_TRUE(office.data().scenarios.empty());
}

TEST(Dataset, names_file_and_line_of_what_cannot_be_read) {
    const made_up::Office office;
    std::ofstream(office.directory / "pairs.jsonl", std::ios::app)
        << R"({"before":["m0",0],"after":["nobody",0],"label":"same","set":"life"})"
        << "\n";
    EXPECT_EQ(detail_of(office.directory.path()), "pairs.jsonl:142: \"after\" names no state");
    std::filesystem::remove(office.directory / "pairs.jsonl");
    EXPECT_NE(detail_of(office.directory.path()).find("cannot open"), std::string::npos);
    std::ofstream(office.directory / "machines.jsonl") << "{\"id\":\"m\"}\n";
    EXPECT_EQ(detail_of(office.directory.path()), "machines.jsonl:1: \"snapshots\" is missing");
}

}  // namespace
}  // namespace latchkey::identity
