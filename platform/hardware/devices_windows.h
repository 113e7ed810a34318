#pragma once

// The devices that plug and play has found, and what it calls them. Internal to the Windows files
// of platform/.

#include <windows.h>

#include <cfgmgr32.h>
#include <setupapi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwid/raw.h"

namespace latchkey::platform {

/// The devices that are there now, also those that are switched off.
class DeviceList {
public:
    /// One class of devices, or all; of one enumerator ("PCI"), or of all.
    explicit DeviceList(const GUID* device_class, const wchar_t* enumerator = nullptr);
    ~DeviceList();
    DeviceList(const DeviceList&) = delete;
    DeviceList& operator=(const DeviceList&) = delete;

    hwid::Access access() const { return access_; }
    std::vector<SP_DEVINFO_DATA> devices() const;

    /// Empty where there is no such property, or it is of another type.
    std::string text(SP_DEVINFO_DATA device, DWORD property) const;
    std::optional<std::uint32_t> number(SP_DEVINFO_DATA device, DWORD property) const;
    /// Hardware ids, then compatible ids.
    std::vector<std::string> ids(SP_DEVINFO_DATA device) const;
    /// Of the driver's own key: "NetCfgInstanceId".
    std::string driver_value(SP_DEVINFO_DATA device, const wchar_t* name) const;

private:
    std::string raw_property(SP_DEVINFO_DATA device, DWORD property, DWORD& type) const;

    HDEVINFO list_ = nullptr;
    hwid::Access access_ = hwid::Access::failed;
};

/// The instance ids of a device and of what it hangs on, innermost first.
std::vector<std::string> ancestry(DEVINST device);

/// At a port that its user can reach (Thunderbolt, USB4): a bridge above it may be pulled out at
/// any time. A device that may go by itself does not count: servers' drive bays and the slots of
/// virtual machines say that of everything in them.
bool is_at_open_port(DEVINST device);

}  // namespace latchkey::platform
