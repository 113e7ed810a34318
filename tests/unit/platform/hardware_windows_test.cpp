#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <future>

#include "platform/hardware/hardware.h"
#include "platform/hardware/hardware_windows.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr Duration kAmple = seconds(60);

TEST(ThisMachine, every_source_says_whether_it_was_read) {
    const auto raw = system_hardware()->read(kAmple);
    EXPECT_EQ(raw.os, "windows");
    EXPECT_EQ(raw.disks_access, Access::read);
    EXPECT_EQ(raw.nics_access, Access::read);
    EXPECT_EQ(raw.displays_access, Access::read);
    EXPECT_EQ(raw.smbios_table.access == Access::read, !raw.smbios_table.value.empty());
    EXPECT_EQ(raw.smbios_version.has_value(), raw.smbios_table.readable());
    for (const auto* text : {&raw.cpu.name, &raw.os_edition, &raw.os_machine_id}) {
        EXPECT_EQ(text->access, Access::read) << text->origin;
        EXPECT_FALSE(text->value.empty()) << text->origin;
    }
    for (const auto* text : {&raw.vm_generation_id, &raw.container}) {
        EXPECT_EQ(text->readable(), !text->value.empty()) << text->origin;
        EXPECT_FALSE(text->origin.empty());
    }
    EXPECT_TRUE(raw.os_edition.value.starts_with("windows 10.0 ")) << raw.os_edition.value;
    for (const auto* text : {&raw.cpu.cpuinfo, &raw.meminfo, &raw.os_release})
        EXPECT_EQ(text->access, Access::absent) << "other systems' words";
}

TEST(ThisMachine, knows_its_processors_and_memory) {
    const auto raw = system_hardware()->read(kAmple);
    SYSTEM_INFO system{};
    ::GetSystemInfo(&system);
    EXPECT_GE(raw.cpu.processor_count.value_or(0), system.dwNumberOfProcessors);
    EXPECT_TRUE(raw.cpu.signature);
    EXPECT_EQ(raw.cpu.hypervisor_vendor.empty(), !raw.cpu.hypervisor_bit);
    MEMORYSTATUSEX memory{};
    memory.dwLength = sizeof memory;
    ASSERT_TRUE(::GlobalMemoryStatusEx(&memory));
    EXPECT_EQ(raw.memory_bytes.access, Access::read);
    EXPECT_GE(raw.memory_bytes.value, memory.ullTotalPhys);
}

TEST(ThisMachine, reading_twice_gives_the_same_hardware) {
    const auto hardware = system_hardware();
    const auto first = hardware->read(kAmple);
    const auto second = hardware->read(kAmple);
    EXPECT_EQ(first.smbios_table.value, second.smbios_table.value);
    EXPECT_EQ(first.disks.size(), second.disks.size());
    EXPECT_EQ(first.nics.size(), second.nics.size());
    EXPECT_EQ(first.displays.size(), second.displays.size());
    EXPECT_EQ(first.cpu.name.value, second.cpu.name.value);
    EXPECT_EQ(first.os_machine_id.value, second.os_machine_id.value);
}

TEST(Disks, are_drives_with_a_number_in_its_order) {
    Access access = Access::failed;
    const auto disks = list_disks(access);
    EXPECT_EQ(access, Access::read);
    for (const auto& disk : disks) EXPECT_TRUE(disk.name.starts_with("PhysicalDrive")) << disk.name;
    EXPECT_TRUE(std::is_sorted(disks.begin(), disks.end(), [](const auto& a, const auto& b) {
        return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
    }));
}

TEST(Disks, one_that_is_not_there_is_absent_and_named) {
    const auto disk = read_disk("PhysicalDrive4000");
    EXPECT_EQ(disk.serial.access, Access::absent);
    EXPECT_EQ(disk.serial.origin, R"(\\.\PhysicalDrive4000)");
    EXPECT_EQ(disk.size_bytes, std::nullopt);
}

TEST(Errors, missing_denied_and_broken_are_three_things) {
    EXPECT_EQ(access_of_error(ERROR_SUCCESS), Access::read);
    EXPECT_EQ(access_of_error(ERROR_FILE_NOT_FOUND), Access::absent);
    EXPECT_EQ(access_of_error(ERROR_INVALID_FUNCTION), Access::absent);
    EXPECT_EQ(access_of_error(ERROR_NOT_SUPPORTED), Access::absent);
    EXPECT_EQ(access_of_error(ERROR_ACCESS_DENIED), Access::denied);
    EXPECT_EQ(access_of_error(ERROR_SHARING_VIOLATION), Access::failed);
    EXPECT_EQ(access_of_error(ERROR_IO_DEVICE), Access::failed);
}

TEST(Tpm, the_readers_answer_is_handed_on) {
    const auto raw = system_hardware([] {
                         return hwid::RawTpm{{Access::read, {1, 2, 3}, "a TPM"}};
                     })->read(kAmple);
    EXPECT_EQ(raw.tpm.ek_public.value, (hwid::RawBytes{1, 2, 3}));
}

TEST(Tpm, without_a_reader_says_who_reads_it) {
    const auto tpm = tpm_without_reader();
    EXPECT_NE(tpm.ek_public.access, Access::read);
    EXPECT_FALSE(tpm.ek_public.origin.empty());
}

TEST(Tpm, that_hangs_holds_nobody_who_abandons_the_reading) {
    std::promise<void> reached;
    std::promise<void> wakes_up;
    const auto hardware =
        system_hardware([&reached, awake = wakes_up.get_future().share()]() -> hwid::RawTpm {
            reached.set_value();
            awake.wait();
            return {};
        });
    constexpr Duration kForEver = hours{24 * 365};
    auto reading = std::async(std::launch::async, [&] { return hardware->read(kForEver); });
    reached.get_future().wait();
    hardware->abandon();
    EXPECT_EQ(reading.get().tpm.ek_public.access, Access::timed_out);
    wakes_up.set_value();
}

}  // namespace
}  // namespace latchkey::platform
