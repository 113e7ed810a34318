#include "platform/hardware/storage_answers.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/platform/answer_bytes.h"

namespace latchkey::platform {
namespace {

constexpr std::uint32_t kSata = 0x0B;
constexpr std::uint32_t kNvme = 0x11;
constexpr std::uint32_t kNone = 0;

/// The fixed part of a STORAGE_DEVICE_DESCRIPTOR: 36 bytes.
AnswerBytes descriptor(std::uint32_t bus, std::uint32_t product_at, std::uint32_t serial_at,
                       bool removable = false) {
    return AnswerBytes()
        .dword(40)
        .dword(128)
        .byte(0)
        .byte(0)
        .byte(removable)
        .byte(1)
        .dword(kNone)
        .dword(product_at)
        .dword(kNone)
        .dword(serial_at)
        .dword(bus)
        .dword(0);
}

std::string bus_of(std::uint32_t type) {
    return storage_device_of(descriptor(type, kNone, kNone).bytes())->bus;
}

TEST(StorageDevice, names_model_serial_and_bus) {
    const auto got = storage_device_of(descriptor(kSata, 36, 56)
                                           .text("Samsung SSD 870 EVO")
                                           .byte(0)
                                           .text("S6PUNX0R712345A     ")
                                           .byte(0)
                                           .bytes());
    ASSERT_TRUE(got);
    EXPECT_EQ(got->bus, "ata");
    EXPECT_EQ(got->model, "Samsung SSD 870 EVO");
    EXPECT_EQ(got->serial, "S6PUNX0R712345A     ") << "as it was given";
    EXPECT_FALSE(got->removable);
    EXPECT_FALSE(got->is_virtual);
}

TEST(StorageDevice, no_offset_leads_out_of_the_answer_or_into_its_fixed_part) {
    for (const std::uint32_t offset : {0u, 4u, 35u, 40u, 41u, 0x7fffffffu, 0xffffffffu}) {
        const auto got = storage_device_of(descriptor(kSata, offset, offset).text("ABCD").bytes());
        ASSERT_TRUE(got);
        EXPECT_EQ(got->serial, "") << offset;
        EXPECT_EQ(got->model, "") << offset;
    }
    EXPECT_EQ(storage_device_of(descriptor(kSata, 0, 36).text("ABCD").bytes())->serial, "ABCD")
        << "without a terminator it ends with the answer";
}

TEST(StorageDevice, that_is_cut_before_its_bus_is_none) {
    const auto whole = descriptor(kSata, 36, 36).text("ABCD").bytes();
    for (std::size_t size = 0; size < 32; ++size)
        EXPECT_FALSE(storage_device_of(std::span(whole).first(size))) << size;
    EXPECT_TRUE(storage_device_of(std::span(whole).first(32)));
}

TEST(StorageDevice, every_bus_has_one_name_on_all_systems) {
    EXPECT_EQ(bus_of(0x01), "scsi");
    EXPECT_EQ(bus_of(0x03), "ata");
    EXPECT_EQ(bus_of(0x06), "fc");
    EXPECT_EQ(bus_of(0x07), "usb");
    EXPECT_EQ(bus_of(0x08), "raid");
    EXPECT_EQ(bus_of(0x09), "iscsi");
    EXPECT_EQ(bus_of(0x0A), "sas");
    EXPECT_EQ(bus_of(0x0B), "ata");
    EXPECT_EQ(bus_of(0x0D), "mmc");
    EXPECT_EQ(bus_of(0x11), "nvme");
    EXPECT_EQ(bus_of(0x14), "nvme-of");
    EXPECT_EQ(bus_of(0x00), "");
    EXPECT_EQ(bus_of(0xffffffff), "");
}

TEST(StorageDevice, what_can_be_taken_out_and_what_is_made_of_nothing_is_marked) {
    EXPECT_TRUE(storage_device_of(descriptor(0x07, 0, 0, true).bytes())->removable);
    EXPECT_TRUE(storage_device_of(descriptor(0x0C, 0, 0).bytes())->removable) << "an SD card";
    for (const std::uint32_t type : {0x0Eu, 0x0Fu, 0x10u})
        EXPECT_TRUE(storage_device_of(descriptor(type, 0, 0).bytes())->is_virtual) << type;
    EXPECT_FALSE(storage_device_of(descriptor(kNvme, 0, 0).bytes())->is_virtual);
}

constexpr std::uint32_t kBinary = 1;
constexpr std::uint32_t kUtf8 = 3;
constexpr std::uint32_t kEui = 2;
constexpr std::uint32_t kNaa = 3;
constexpr std::uint32_t kScsiName = 8;
constexpr std::string_view kNaaBytes = "\x50\x02\x53\x8e\x40\xa1\xb2\xc3";

AnswerBytes ids(std::uint32_t count) { return AnswerBytes().dword(12).dword(64).dword(count); }

AnswerBytes& id(AnswerBytes& page, std::uint32_t code_set, std::uint32_t type,
                std::string_view bytes, std::uint32_t association = 0) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    return page.dword(code_set)
        .dword(type)
        .word(size)
        .word(16 + size)
        .dword(association)
        .text(bytes);
}

TEST(StorageIds, the_devices_own_names_are_taken_at_full_length) {
    auto page = ids(4);
    id(page, kBinary, kNaa, "\x50\x01\x02\x03\x04\x05\x06\x07", 1);  // the port's
    id(page, kBinary, kNaa, "\x50\x01\x02");
    id(page, kBinary, kNaa, kNaaBytes);
    id(page, kBinary, kEui, "\x11\x25\x38\x5b\x71\xb0\x4f\x90");
    const auto got = storage_ids_of(page.bytes());
    EXPECT_EQ(got.wwn, "naa.5002538e40a1b2c3");
    EXPECT_EQ(got.eui, "1125385b71b04f90");
}

TEST(StorageIds, an_nguid_counts_before_an_eui64_and_a_written_name_where_there_is_no_other) {
    auto page = ids(3);
    id(page, kBinary, kEui, "0123456789abcdef");
    id(page, kBinary, kEui, "01234567");
    id(page, kUtf8, kScsiName, std::string_view("eui.0025385b71b04f90\0\0\0", 23));
    const auto got = storage_ids_of(page.bytes());
    EXPECT_EQ(got.eui, "30313233343536373839616263646566");
    EXPECT_EQ(got.wwn, "eui.0025385b71b04f90");
    auto other = ids(1);
    id(other, kUtf8, kScsiName, "iqn.2001-04.com.example:disk");
    EXPECT_EQ(storage_ids_of(other.bytes()).wwn, "");
}

TEST(StorageIds, a_page_that_is_cut_or_loops_ends_there) {
    auto page = ids(2);
    id(page, kBinary, kNaa, kNaaBytes);
    const auto whole = page.bytes();
    EXPECT_EQ(storage_ids_of(whole).wwn, "naa.5002538e40a1b2c3") << "one fewer than announced";
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(storage_ids_of(std::span(whole).first(size)).wwn, "") << size;
    auto loop = ids(0xffffffff);
    loop.dword(kBinary).dword(kEui).word(8).word(0).dword(0).text("01234567");
    EXPECT_EQ(storage_ids_of(loop.bytes()).eui, "3031323334353637");
}

/// A STORAGE_PROTOCOL_DATA_DESCRIPTOR: 8 bytes, 40 of what was asked for, the data.
AnswerBytes identify(std::uint32_t offset, std::uint32_t length) {
    return AnswerBytes()
        .dword(48)
        .dword(48)
        .dword(3)
        .dword(1)
        .dword(1)
        .dword(0)
        .dword(offset)
        .dword(length)
        .pad_to(48);
}

TEST(NvmeController, says_its_serial_number_and_model) {
    auto answer = identify(40, 4096);
    answer.dword(0x144d144d).text("S6S2NS0T123456X     ").text("Samsung SSD 980 PRO 1TB");
    answer.pad_to(48 + 4096);
    const auto got = nvme_controller_of(answer.bytes());
    ASSERT_TRUE(got);
    EXPECT_EQ(got->serial, "S6S2NS0T123456X     ");
    EXPECT_EQ(got->model.substr(0, 23), "Samsung SSD 980 PRO 1TB");
    EXPECT_EQ(got->model.size(), 40u);
}

TEST(NvmeController, whose_identity_is_cut_or_elsewhere_is_none) {
    auto answer = identify(40, 4096);
    answer.pad_to(48 + 64);
    const auto whole = answer.bytes();
    EXPECT_TRUE(nvme_controller_of(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(nvme_controller_of(std::span(whole).first(size))) << size;
    EXPECT_FALSE(nvme_controller_of(identify(40, 63).pad_to(4144).bytes()));
    EXPECT_FALSE(nvme_controller_of(identify(0xffffffff, 4096).pad_to(4144).bytes()));
    EXPECT_FALSE(nvme_controller_of(identify(4137, 4096).pad_to(4144).bytes()));
}

TEST(NvmeSerial, that_is_the_namespaces_id_is_told_from_a_serial_number) {
    EXPECT_EQ(eui_in_serial("0025_3852_1140_A3B7."), "002538521140A3B7");
    EXPECT_EQ(eui_in_serial("0025_3852_1140_A3B7.  "), "002538521140A3B7");
    EXPECT_EQ(eui_in_serial("ACE4_2E00_0502_2B01_2EE4_AC00_0000_0001."),
              "ACE42E0005022B012EE4AC0000000001");
    for (const char* serial : {"", ".", "S6S2NS0T123456X     ", "0025_3852_1140_A3B7",
                               "0025_3852_1140_A3B7_", "0025_3852_1140.", "0025-3852-1140-A3B7.",
                               "0025_3852_1140_A3G7.", "00253_852_1140_A3B7."})
        EXPECT_EQ(eui_in_serial(serial), "") << serial;
}

TEST(StorageAnswers, noise_is_read_without_harm) {
    std::mt19937 random(11);
    std::size_t texts = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::uint8_t> noise(random() % 160);
        // Mostly zeros and small numbers, or no offset would ever lead to anything.
        for (auto& byte : noise) byte = static_cast<std::uint8_t>(random() % 4 ? 0 : random() % 64);
        if (const auto device = storage_device_of(noise)) texts += device->serial.size();
        storage_ids_of(noise);
        nvme_controller_of(noise);
    }
    EXPECT_GT(texts, 0u);
}

}  // namespace
}  // namespace latchkey::platform
