#pragma once

// Which cloud runs this machine and what the machine is called there, without asking the network.

#include <optional>
#include <string_view>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

/// What firmware says, wherever it was read. Empty where it says nothing.
struct FirmwareIdentity {
    std::string_view system_vendor;
    std::string_view system_product;
    std::string_view system_serial;
    std::string_view system_uuid;
    std::string_view board_asset_tag;
    std::string_view chassis_asset_tag;
    bool hidden = false;  ///< serial and UUID are there, but could not be read
};

/// The instance id where firmware names a known cloud; unreadable where the id is hidden; nullopt
/// anywhere else. One cloud always gives the id of the same field, so that reading with more rights
/// or from another source never looks like another instance.
std::optional<Component> cloud_identity(const FirmwareIdentity& firmware);

/// cloud-init's word, for clouds that leave no mark in firmware. Believed for clouds that give each
/// instance an id of its own; anywhere else the id is whatever somebody wrote into a file.
std::optional<Component> cloud_identity(const RawText& cloud_name, const RawText& instance_id);

}  // namespace latchkey::hwid
