#include "hwid/known_bad.h"

#include <gtest/gtest.h>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

TEST(KnownBad, placeholders_name_no_machine) {
    for (const auto* text : {"",
                             "-",
                             "...",
                             "0",
                             "00000000",
                             "ffffffff",
                             "xxxxxxxxxx",
                             "to be filled by o.e.m.",
                             "to be filled by oem",
                             "tobefilledbyo.e.m.",
                             "oem",
                             "o.e.m",
                             "oem chassis",
                             "default string",
                             "a default string",
                             "default_string",
                             "not specified",
                             "notavailable",
                             "not applicable now",
                             "system serial number",
                             "systemserialnumber",
                             "chassis version",
                             "base board product name",
                             "my product sku",
                             "serial",
                             "serial number",
                             "sn-xxxxx",
                             "bsn-000",
                             "mb0",
                             "ssn-000000",
                             "0x",
                             "0x0000",
                             "12345678",
                             "00123456789",
                             "123456789",
                             "1234567890123",
                             "0123456789abc",
                             "123456789abc",
                             "n/a",
                             "na",
                             "none",
                             "unknown",
                             "unknow",
                             "modulepartnumber00",
                             "bsn12345678901234567",
                             "csn12345678901234567",
                             "ssn12345678901234567",
                             "nb-1234567890",
                             "asset-1234567890",
                             "(null)",
                             "null",
                             "not set",
                             "no serial",
                             "1234-5678",
                             "987654321",
                             "invalid serial",
                             "chassis s/n",
                             "$(project_sku_name)"}) {
        EXPECT_TRUE(is_placeholder_text(text)) << text;
    }
}

TEST(KnownBad, real_values_are_left_alone) {
    for (const auto* text : {"9bk5v33",   "cz3404ywpe",
                             "pf0xy12z",  "optiplex 7090",
                             "dell inc",  "thinkpad t14 gen 2",
                             "foemster",  "poem x",
                             "oema",      "rev 1.0",
                             "x99",       "1234",
                             "23456789",  "s5gxnx0t123456",
                             "notebook",  "note not",
                             "sn-00012a", "0x1f",
                             "boardwalk", "größe",
                             "sn1234567", "notebooks-12345678"}) {
        const bool ladder = std::string_view(text) == "23456789";
        EXPECT_EQ(is_placeholder_text(text), ladder) << text;
    }
}

TEST(KnownBad, a_part_number_is_no_serial_number) {
    EXPECT_TRUE(is_part_number("777403-b21"));
    for (const auto* text : {"777403-b2", "77740a-b21", "777403-121", "777403xb21", ""}) {
        EXPECT_FALSE(is_part_number(text)) << text;
    }
}

TEST(KnownBad, template_uuids_are_found_in_both_byte_orders) {
    for (const auto* text :
         {"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
          "03d40274-0435-05dc-8506-010700080009", "7402d403-3504-dc05-8506-010700080009",
          "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
          "01010101-0101-0101-0101-010101010101", "64837263-8462-7493-1212-0030489c0a1b",
          "12345678-1234-5678-90ab-cddeefaabbcc", "6ab5b300-538d-1014-9fb5-b0684d007b53",
          "00b3b56a-8d53-1410-9fb5-b0684d007b53", "deadbeef-dead-beef-dead-beefdeadbeef",
          "11111111-2222-3333-4444-555555555555", "00112233-4455-6677-8899-aabbccddeeff",
          "33221100-5544-7766-8899-aabbccddeeff", "01020304-0506-0708-090a-0b0c0d0e0f10",
          "04030201-0605-0807-090a-0b0c0d0e0f10"}) {
        EXPECT_TRUE(is_template_uuid(hex_bytes<16>(text).value())) << text;
    }
    EXPECT_FALSE(is_template_uuid(hex_bytes<16>("4c4c4544-0042-3510-8056-b9c04f4d3333").value()));
}

TEST(KnownBad, addresses_tell_where_they_come_from) {
    EXPECT_EQ(mac_origin(0xa4bb6d123456), MacOrigin::burned_in);
    EXPECT_EQ(mac_origin(0), MacOrigin::bad);
    EXPECT_EQ(mac_origin(0xffffffffffff), MacOrigin::bad);
    EXPECT_EQ(mac_origin(0xa4bb6d000000), MacOrigin::bad) << "a range's first address";
    EXPECT_EQ(mac_origin(0x000000000007), MacOrigin::bad);
    EXPECT_EQ(mac_origin(0x001122334455), MacOrigin::bad);
    EXPECT_EQ(mac_origin(0x000102030405), MacOrigin::bad);
    EXPECT_EQ(mac_origin(0x01005e000001), MacOrigin::bad) << "multicast";
    EXPECT_EQ(mac_origin(0x525400123456), MacOrigin::hypervisor);
    EXPECT_EQ(mac_origin(0x080027123456), MacOrigin::hypervisor);
    EXPECT_EQ(mac_origin(0x0e1234567890), MacOrigin::hypervisor);
    EXPECT_EQ(mac_origin(0x42010a800002), MacOrigin::hypervisor);
    EXPECT_EQ(mac_origin(0x0242ac110002), MacOrigin::local) << "docker";
    EXPECT_EQ(mac_origin(0xfe5400123456), MacOrigin::local) << "a tap device";
    EXPECT_EQ(mac_origin(0x6e8e90643f17), MacOrigin::local) << "randomised";
    EXPECT_EQ(mac_origin(0x00e04c123456), MacOrigin::dock);
    EXPECT_EQ(mac_origin(0xf8e43b123456), MacOrigin::dock);
}

TEST(KnownBad, disks_that_many_machines_show) {
    EXPECT_TRUE(is_bad_disk_id("502b2a201d1c1b1a"));
    EXPECT_TRUE(is_bad_disk_id("aaaabbbbcccc3"));
    EXPECT_TRUE(is_bad_disk_id("0000_0000_0000_0000."));
    EXPECT_TRUE(is_bad_disk_id("00000000000000000001"));
    EXPECT_FALSE(is_bad_disk_id("0000_0000_0100_0000."));
    EXPECT_FALSE(is_bad_disk_id("5002538e40a1b2c3"));
    EXPECT_TRUE(is_virtual_disk_model("vbox harddisk"));
    EXPECT_TRUE(is_virtual_disk_model("logical volume"));
    EXPECT_FALSE(is_virtual_disk_model("samsung ssd 980"));
    EXPECT_TRUE(is_virtual_disk_serial("qm00001"));
    EXPECT_TRUE(is_virtual_disk_serial("vb1234abcd-5678ef90"));
    EXPECT_FALSE(is_virtual_disk_serial("vbn2020202020202020"));
}

TEST(KnownBad, virtual_products_are_known_by_name) {
    for (const auto* text : {"virtualbox", "vmware virtual platform", "kvm",
                             "standard pc (q35 + ich9, 2009)", "hvm domu", "virtual machine"}) {
        EXPECT_TRUE(is_virtual_product(text)) << text;
    }
    for (const auto* text : {"optiplex 7090", "surface pro", "kvm switch 4"}) {
        EXPECT_FALSE(is_virtual_product(text)) << text;
    }
}

}  // namespace
}  // namespace latchkey::hwid
