#include "hwid/cloud.h"

#include <algorithm>
#include <array>
#include <string>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

using Field = std::string_view FirmwareIdentity::*;

/// A cloud, the firmware field that gives it away, and the field that holds the instance's id.
struct Cloud {
    Field mark;
    std::string_view marked;  ///< lower case; the field begins with it
    Field id;
    std::string_view id_begins;  ///< lower case; anything else is no id
};

// Sources: the providers' own pages on identifying an instance from inside, and what cloud-init
// relies on for the same purpose. A cloud stands here only where the id is documented to belong to
// one instance and to stay with it over stops, restarts and migrations.
constexpr auto kClouds = std::to_array<Cloud>({
    {&FirmwareIdentity::system_vendor, "amazon", &FirmwareIdentity::board_asset_tag, "i-"},
    {&FirmwareIdentity::chassis_asset_tag, "7783-7084-3265-9085-8269-3286-77",
     &FirmwareIdentity::system_uuid, ""},
    {&FirmwareIdentity::system_product, "google compute engine", &FirmwareIdentity::system_serial,
     "googlecloud-"},
    {&FirmwareIdentity::system_product, "openstack ", &FirmwareIdentity::system_uuid, ""},
    {&FirmwareIdentity::chassis_asset_tag, "openstack ", &FirmwareIdentity::system_uuid, ""},
    {&FirmwareIdentity::chassis_asset_tag, "opentelekomcloud", &FirmwareIdentity::system_uuid, ""},
    {&FirmwareIdentity::system_vendor, "digitalocean", &FirmwareIdentity::system_serial, ""},
    {&FirmwareIdentity::system_vendor, "hetzner", &FirmwareIdentity::system_serial, ""},
    {&FirmwareIdentity::system_vendor, "vultr", &FirmwareIdentity::system_serial, ""},
    {&FirmwareIdentity::system_vendor, "upcloud", &FirmwareIdentity::system_serial, ""},
});

/// cloud-init's names of clouds whose instance ids are given by the provider.
constexpr auto kTrustedNames = std::to_array<std::string_view>({
    "akamai",
    "aliyun",
    "aws",
    "aws-china",
    "aws-gov",
    "azure",
    "cloudstack",
    "digitalocean",
    "exoscale",
    "gce",
    "hetzner",
    "ibmcloud",
    "openstack",
    "oracle",
    "scaleway",
    "upcloud",
    "vultr",
});

Component unreadable_id() { return {Kind::cloud_instance_id, "", "", {}, State::unreadable}; }

}  // namespace

std::optional<Component> cloud_identity(const FirmwareIdentity& firmware) {
    for (const auto& cloud : kClouds) {
        if (!starts_with_ignoring_case(trim(firmware.*cloud.mark), cloud.marked)) continue;
        std::string id = clean_text(firmware.*cloud.id);
        const bool may_be_hidden = cloud.id != &FirmwareIdentity::board_asset_tag;
        if (id.empty() && firmware.hidden && may_be_hidden) return unreadable_id();
        if (id.empty() || !starts_with_ignoring_case(id, cloud.id_begins)) continue;
        return Component{Kind::cloud_instance_id, std::move(id), "", {}, State::present};
    }
    return std::nullopt;
}

std::optional<Component> cloud_identity(const RawText& cloud_name, const RawText& instance_id) {
    const std::string name = lower(clean_text(cloud_name.value));
    const bool trusted =
        cloud_name.readable() &&
        std::find(kTrustedNames.begin(), kTrustedNames.end(), name) != kTrustedNames.end();
    if (!trusted || instance_id.access == Access::absent) return std::nullopt;
    std::string id = clean_text(instance_id.value);
    if (!instance_id.readable()) return unreadable_id();
    if (id.empty()) return std::nullopt;
    return Component{Kind::cloud_instance_id, std::move(id), "", {}, State::present};
}

}  // namespace latchkey::hwid
