// The shipped command line tool on machines whose hardware is missing, hidden, hostile or stuck.

#include <algorithm>

#include "tests/e2e/story.h"
#include "tests/fakes/smbios_builder.h"

namespace latchkey::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Shown = std::map<std::string, std::string>;

class HardwareStory : public testing::Test {
protected:
    World world;

    Finished hwid(Shown shown, Words words, Words before = {}) const {
        Command command;
        command.argv = {"/bin/bash", source_file("tests/e2e/machine.sh").string()};
        command.argv.insert(command.argv.end(), before.begin(), before.end());
        command.argv.push_back(program("latchkey"));
        command.argv.push_back("hwid");
        command.argv.insert(command.argv.end(), words.begin(), words.end());
        command.environment = std::move(shown);
        return run(command);
    }

    /// "STATE VALUE" of each component of a kind, in slot order.
    static Words of_kind(const Finished& capture, std::string_view kind) {
        EXPECT_EQ(capture.exit_code, 0) << capture.err;
        const Json document = parse_json(capture.out);
        Words found;
        for (const auto& entry : document.as_object().at("components").as_array()) {
            if (text_at(entry, "kind") != kind) continue;
            const auto* state = entry.as_object().if_contains("state");
            found.push_back((state ? std::string(state->as_string()) : "present") + " " +
                            text_at(entry, "value"));
        }
        return found;
    }

    fs::path bytes(const std::string& name, const std::vector<std::uint8_t>& content) const {
        return world.write(name, std::string(content.begin(), content.end()));
    }
};

const Words kNobody{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};

TEST_F(HardwareStory, the_firmware_table_speaks_before_the_kernels_single_values) {
    const auto table = bytes("DMI", fakes::SmbiosBuilder()
                                        .system("LENOVO", "20W0004MGE", "PF3K9XW2",
                                                {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                                                 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01})
                                        .memory(16384, "415E3A7C", "M471A1K43DB1", "DIMM0")
                                        .build());
    const auto entry = bytes("entry", fakes::SmbiosBuilder::entry_point_64(3, 3, 0));
    const auto got =
        hwid({{"SMBIOS", table.string()}, {"SMBIOS_ENTRY", entry.string()}}, {"capture"});
    EXPECT_EQ(of_kind(got, "system_serial"), (Words{"present PF3K9XW2"}));
    EXPECT_EQ(of_kind(got, "system_uuid"), (Words{"present 44332211-6655-8877-99aa-bbccddeeff01"}));
    EXPECT_EQ(of_kind(got, "memory_module"), (Words{"present 415E3A7C"}));
    EXPECT_EQ(of_kind(got, "smbios_version"), (Words{"present 3.3"}));
    EXPECT_EQ(got.err, "") << "a machine that answers leaves nothing to say";
}

TEST_F(HardwareStory, a_firmware_table_that_is_cut_or_garbage_is_filled_in_by_the_kernels_values) {
    auto cut = fakes::SmbiosBuilder()
                   .bios("LENOVO", "N35ET44W", "01/12/2023")
                   .system("LENOVO", "20W0004MGE", "PF3K9XW2", {0x11, 0x22, 0x33})
                   .build();
    const std::string_view serial = "PF3K9XW2";
    const auto at = std::search(cut.begin(), cut.end(), serial.begin(), serial.end());
    ASSERT_NE(at, cut.end());
    cut.erase(at + 4, cut.end());
    for (const auto& content : {cut, std::vector<std::uint8_t>(512, 0xff)}) {
        const auto table = bytes("DMI", content);
        const auto got = hwid({{"SMBIOS", table.string()}}, {"capture"});
        EXPECT_EQ(of_kind(got, "system_serial"), (Words{"present 9BK5V33"}))
            << "and not what is left of the table's";
        EXPECT_EQ(of_kind(got, "system_vendor"), (Words{"present Dell Inc."}));
    }
}

TEST_F(HardwareStory, a_stuck_disk_does_not_hold_the_fingerprint) {
    const auto got =
        hwid({{"DISK2", "WD-WX32D1A7KE9P"}, {"STUCK", "block/nvme0n1/device/serial"}}, {"capture"});
    EXPECT_EQ(of_kind(got, "disk"), (Words{"unreadable ", "present WD-WX32D1A7KE9P"}));
    EXPECT_EQ(of_kind(got, "nic"), (Words{"present a4:bb:6d:12:34:56"}));
    EXPECT_THAT(got.err, HasSubstr("no answer in time from disk nvme0n1"));
}

TEST_F(HardwareStory, whatever_is_stuck_the_rest_is_read) {
    const std::string pci = "devices/pci0000:00/";
    const std::pair<const char*, std::string> sources[] = {
        {"SMBIOS", "class/dmi/id/product_serial"},
        {"network card enp0s31f6", pci + "0000:00:1f.6/net/enp0s31f6/address"},
        {"display adapters", pci + "0000:00:02.0/class"},
        {"the processor", "devices/system/cpu/online"}};
    for (const auto& [name, file] : sources) {
        const auto got = hwid({{"STUCK", file}}, {"capture"});
        EXPECT_EQ(of_kind(got, "disk"), (Words{"present S5GXNX0T123456"})) << name;
        EXPECT_THAT(got.err, AllOf(HasSubstr("no answer in time"), HasSubstr(name)));
    }
}

TEST_F(HardwareStory, a_list_of_disks_that_never_comes_is_unreadable_and_the_rest_is_there) {
    const auto got = hwid({{"DEAD", "block"}}, {"capture"});
    EXPECT_EQ(of_kind(got, "disk"), (Words{"unreadable "}));
    EXPECT_EQ(of_kind(got, "nic"), (Words{"present a4:bb:6d:12:34:56"}));
    EXPECT_EQ(of_kind(got, "system_serial"), (Words{"present 9BK5V33"}));
    EXPECT_THAT(got.err, HasSubstr("no answer in time from the list of disks"));
}

TEST_F(HardwareStory, hostile_strings_reach_neither_the_terminal_nor_the_limits) {
    const std::string bidi =
        "\xe2\x80\xae"
        "99\xe2\x80\xac";
    const auto got = hwid({{"SERIAL", "\x1b[2J" + bidi + "9BK5V33"},
                           {"PRODUCT", std::string(4000, 'P')},
                           {"DISK", "S5GX\xff\xfe\x07T1"},
                           {"GPU", "zzzz:\x1b]0;x"},
                           {"CPU_MODEL", std::string(100'000, 'C')},
                           {"MAC", "a4:bb:6d:12:34:56\x1b[31m"}},
                          {"capture"});
    EXPECT_EQ(of_kind(got, "system_serial"), (Words{"present [2J999BK5V33"}));
    EXPECT_EQ(of_kind(got, "system_product"), (Words{"present " + std::string(256, 'P')}));
    EXPECT_EQ(of_kind(got, "cpu_model"), (Words{"present " + std::string(256, 'C')}));
    EXPECT_EQ(of_kind(got, "disk"), (Words{"present S5GX??T1"}));
    EXPECT_EQ(of_kind(got, "gpu"), (Words{"absent "}));
    const auto shown = hwid({{"SERIAL", "\x1b[2J" + bidi + "9BK5V33"}}, {"show", "--reveal"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("[2J999BK5V33"));
    EXPECT_THAT(shown.out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(shown.out, Not(HasSubstr("\xe2\x80\xae")));
}

TEST_F(HardwareStory, without_rights_it_says_what_is_hidden_and_what_helps) {
    const auto table = bytes("DMI", fakes::SmbiosBuilder().build());
    for (const char* verb : {"capture", "show"}) {
        const auto got = hwid({{"SMBIOS", table.string()}}, {verb}, kNobody);
        EXPECT_EQ(got.exit_code, 0) << got.err;
        EXPECT_THAT(got.err, HasSubstr("SMBIOS"));
        EXPECT_THAT(got.err, HasSubstr("sudo"));
    }
    const auto got = hwid({{"SMBIOS", table.string()}}, {"capture"}, kNobody);
    for (const char* kind : {"system_uuid", "system_serial", "board_serial", "chassis_serial"})
        EXPECT_EQ(of_kind(got, kind), (Words{"unreadable "})) << kind;
    EXPECT_EQ(of_kind(got, "system_vendor"), (Words{"present Dell Inc."}));
    EXPECT_EQ(of_kind(got, "disk"), (Words{"present S5GXNX0T123456"}));
}

TEST_F(HardwareStory, a_tpm_that_only_the_agent_asks_is_unreadable_with_that_reason) {
    const auto got = hwid({{"TPM", "1"}}, {"capture"});
    EXPECT_EQ(of_kind(got, "tpm_ek"), (Words{"unreadable "}));
    EXPECT_THAT(got.err, HasSubstr("only the agent asks the TPM"));
    EXPECT_EQ(of_kind(hwid({}, {"capture"}), "tpm_ek"), (Words{"absent "}));
}

TEST_F(HardwareStory, cloud_inits_note_names_the_instance_and_a_local_seed_does_not) {
    EXPECT_EQ(
        of_kind(hwid({{"CLOUD", "aws i-0a1b2c3d4e5f60718"}}, {"capture"}), "cloud_instance_id"),
        (Words{"present i-0a1b2c3d4e5f60718"}));
    EXPECT_EQ(of_kind(hwid({{"CLOUD", "nocloud iid-local01"}}, {"capture"}), "cloud_instance_id"),
              Words{});
}

}  // namespace
}  // namespace latchkey::e2e
