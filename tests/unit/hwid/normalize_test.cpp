#include "hwid/normalize.h"

#include <gtest/gtest.h>

#include <random>

namespace latchkey::hwid {
namespace {

Canonical of(Kind kind, std::string value, Attributes attributes = {}) {
    return canonicalise({kind, std::move(value), "", std::move(attributes), State::present});
}

void expect_good(const Canonical& got, std::string_view value) {
    EXPECT_EQ(got.quality, Quality::good);
    EXPECT_EQ(got.value, value);
}

TEST(Normalize, both_byte_orders_of_a_uuid_are_the_same_uuid) {
    const auto one = of(Kind::system_uuid, "0320680f-109a-6baa-6fa0-e9b77a4aed55");
    EXPECT_EQ(one.quality, Quality::good);
    EXPECT_EQ(of(Kind::system_uuid, "{0F682003-9A10-AA6B-6FA0-E9B77A4AED55}").value, one.value);
    EXPECT_EQ(of(Kind::system_uuid, "0320680F109A6BAA6FA0E9B77A4AED55").value, one.value);
    EXPECT_NE(of(Kind::system_uuid, "0320680f-109a-6baa-6fa0-e9b77a4aed56").value, one.value);
}

TEST(Normalize, what_is_no_uuid_is_a_placeholder) {
    for (const auto* text : {"", "Not Present", "1234", "03000200-0400-0500-0006-000700080009"}) {
        EXPECT_EQ(of(Kind::system_uuid, text).quality, Quality::placeholder) << text;
    }
}

TEST(Normalize, serial_numbers_are_trimmed_and_upper_case) {
    expect_good(of(Kind::system_serial, " 94buy3deav   "), "94BUY3DEAV");
    expect_good(of(Kind::board_serial, "/2WF88P2/CNIVC007CQ1846/"), "2WF88P2.CNIVC007CQ1846");
    expect_good(of(Kind::board_serial, ".2WF88P2.CNIVC007CQ1846."), "2WF88P2.CNIVC007CQ1846");
    for (const auto* text : {"Default string", "0", "12", "777403-B21", "None", "////",
                             "VirtualBox", "VMware Virtual Platform", "BSN12345678901234567"}) {
        EXPECT_EQ(of(Kind::chassis_serial, text).quality, Quality::placeholder) << text;
    }
}

TEST(Normalize, addresses_have_one_spelling_and_an_origin) {
    expect_good(of(Kind::nic, "A4-BB-6D-12-34-56"), "a4:bb:6d:12:34:56");
    expect_good(of(Kind::bmc_mac, "a4bb6d123456"), "a4:bb:6d:12:34:56");
    EXPECT_EQ(of(Kind::nic, "52:54:00:12:34:56").quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::nic, "a4:bb:6d:12:34:56", {{"bus", "virtio"}}).quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::nic, "6e:8e:90:64:3f:17").quality, Quality::local);
    EXPECT_EQ(of(Kind::nic, "00:e0:4c:12:34:56").quality, Quality::removable);
    EXPECT_EQ(of(Kind::nic, "a4:bb:6d:12:34:56", {{"bus", "usb"}}).quality, Quality::removable);
    expect_good(of(Kind::nic, "00:e0:4c:12:34:56", {{"bus", "pci"}}), "00:e0:4c:12:34:56");
    EXPECT_EQ(of(Kind::nic, "20:00:55:00:41:80:00:00").quality, Quality::placeholder);
}

TEST(Normalize, an_infiniband_port_is_its_last_eight_bytes) {
    expect_good(
        of(Kind::infiniband_guid, "20:00:55:00:41:80:00:00:00:00:00:00:00:24:e8:90:97:ff:59:e1"),
        "0024e89097ff59e1");
    expect_good(of(Kind::infiniband_guid, "0024:e890:97ff:59e1"), "0024e89097ff59e1");
    EXPECT_EQ(
        of(Kind::infiniband_guid, "20:00:55:00:41:80:00:00:00:00:00:00:00:00:00:00:00:00:00:00")
            .quality,
        Quality::placeholder);
}

TEST(Normalize, a_disk_is_its_serial_or_else_its_world_wide_id) {
    expect_good(of(Kind::disk, " s5gxnx0t123456 "), "S5GXNX0T123456");
    expect_good(of(Kind::disk, "wwn-0x5000C500B915E6A6"), "id:5000c500b915e6a6");
    expect_good(of(Kind::disk, "naa.5000c500b915e6a6"), "id:5000c500b915e6a6");
    expect_good(of(Kind::disk, "nvme-eui.0025385b71b0a1c2"), "id:0025385b71b0a1c2");
    expect_good(of(Kind::disk, "None", {{"wwn", "naa.5000c500b915e6a6"}}), "id:5000c500b915e6a6");
    EXPECT_EQ(of(Kind::disk, "None").quality, Quality::placeholder);
    EXPECT_EQ(of(Kind::disk, "wwn-0x502b2a201d1c1b1a").quality, Quality::placeholder);
    EXPECT_EQ(of(Kind::disk, "AAAABBBBCCCC3").quality, Quality::placeholder);
}

TEST(Normalize, raid_usb_and_virtual_disks_are_set_aside) {
    EXPECT_EQ(of(Kind::disk, "wwn-0x61866da0b5ed690020f1032d04b81a70").quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::disk, "QM00001").quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::disk, "S123456", {{"bus", "virtio"}}).quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::disk, "S123456", {{"model", "PERC H730 Mini"}}).quality, Quality::virtual_);
    EXPECT_EQ(of(Kind::disk, "S123456", {{"bus", "usb"}}).quality, Quality::removable);
    EXPECT_EQ(of(Kind::disk, "S123456", {{"removable", "true"}}).quality, Quality::removable);
    EXPECT_EQ(of(Kind::disk, "", {{"bus", "raid"}}).quality, Quality::placeholder);
    EXPECT_EQ(of(Kind::disk, "eui.6479a7abcd123456789012345678abcd").quality, Quality::good)
        << "an NGUID may begin with any digit";
}

TEST(Normalize, memory_that_firmware_reserves_is_no_change) {
    EXPECT_EQ(of(Kind::memory_total_mb, "128704").value, of(Kind::memory_total_mb, "131072").value);
    EXPECT_EQ(of(Kind::memory_total_mb, "15900").value, of(Kind::memory_total_mb, "16384").value);
    EXPECT_EQ(of(Kind::memory_total_mb, "15700").value, of(Kind::memory_total_mb, "16384").value);
    EXPECT_NE(of(Kind::memory_total_mb, "24576").value, of(Kind::memory_total_mb, "16384").value);
    EXPECT_NE(of(Kind::memory_total_mb, "73728").value, of(Kind::memory_total_mb, "65536").value);
    for (const auto* text : {"", "0", "many", "99999999999999999999", "18446744073709551615"}) {
        EXPECT_EQ(of(Kind::memory_total_mb, text).quality, Quality::placeholder) << text;
    }
    expect_good(of(Kind::memory_total_mb, "1"), "1");
}

TEST(Normalize, a_memory_module_without_serial_number_is_its_part_and_size) {
    expect_good(of(Kind::memory_module, "2aa3f87d"), "serial:2AA3F87D");
    expect_good(of(Kind::memory_module, "00000000", {{"part", "HMA81GS6"}, {"size_mb", "8192"}}),
                "part:hma81gs6|8192");
    EXPECT_EQ(of(Kind::memory_module, "", {{"part", "PartNum0"}, {"size_mb", "8192"}}).quality,
              Quality::placeholder);
}

TEST(Normalize, processor_signatures_of_cpuid_and_smbios_agree) {
    expect_good(of(Kind::cpu_signature, "EA 06 09 00 FF FB EB BF"), "000906ea");
    expect_good(of(Kind::cpu_signature, "000906EA"), "000906ea");
}

TEST(Normalize, words_lose_case_spaces_and_the_last_dot) {
    expect_good(of(Kind::system_vendor, "Dell Inc."), "dell inc");
    expect_good(of(Kind::cpu_model, "Intel(R) Xeon(R) CPU           X3440  @ 2.53GHz"),
                "intel(r) xeon(r) cpu x3440 @ 2.53ghz");
    EXPECT_EQ(of(Kind::system_product, "To Be Filled By O.E.M.").quality, Quality::placeholder);
    EXPECT_EQ(of(Kind::cpu_model, "Intel64 Family 6 Model 106 Stepping 6").quality,
              Quality::placeholder)
        << "the signature again, and no name";
    EXPECT_EQ(of(Kind::system_product, "VirtualBox").quality, Quality::virtual_);
    expect_good(of(Kind::cpu_count, "11"), "11");
}

TEST(Normalize, states_without_a_value_keep_their_meaning) {
    EXPECT_EQ(canonicalise({Kind::disk, "S1234", "", {}, State::unreadable}).quality,
              Quality::unreadable);
    EXPECT_EQ(canonicalise({Kind::disk, "S1234", "", {}, State::absent}).quality, Quality::absent);
}

TEST(Normalize, any_bytes_in_any_kind_give_a_verdict_and_never_a_crash) {
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        const auto kind = static_cast<Kind>(random() % kKindCount);
        std::string value(random() % 30, '\0');
        for (auto& c : value)
            c = static_cast<char>(round % 2 ? random() % 256
                                            : "0123456789abcdef:-."[random() % 19]);
        const auto got = of(kind, value, {{"wwn", value}, {"part", value}, {"size_mb", value}});
        if (got.quality == Quality::good || got.quality == Quality::virtual_) {
            EXPECT_FALSE(got.value.empty()) << name(kind);
        }
    }
}

TEST(Normalize, unit_level_kinds_are_the_ones_that_identify) {
    for (const auto kind :
         {Kind::system_uuid, Kind::tpm_ek, Kind::nic, Kind::disk, Kind::memory_module}) {
        EXPECT_TRUE(is_unit_level(kind)) << name(kind);
    }
    for (const auto kind : {Kind::system_vendor, Kind::gpu, Kind::hypervisor, Kind::os_edition}) {
        EXPECT_FALSE(is_unit_level(kind)) << name(kind);
    }
}

}  // namespace
}  // namespace latchkey::hwid
