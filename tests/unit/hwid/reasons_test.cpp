#include <gtest/gtest.h>

#include "tests/unit/hwid/story.h"

namespace latchkey::hwid {
namespace {

TEST(Reasons, the_same_machine_says_what_agrees_and_what_changed) {
    EXPECT_EQ(reasons(story("desktop", "desktop").result),
              (std::vector<std::string>{"The same machine: the mainboard's identity, the TPM, the "
                                        "network cards and the disks agree.",
                                        "No hardware changed."}));
    EXPECT_EQ(reasons(story("desktop", "desktop-nic-swapped").result),
              (std::vector<std::string>{"The same machine: the mainboard's identity, the TPM and "
                                        "the disks agree; the network cards differ.",
                                        "Changed, not significantly: network card."}));
    EXPECT_EQ(reasons(story("desktop", "desktop-board-replaced").result),
              (std::vector<std::string>{
                  "The same machine: part of the mainboard's identity and the disks agree; the TPM "
                  "and the network cards differ.",
                  "Changed significantly: mainboard serial number; not significantly: network "
                  "card; never counted: TPM endorsement key."}));
}

TEST(Reasons, another_machine_says_what_differs) {
    EXPECT_EQ(reasons(story("desktop", "desktop-twin").result).at(0),
              "Another machine: the mainboard's identity, the TPM, the network cards and the disks "
              "differ.");
}

TEST(Reasons, one_value_of_the_board_is_called_by_its_name) {
    const auto snapshot = [](const std::string& chassis, const std::string& address) {
        return Snapshot{"linux",
                        {},
                        {{Kind::chassis_serial, chassis, "", {}, State::present},
                         {Kind::nic, address, "", {}, State::present}}};
    };
    const Snapshot blade = snapshot("MXQ51D42", "a4:bb:6d:5e:21:9c");
    EXPECT_EQ(reasons(Story{blade, blade}.result).at(0),
              "The same machine: the chassis serial number and the network cards agree.");
    EXPECT_EQ(reasons(Story{blade, snapshot("MXQ51D42", "70:85:c2:4f:18:aa")}.result).at(0),
              "Not enough evidence to tell: the chassis serial number agrees; the network cards "
              "differ. Several machines may share a chassis. What would help: a TPM.");
    EXPECT_EQ(reasons(Story{blade, snapshot("CZJ40B17", "70:85:c2:4f:18:aa")}.result).at(0),
              "Another machine: the chassis serial number and the network cards differ.");
}

TEST(Reasons, a_batch_of_one_uuid_is_told_by_what_differs) {
    Snapshot twin = fakes::machine("desktop-twin");
    const Snapshot desktop = fakes::machine("desktop");
    for (std::size_t i = 0; i < twin.components.size(); ++i)
        if (twin.components[i].kind == Kind::system_uuid)
            twin.components[i] = desktop.components[i];
    EXPECT_EQ(reasons(Story{desktop, twin}.result).at(0),
              "Another machine: the system UUID agrees; the system serial number, the mainboard "
              "serial number, the chassis serial number, the TPM, the network cards and the disks "
              "differ.");
}

TEST(Reasons, another_model_is_said_where_it_decided) {
    Snapshot desktop = fakes::machine("desktop");
    std::erase_if(desktop.components, [](const auto& c) {
        return c.kind <= Kind::nic || c.kind == Kind::board_product;
    });
    Snapshot other = desktop;
    for (auto& component : other.components)
        if (component.kind == Kind::system_product) component.value = "Precision 3650";
    EXPECT_EQ(reasons(Story{desktop, other}.result).at(0),
              "Another machine: the disks agree; the model differs.");
}

TEST(Reasons, of_a_set_that_changed_is_said_how_much_stayed) {
    const auto cards = [](std::initializer_list<int> ends) {
        Snapshot out = fakes::machine("desktop");
        std::erase_if(out.components, [](const auto& c) { return c.kind == Kind::nic; });
        for (const int end : ends)
            out.components.push_back(
                {Kind::nic, "a4:bb:6d:00:00:1" + std::to_string(end), "", {}, State::present});
        return out;
    };
    const auto first = [&](const Snapshot& after) {
        return reasons(Story{cards({1, 2, 3}), after}.result).at(0);
    };
    EXPECT_EQ(first(cards({1, 2, 3, 4})),
              "The same machine: the mainboard's identity, the TPM, all recorded network cards and "
              "the disks agree.");
    EXPECT_EQ(first(cards({1, 2})),
              "The same machine: the mainboard's identity, the TPM, some of the network cards and "
              "the disks agree.");
    EXPECT_EQ(first(cards({1, 4, 5})),
              "The same machine: the mainboard's identity, the TPM and the disks agree; all but "
              "one of the network cards differ.");
}

TEST(Reasons, administrators_rights_help_only_with_what_hides_now) {
    const Component chassis{Kind::chassis_serial, "MXQ51D42", "", {}, State::present};
    const Component disk{Kind::disk, "S64DNF0R812345A", "", {}, State::present};
    const Component unread{Kind::disk, "", "", {}, State::unreadable};
    const Component was{Kind::nic, "a4:bb:6d:5e:21:9c", "", {}, State::present};
    const Component is{Kind::nic, "70:85:c2:4f:18:aa", "", {}, State::present};
    const auto first = [&](const Component& before, const Component& after) {
        return reasons(
                   Story{{"linux", {}, {chassis, was, before}}, {"linux", {}, {chassis, is, after}}}
                       .result)
            .at(0);
    };
    EXPECT_TRUE(first(unread, disk).ends_with(" What would help: a TPM."));
    EXPECT_TRUE(first(disk, unread)
                    .ends_with(" What would help: reading the rest as administrator or a TPM."));
}

TEST(Reasons, too_little_evidence_says_what_would_help) {
    const Snapshot bare{"linux", {}, {{Kind::cpu_model, "Intel", "", {}, State::present}}};
    const auto got = reasons(Story{bare, bare}.result).at(0);
    EXPECT_NE(got.find("Not enough evidence"), std::string::npos);
    EXPECT_NE(got.find("TPM"), std::string::npos);
    Snapshot before{"linux",
                    {},
                    {{Kind::nic, "a4:bb:6d:5e:21:9c", "", {}, State::present},
                     {Kind::disk, "S64DNF0R812345A", "", {}, State::present}}};
    auto after = before;
    after.components[0].value = "70:85:c2:4f:18:aa";
    EXPECT_EQ(reasons(Story{before, after}.result).at(0),
              "Not enough evidence to tell: the disks agree; the network cards differ. What would "
              "help: a TPM.");
    after.components.push_back({Kind::system_serial, "", "", {}, State::unreadable});
    before.components.push_back(after.components.back());
    EXPECT_EQ(reasons(Story{before, after}.result).at(0),
              "Not enough evidence to tell: the disks agree; the network cards differ. What would "
              "help: reading the rest as administrator or a TPM.");
}

TEST(Reasons, what_could_not_be_compared_is_mentioned) {
    auto after = fakes::machine("desktop");
    for (auto& component : after.components) {
        if (component.kind <= Kind::tpm_ek)
            component = {component.kind, "", "", {}, State::unreadable};
    }
    const auto got = reasons(Story{fakes::machine("desktop"), after}.result);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[2],
              "Could not be compared: system UUID, system serial number, mainboard serial number, "
              "chassis serial number and TPM endorsement key; that counts neither way.");
}

TEST(Reasons, what_hides_in_part_or_tells_little_is_said_so) {
    const Snapshot desktop = fakes::machine("desktop");
    Snapshot after = desktop;
    std::erase_if(after.components, [](const auto& c) {
        return c.kind == Kind::system_vendor || c.kind == Kind::bios_version;
    });
    after.components.push_back({Kind::disk, "", "sdb", {}, State::unreadable});
    EXPECT_EQ(reasons(Story{desktop, after}.result).at(2),
              "Could not be compared: disk (in part) and 2 less telling values; that counts "
              "neither way.");
    Snapshot one = desktop;
    std::erase_if(one.components, [](const auto& c) { return c.kind == Kind::bios_version; });
    EXPECT_EQ(reasons(Story{desktop, one}.result).at(2),
              "Could not be compared: BIOS version; that counts neither way.");
}

TEST(Reasons, a_set_of_which_nothing_was_compared_is_no_part) {
    const Component card{Kind::nic, "a4:bb:6d:5e:21:9c", "", {}, State::present};
    const Component second{Kind::nic, "a4:bb:6d:5e:21:9d", "", {}, State::present};
    const Component random{Kind::nic, "ae:5e:3e:e5:18:f7", "", {}, State::present};
    const auto got = reasons(Story{{"linux", {}, {card, second}}, {"linux", {}, {random}}}.result);
    EXPECT_EQ(got.at(1), "Could not be compared: network card; that counts neither way.");
}

TEST(Reasons, hardware_that_no_rule_counts_has_changed_all_the_same) {
    Snapshot before = fakes::machine("desktop");
    before.components.push_back({Kind::bmc_mac, "a4:bb:6d:00:00:01", "bmc", {}, State::present});
    Snapshot after = before;
    after.components.back().value = "a4:bb:6d:00:00:02";
    const Story got{before, after};
    EXPECT_FALSE(got.result.changed_any);
    EXPECT_EQ(reasons(got.result).at(1),
              "No hardware that counts changed; other changes: management controller address.");
}

TEST(Reasons, names_keep_their_capitals_within_a_sentence) {
    const Snapshot desktop = fakes::machine("desktop");
    Snapshot before = desktop;
    before.components.push_back(
        {Kind::infiniband_guid, "0x506b4b0300c2a1f6", "ib0", {}, State::present});
    EXPECT_EQ(reasons(Story{before, desktop}.result).at(2),
              "Could not be compared: InfiniBand adapter; that counts neither way.");
}

TEST(Reasons, there_is_always_one) {
    EXPECT_EQ(reasons(MatchResult{}).size(), 1u);
    EXPECT_EQ(reasons(Story{{}, {}}.result).size(), 1u);
}

}  // namespace
}  // namespace latchkey::hwid
