#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"

namespace latchkey::platform {
namespace {

/// "8086" of "0x8086".
std::string without_prefix(std::string text) {
    return text.starts_with("0x") ? text.substr(2) : text;
}

std::string device_id(const SysDirectory& dir, const std::string& bus) {
    // A USB interface's ids stand at the device above it.
    const bool usb = bus == "usb";
    const auto vendor = without_prefix(dir.word(usb ? "device/../idVendor" : "device/vendor"));
    const auto device = without_prefix(dir.word(usb ? "device/../idProduct" : "device/device"));
    return vendor.empty() || device.empty() ? std::string() : vendor + ":" + device;
}

std::string colon_hex(const unsigned char* bytes, std::size_t count) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) text += ':';
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

/// The address the manufacturer gave it, whatever the interface wears now. All zero is a driver's
/// way of saying that it does not know.
hwid::RawText permanent_address(const std::string& name) {
    hwid::RawText text;
    text.origin = "ETHTOOL_GPERMADDR " + name;
    if (name.size() >= IFNAMSIZ) return text;
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ethtool_perm_addr header{};
    header.cmd = ETHTOOL_GPERMADDR;
    header.size = MAX_ADDR_LEN;
    // The kernel writes the address behind the header.
    alignas(ethtool_perm_addr) std::array<unsigned char, sizeof header + MAX_ADDR_LEN> request{};
    std::memcpy(request.data(), &header, sizeof header);
    ifreq call{};
    std::memcpy(call.ifr_name, name.data(), name.size());
    call.ifr_data = reinterpret_cast<char*>(request.data());
    if (!socket || ::ioctl(socket.get(), SIOCETHTOOL, &call) != 0) {
        text.access = access_of_errno(errno);
        return text;
    }
    std::memcpy(&header, request.data(), sizeof header);
    const std::size_t size = std::min<std::size_t>(header.size, MAX_ADDR_LEN);
    const auto* const first = request.data() + sizeof header;
    if (std::all_of(first, first + size, [](unsigned char byte) { return byte == 0; })) return text;
    text.access = hwid::Access::read;
    text.value = colon_hex(first, size);
    return text;
}

std::optional<int> small_number(const SysDirectory& dir, const char* name) {
    const auto value = dir.number(name);
    return value && *value <= 0xffff ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace

std::vector<hwid::RawNic> list_nics(hwid::Access& access) {
    std::vector<ListedEntry> entries;
    const SysDirectory all("/sys/class/net");
    access = list_directory(all.path(), entries);
    std::vector<hwid::RawNic> nics;
    for (auto& entry : entries) {
        if (entry.name == "bonding_masters") continue;
        auto& nic = nics.emplace_back();
        nic.is_virtual = !all.has((entry.name + "/device").c_str());
        nic.name = std::move(entry.name);
    }
    return nics;
}

hwid::RawNic read_nic(const std::string& name) {
    hwid::RawNic nic;
    nic.name = name;
    const SysDirectory dir("/sys/class/net/" + name);
    nic.address = dir.attribute("address");
    nic.assign_type = small_number(dir, "addr_assign_type");
    nic.hardware_type = small_number(dir, "type");
    nic.bus = dir.link_name("device/subsystem");
    nic.driver = dir.link_name("device/driver");
    nic.device = device_id(dir, nic.bus);
    nic.removable = nic.bus == "pci" && is_at_open_port(dir, "device/removable");
    nic.permanent_address = permanent_address(name);
    return nic;
}

}  // namespace latchkey::platform
