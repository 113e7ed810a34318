#include "platform/hardware/devices_windows.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "platform/hardware/device_ids.h"
#include "platform/hardware/hardware_windows.h"
#include "platform/hardware/registry_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

constexpr std::size_t kMostPropertyBytes = 16 * 1024;
constexpr std::size_t kMostDevices = 4096;
constexpr std::size_t kMostAncestors = 32;

std::optional<DEVINST> parent_of(DEVINST device) {
    DEVINST parent = 0;
    return ::CM_Get_Parent(&parent, device, 0) == CR_SUCCESS ? std::optional(parent) : std::nullopt;
}

std::string instance_of(DEVINST device) {
    std::array<wchar_t, MAX_DEVICE_ID_LEN + 1> id{};
    if (::CM_Get_Device_IDW(device, id.data(), static_cast<ULONG>(id.size() - 1), 0) != CR_SUCCESS)
        return {};
    return narrow(id.data());
}

bool may_be_pulled_out(DEVINST device) {
    ULONG policy = 0;
    ULONG bytes = sizeof policy;
    return ::CM_Get_DevNode_Registry_PropertyW(device, CM_DRP_REMOVAL_POLICY_HW_DEFAULT, nullptr,
                                               &policy, &bytes, 0) == CR_SUCCESS &&
           bytes == sizeof policy && policy == CM_REMOVAL_POLICY_EXPECT_SURPRISE_REMOVAL;
}

}  // namespace

DeviceList::DeviceList(const GUID* device_class, const wchar_t* enumerator) {
    const DWORD which = DIGCF_PRESENT | (device_class == nullptr ? DIGCF_ALLCLASSES : 0u);
    const HDEVINFO list = ::SetupDiGetClassDevsW(device_class, enumerator, nullptr, which);
    if (list == INVALID_HANDLE_VALUE) {
        access_ = access_of_error(::GetLastError());
        return;
    }
    list_ = list;
    access_ = hwid::Access::read;
}

DeviceList::~DeviceList() {
    if (list_ != nullptr) ::SetupDiDestroyDeviceInfoList(list_);
}

std::vector<SP_DEVINFO_DATA> DeviceList::devices() const {
    std::vector<SP_DEVINFO_DATA> out;
    SP_DEVINFO_DATA device{};
    device.cbSize = sizeof device;
    for (DWORD i = 0; list_ != nullptr && i < kMostDevices; ++i) {
        if (!::SetupDiEnumDeviceInfo(list_, i, &device)) break;
        out.push_back(device);
    }
    return out;
}

std::string DeviceList::raw_property(SP_DEVINFO_DATA device, DWORD property, DWORD& type) const {
    std::string bytes(kMostPropertyBytes, '\0');
    DWORD size = 0;
    if (!::SetupDiGetDeviceRegistryPropertyW(list_, &device, property, &type,
                                             reinterpret_cast<BYTE*>(bytes.data()),
                                             static_cast<DWORD>(bytes.size()), &size))
        return {};
    bytes.resize(std::min<std::size_t>(size, bytes.size()));
    return bytes;
}

std::string DeviceList::text(SP_DEVINFO_DATA device, DWORD property) const {
    DWORD type = REG_NONE;
    const std::string bytes = raw_property(device, property, type);
    if (type != REG_SZ && type != REG_MULTI_SZ) return {};
    std::wstring characters(bytes.size() / sizeof(wchar_t), L'\0');
    std::memcpy(characters.data(), bytes.data(), characters.size() * sizeof(wchar_t));
    if (type == REG_SZ) characters.resize(std::min(characters.find(L'\0'), characters.size()));
    return narrow(characters);
}

std::optional<std::uint32_t> DeviceList::number(SP_DEVINFO_DATA device, DWORD property) const {
    DWORD type = REG_NONE;
    const std::string bytes = raw_property(device, property, type);
    std::uint32_t value = 0;
    if (type != REG_DWORD || bytes.size() != sizeof value) return std::nullopt;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::vector<std::string> DeviceList::ids(SP_DEVINFO_DATA device) const {
    auto out = texts_of(text(device, SPDRP_HARDWAREID));
    for (auto& id : texts_of(text(device, SPDRP_COMPATIBLEIDS))) out.push_back(std::move(id));
    return out;
}

std::string DeviceList::driver_value(SP_DEVINFO_DATA device, const wchar_t* name) const {
    const HKEY key =
        ::SetupDiOpenDevRegKey(list_, &device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_QUERY_VALUE);
    if (key == INVALID_HANDLE_VALUE) return {};
    std::string value = registry_text(key, nullptr, name).value;
    ::RegCloseKey(key);
    return value;
}

std::vector<std::string> ancestry(DEVINST device) {
    std::vector<std::string> out{instance_of(device)};
    for (auto above = parent_of(device); above && out.size() < kMostAncestors;
         above = parent_of(*above))
        out.push_back(instance_of(*above));
    return out;
}

bool is_at_open_port(DEVINST device) {
    auto above = parent_of(device);
    for (std::size_t i = 0; above && i < kMostAncestors; ++i, above = parent_of(*above)) {
        if (enumerator_of(instance_of(*above)) != "PCI") return false;
        if (may_be_pulled_out(*above)) return true;
    }
    return false;
}

}  // namespace latchkey::platform
