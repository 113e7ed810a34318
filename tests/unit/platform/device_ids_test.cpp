#include "platform/hardware/device_ids.h"

#include <gtest/gtest.h>

namespace latchkey::platform {
namespace {

using Texts = std::vector<std::string>;
using namespace std::string_literals;

TEST(DeviceIds, a_list_of_texts_ends_with_its_bytes) {
    EXPECT_EQ(texts_of("PCI\\A\0PCI\\B\0\0"s), (Texts{"PCI\\A", "PCI\\B"}));
    EXPECT_EQ(texts_of("PCI\\A\0PCI\\B"s), (Texts{"PCI\\A", "PCI\\B"})) << "no terminator";
    EXPECT_EQ(texts_of("\0\0"s), Texts{});
    EXPECT_EQ(texts_of(""), Texts{});
}

TEST(DeviceIds, pcis_ids_have_a_subsystem_whose_vendor_stands_last) {
    const auto got = device_ids_of(R"(PCI\VEN_10DE&DEV_1B80&SUBSYS_119E10DE&REV_A1\4&1A2B&0&0008)");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->vendor, "10de");
    EXPECT_EQ(got->device, "1b80");
    EXPECT_EQ(got->subsystem, "10de:119e");
    EXPECT_EQ(device_ids_of(R"(pci\ven_8086&dev_15f3)")->device, "15f3");
    EXPECT_EQ(device_ids_of(R"(PCI\VEN_8086&DEV_15F3&SUBSYS_8086)")->subsystem, "");
}

TEST(DeviceIds, usbs_ids_are_vendor_and_product) {
    const auto got = device_ids_of(R"(USB\VID_0BDA&PID_8153\000001)");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->vendor, "0bda");
    EXPECT_EQ(got->device, "8153");
    EXPECT_EQ(got->subsystem, "");
}

TEST(DeviceIds, what_is_cut_or_of_another_bus_has_none) {
    for (const char* id :
         {"", "PCI", R"(PCI\)", R"(PCI\VEN_)", R"(PCI\VEN_8086)", R"(PCI\VEN_808)",
          R"(PCI\VEN_8086&DEV_15F)", R"(PCI\VEN_80G6&DEV_15F3)", R"(PCI\VID_0BDA&PID_8153)",
          R"(ROOT\VMS_MP\0000)", R"(ACPI\VEN_MSFT&DEV_0101)", R"(\VEN_8086&DEV_15F3)"})
        EXPECT_FALSE(device_ids_of(id)) << id;
}

TEST(DeviceIds, a_display_function_is_known_by_its_class_not_by_its_name) {
    EXPECT_TRUE(is_display_function(Texts{R"(PCI\VEN_10DE&DEV_1B80&REV_A1)", R"(PCI\CC_0300)"}));
    EXPECT_TRUE(is_display_function(Texts{R"(PCI\VEN_10DE&DEV_1B80&CC_030200)"}));
    EXPECT_TRUE(is_display_function(Texts{R"(pci\ven_10de&cc_03)"}));
    EXPECT_FALSE(is_display_function(Texts{R"(PCI\VEN_10DE&DEV_CC03)", R"(PCI\CC_0403)"}));
    EXPECT_FALSE(is_display_function(Texts{R"(ACPI\CC_0300)"}));
    EXPECT_FALSE(is_display_function({}));
}

TEST(DeviceIds, a_tpm_2_is_known_among_hardware_and_compatible_ids) {
    EXPECT_TRUE(is_tpm2(Texts{R"(ACPI\VEN_INTC&DEV_0102)", R"(ACPI\MSFT0101)"}));
    EXPECT_TRUE(is_tpm2(Texts{"*msft0101"}));
    EXPECT_FALSE(is_tpm2(Texts{R"(ACPI\PNP0C31)"})) << "a TPM 1.2";
    EXPECT_FALSE(is_tpm2({}));
}

TEST(CardPlace, is_the_innermost_bus_that_has_devices) {
    const auto pci = card_place_of(Texts{R"(PCI\VEN_8086&DEV_15F3&SUBSYS_00008086\3&1&0&FE)",
                                         R"(PCI\VEN_8086&DEV_A0B0\3&1)", R"(ACPI\PNP0A08\0)"});
    EXPECT_EQ(pci.bus, "pci");
    EXPECT_EQ(pci.device, "8086:15f3");
    EXPECT_FALSE(pci.is_virtual);
    const auto usb = card_place_of(Texts{R"(USB\VID_0BDA&PID_8153\000001)", R"(USB\ROOT_HUB30\4&1)",
                                         R"(PCI\VEN_8086&DEV_A0ED\3)"});
    EXPECT_EQ(usb.bus, "usb");
    EXPECT_EQ(usb.device, "0bda:8153");
}

TEST(CardPlace, behind_a_makers_own_bus_is_the_cards) {
    const auto got = card_place_of(
        Texts{R"(B06BDRV\L2ND&PCI_165F14E4&SUBSYS_06B41028\5&1)", R"(PCI\VEN_14E4&DEV_165F\4&1)"});
    EXPECT_EQ(got.bus, "pci");
    EXPECT_EQ(got.device, "14e4:165f");
    EXPECT_FALSE(got.is_virtual);
}

TEST(CardPlace, of_a_hypervisor_is_named_for_it) {
    EXPECT_EQ(card_place_of(Texts{R"(PCI\VEN_1AF4&DEV_1000\3&1)"}).bus, "virtio");
    EXPECT_EQ(card_place_of(Texts{R"(VMBUS\{F8615163-DF3E-46C5-913F-F2D2F965ED0E}\{1})"}).bus,
              "vmbus");
    EXPECT_EQ(card_place_of(Texts{R"(XENVIF\VEN_XP0001&DEV_NET\0)"}).bus, "xen");
}

TEST(CardPlace, of_what_software_made_is_virtual) {
    for (const char* id :
         {R"(ROOT\VMS_MP\0000)", R"(SWD\MSRRAS\MS_L2TPMINIPORT)", R"(BTH\MS_BTHPAN\7&1)",
          R"(COMPOSITEBUS\MS_IMPLAT_MP\1)",
          R"({5D624F94-8850-40C3-A3FA-A4FD2080BAF3}\VWIFIMP_WFD\5)", "", "nonsense"}) {
        const auto place = card_place_of(Texts{id, R"(PCI\VEN_8086&DEV_15F3\3)"});
        EXPECT_TRUE(place.is_virtual) << id;
        EXPECT_EQ(place.bus, "") << id;
        EXPECT_EQ(place.device, "") << id;
    }
    EXPECT_TRUE(card_place_of({}).is_virtual);
    EXPECT_TRUE(card_place_of(Texts{R"(MAKER\THING\1)", R"(HTREE\ROOT\0)"}).is_virtual);
}

TEST(PciSlot, is_written_as_on_other_systems) {
    EXPECT_EQ(pci_slot(0, 0x00020000), "0000:00:02.0");
    EXPECT_EQ(pci_slot(0x0165, 0x001f0003), "0001:65:1f.3");
    EXPECT_EQ(pci_slot(0xffffffff, 0xffffffff), "ffff:ff:1f.7");
}

}  // namespace
}  // namespace latchkey::platform
