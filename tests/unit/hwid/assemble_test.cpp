#include "hwid/assemble.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hwid/fingerprint.h"
#include "hwid/memory.h"
#include "hwid/snapshot.h"
#include "tests/fakes/smbios_builder.h"

namespace latchkey::hwid {
namespace {

constexpr WallTime kWhen{Duration{1'700'000'000'000}};

RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

RawHardware desktop() {
    RawHardware raw;
    raw.os = "linux";
    raw.smbios_entry_point = {Access::read, fakes::SmbiosBuilder::entry_point_64(3, 3, 0), ""};
    raw.smbios_table = {Access::read,
                        fakes::SmbiosBuilder()
                            .system("Dell Inc.", "OptiPlex 7090", "9BK5V33",
                                    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
                            .processor("from SMBIOS", 1)
                            .memory(16384, "2AA3F87D", "HMA81GU6DJR8N-XN", "DIMM2")
                            .memory(16384, "2AA3F87E", "HMA81GU6DJR8N-XN", "DIMM1")
                            .build(),
                        ""};
    raw.cpu.cpuinfo = text("processor: 0\nmodel name: Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz\n");
    raw.meminfo = text("MemTotal:       32568888 kB\n");
    raw.os_release = text("ID=debian\nVERSION_ID=12\n");
    RawDisk disk;
    disk.name = "nvme0n1";
    disk.bus = "nvme";
    disk.serial = text("S5GXNX0T123456");
    raw.disks = {disk};
    return raw;
}

std::vector<Component> all_of(const Snapshot& snapshot, Kind kind) {
    std::vector<Component> out;
    std::copy_if(snapshot.components.begin(), snapshot.components.end(), std::back_inserter(out),
                 [&](const Component& c) { return c.kind == kind; });
    return out;
}

TEST(Assemble, every_source_lands_in_one_ordered_snapshot) {
    const Snapshot got = assemble(desktop(), kWhen);
    EXPECT_EQ(got.os, "linux");
    EXPECT_EQ(got.captured_at, kWhen);
    EXPECT_TRUE(
        std::is_sorted(got.components.begin(), got.components.end(),
                       [](const Component& a, const Component& b) { return a.kind < b.kind; }));
    EXPECT_EQ(all_of(got, Kind::system_serial).at(0).value, "9BK5V33");
    EXPECT_EQ(all_of(got, Kind::disk).at(0).value, "S5GXNX0T123456");
    EXPECT_EQ(all_of(got, Kind::memory_total_mb).at(0).value, "32768")
        << "the modules' sum, not what the kernel left over";
    EXPECT_EQ(all_of(got, Kind::memory_module).at(0).slot, "DIMM1");
    EXPECT_EQ(all_of(got, Kind::os_edition).at(0).value, "debian 12");
    EXPECT_EQ(all_of(got, Kind::nic).at(0).state, State::absent);
    EXPECT_EQ(all_of(got, Kind::tpm_ek).at(0).state, State::absent);
}

TEST(Assemble, the_processor_speaks_for_itself) {
    const Snapshot got = assemble(desktop(), kWhen);
    ASSERT_EQ(all_of(got, Kind::cpu_model).size(), 1u);
    EXPECT_EQ(all_of(got, Kind::cpu_model)[0].value, "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz");
    auto silent = desktop();
    silent.cpu = {};
    EXPECT_EQ(all_of(assemble(silent, kWhen), Kind::cpu_model).at(0).value, "from SMBIOS");
}

TEST(Assemble, without_rights_identity_is_unreadable_and_never_gone) {
    auto raw = desktop();
    raw.smbios_table = {Access::denied, {}, ""};
    raw.dmi_fields["sys_vendor"] = text("Dell Inc.");
    raw.dmi_fields["product_serial"] = {Access::denied, "", ""};
    const Snapshot got = assemble(raw, kWhen);
    for (const Kind kind :
         {Kind::system_uuid, Kind::system_serial, Kind::board_serial, Kind::chassis_serial}) {
        ASSERT_EQ(all_of(got, kind).size(), 1u) << name(kind);
        EXPECT_EQ(all_of(got, kind)[0].state, State::unreadable) << name(kind);
    }
    EXPECT_EQ(all_of(got, Kind::system_vendor).at(0).value, "Dell Inc.");
    EXPECT_EQ(all_of(got, Kind::memory_total_mb).at(0).value, "31805") << "from /proc/meminfo";
}

TEST(Assemble, with_and_without_rights_the_memory_is_the_same) {
    auto raw = desktop();
    const auto before = fingerprint(assemble(raw, kWhen), plain_digest, "");
    raw.smbios_table = {Access::denied, {}, ""};
    const auto after = fingerprint(assemble(raw, kWhen), plain_digest, "");
    const auto memory = [](const Fingerprint& f) {
        for (const auto& e : f.evidence) {
            if (e.kind == Kind::memory_total_mb) return e.digest;
        }
        return Digest{};
    };
    EXPECT_EQ(memory(before), memory(after));
    EXPECT_NE(memory(before), Digest{});
}

TEST(Assemble, nothing_at_all_is_a_snapshot_too) {
    const Snapshot got = assemble({}, kWhen);
    EXPECT_TRUE(parse_snapshot(json::to_text(to_json(got))));
    EXPECT_EQ(strength(fingerprint(got, plain_digest, "")), EvidenceStrength::weak);
}

TEST(Assemble, too_many_components_lose_the_least_telling_first) {
    auto raw = desktop();
    RawNic nic;
    nic.bus = "pci";
    nic.device = "8086:15fa";
    nic.hardware_type = 1;
    for (int i = 0; i < 400; ++i) {
        nic.name = "eth" + std::to_string(i);
        nic.permanent_address =
            text("a4:bb:6d:12:" + std::to_string(10 + i / 90) + ":" + std::to_string(10 + i % 90));
        raw.nics.push_back(nic);
        raw.batteries.push_back({"BAT" + std::to_string(i), {}, text("SMP"), text("X")});
    }
    const Snapshot got = assemble(raw, kWhen);
    EXPECT_EQ(got.components.size(), kMaxComponents);
    EXPECT_TRUE(all_of(got, Kind::battery).empty());
    EXPECT_TRUE(all_of(got, Kind::nic_device).empty());
    EXPECT_FALSE(all_of(got, Kind::system_serial).empty());
    EXPECT_FALSE(all_of(got, Kind::disk).empty());
    EXPECT_FALSE(all_of(got, Kind::os_edition).empty());
}

TEST(Memory, meminfo_is_read_in_kilobytes) {
    EXPECT_EQ(memory_total({}, text("MemFree: 1 kB\nMemTotal: 16777216 kB\n"))->value, "16384");
    for (const auto* bad : {"", "MemTotal:", "MemTotal: x kB", "MemTotal: -5 kB",
                            "MemTotal: 99999999999999999999 kB"}) {
        EXPECT_FALSE(memory_total({}, text(bad))) << bad;
    }
    EXPECT_FALSE(memory_total({}, {Access::denied, "MemTotal: 16777216 kB", ""}));
}

TEST(Memory, a_system_without_meminfo_tells_it_in_bytes) {
    const Source<std::uint64_t> bytes{Access::read, 16ull << 30, ""};
    EXPECT_EQ(memory_total({}, {}, bytes)->value, "16384");
    EXPECT_EQ(memory_total({}, text("MemTotal: 1048576 kB\n"), bytes)->value, "1024");
    EXPECT_FALSE(memory_total({}, {}, {Access::denied, 16ull << 30, ""}));
    EXPECT_FALSE(memory_total({}, {}, {Access::read, UINT64_MAX, ""}));
}

TEST(Windows, names_its_edition_and_the_version_of_its_firmware_table) {
    RawHardware raw;
    raw.os = "windows";
    raw.os_edition = text("windows 10.0 Professional");
    raw.smbios_table = {Access::read, {127, 4, 0, 0, 0, 0}, ""};
    raw.smbios_version = SmbiosVersion{3, 2, 0};
    const Snapshot got = assemble(raw, kWhen);
    ASSERT_EQ(all_of(got, Kind::os_edition).size(), 1u);
    EXPECT_EQ(all_of(got, Kind::os_edition)[0].value, "windows 10.0 Professional");
    ASSERT_EQ(all_of(got, Kind::smbios_version).size(), 1u);
    EXPECT_TRUE(all_of(got, Kind::smbios_version)[0].value.starts_with("3.2"));
}

}  // namespace
}  // namespace latchkey::hwid
