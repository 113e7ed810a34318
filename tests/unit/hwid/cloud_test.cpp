#include "hwid/cloud.h"

#include <gtest/gtest.h>

#include "hwid/assemble.h"
#include "hwid/smbios.h"

namespace latchkey::hwid {
namespace {

RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

std::string id_of(const FirmwareIdentity& firmware) {
    const auto found = cloud_identity(firmware);
    if (!found) return "(none)";
    return found->state == State::unreadable ? "(unreadable)" : found->value;
}

FirmwareIdentity amazon() {
    FirmwareIdentity firmware;
    firmware.system_vendor = "Amazon EC2";
    firmware.board_asset_tag = "i-0123456789abcdef0";
    return firmware;
}

FirmwareIdentity azure() {
    FirmwareIdentity firmware;
    firmware.system_vendor = "Microsoft Corporation";
    firmware.system_product = "Virtual Machine";
    firmware.system_uuid = "5c1e77aa-0b3d-4a52-9e41-7b6c0d2f8a95";
    firmware.chassis_asset_tag = "7783-7084-3265-9085-8269-3286-77";
    return firmware;
}

FirmwareIdentity google() {
    FirmwareIdentity firmware;
    firmware.system_vendor = "Google";
    firmware.system_product = "Google Compute Engine";
    firmware.system_serial = "GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6";
    return firmware;
}

TEST(Cloud, each_provider_keeps_the_instances_id_in_a_place_of_its_own) {
    EXPECT_EQ(id_of(amazon()), "i-0123456789abcdef0");
    EXPECT_EQ(id_of(azure()), "5c1e77aa-0b3d-4a52-9e41-7b6c0d2f8a95");
    EXPECT_EQ(id_of(google()), "GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6");
    for (const char* vendor : {"DigitalOcean", "Hetzner", "Vultr", "UpCloud"}) {
        FirmwareIdentity small;
        small.system_vendor = vendor;
        small.system_serial = "31415926";
        EXPECT_EQ(id_of(small), "31415926") << vendor;
    }
    FirmwareIdentity openstack;
    openstack.system_product = "OpenStack Nova";
    openstack.system_uuid = "4b1d0c7e-85a2-4f39-9c60-2d7e1b3f5a48";
    EXPECT_EQ(id_of(openstack), "4b1d0c7e-85a2-4f39-9c60-2d7e1b3f5a48");
}

TEST(Cloud, firmware_of_the_same_maker_outside_its_cloud_names_none) {
    auto hyperv = azure();
    hyperv.chassis_asset_tag = "8613-0174-2290-5561-0348-9952-11";
    EXPECT_EQ(id_of(hyperv), "(none)");
    auto chromebook = google();
    chromebook.system_product = "Eve";
    EXPECT_EQ(id_of(chromebook), "(none)");
    auto other = amazon();
    other.system_vendor = "Dell Inc.";
    EXPECT_EQ(id_of(other), "(none)");
    EXPECT_EQ(id_of({}), "(none)");
}

TEST(Cloud, what_does_not_look_like_an_id_is_none) {
    auto amazon_without = amazon();
    amazon_without.board_asset_tag = "asset";
    EXPECT_EQ(id_of(amazon_without), "(none)");
    auto odd = google();
    odd.system_serial = "12345";
    EXPECT_EQ(id_of(odd), "(none)");
}

TEST(Cloud, a_hidden_id_is_unreadable_and_not_another_one) {
    auto hidden = google();
    hidden.system_serial = {};
    hidden.hidden = true;
    EXPECT_EQ(id_of(hidden), "(unreadable)");
    auto open = amazon();
    open.hidden = true;
    EXPECT_EQ(id_of(open), "i-0123456789abcdef0") << "its asset tag everybody may read";
}

TEST(Cloud, single_firmware_values_tell_the_same_as_the_table) {
    const auto got = parse_dmi_fields({{"sys_vendor", text("Google\n")},
                                       {"product_name", text("Google Compute Engine\n")},
                                       {"product_serial", {Access::denied, "", ""}}});
    const auto cloud = std::find_if(got.begin(), got.end(), [](const Component& c) {
        return c.kind == Kind::cloud_instance_id;
    });
    ASSERT_NE(cloud, got.end());
    EXPECT_EQ(cloud->state, State::unreadable);
}

TEST(Cloud, cloud_inits_word_counts_for_providers_and_not_for_files_somebody_wrote) {
    EXPECT_EQ(cloud_identity(text("aws"), text("i-0123456789abcdef0\n"))->value,
              "i-0123456789abcdef0");
    EXPECT_FALSE(cloud_identity(text("nocloud"), text("iid-local01\n")));
    EXPECT_FALSE(cloud_identity(text("none"), text("iid-datasource-none\n")));
    EXPECT_FALSE(cloud_identity({}, text("i-0123456789abcdef0\n")));
    EXPECT_FALSE(cloud_identity(text("aws"), {})) << "not written yet";
    EXPECT_FALSE(cloud_identity(text("aws"), text(" \n")));
    EXPECT_EQ(cloud_identity(text("aws"), {Access::failed, "", ""})->state, State::unreadable);
}

TEST(Cloud, firmwares_word_comes_before_cloud_inits) {
    RawHardware raw;
    raw.dmi_fields = {{"sys_vendor", text("Google")},
                      {"product_name", text("Google Compute Engine")},
                      {"product_serial", text("GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6")}};
    raw.cloud_name = text("gce");
    raw.cloud_instance_id = text("1234567890123456789");
    const auto id_in = [](const RawHardware& hardware) {
        for (const auto& c : assemble(hardware, WallTime{}).components)
            if (c.kind == Kind::cloud_instance_id) return c.value;
        return std::string("(none)");
    };
    EXPECT_EQ(id_in(raw), "GoogleCloud-1F3B8A70C46E92D5B07142E9D83C5FA6");
    raw.dmi_fields.clear();
    EXPECT_EQ(id_in(raw), "1234567890123456789");
}

}  // namespace
}  // namespace latchkey::hwid
