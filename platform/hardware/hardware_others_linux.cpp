// Display adapters, batteries, TPM, clouds, containers.

#include <array>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"
#include "platform/secure_file.h"

namespace latchkey::platform {
namespace {

constexpr const char* kPciDevices = "/sys/bus/pci/devices";

std::string without_prefix(std::string text) {
    return text.starts_with("0x") ? text.substr(2) : text;
}

hwid::RawDisplay read_display(const std::string& slot) {
    const SysDirectory dir(std::string(kPciDevices) + "/" + slot);
    hwid::RawDisplay display;
    display.slot = slot;
    display.vendor = without_prefix(dir.word("vendor"));
    display.device = without_prefix(dir.word("device"));
    const auto vendor = without_prefix(dir.word("subsystem_vendor"));
    const auto device = without_prefix(dir.word("subsystem_device"));
    if (!vendor.empty() && !device.empty()) display.subsystem = vendor + ":" + device;
    display.boot_vga = dir.word("boot_vga");
    display.removable = is_at_open_port(dir, "removable");
    return display;
}

/// The value of NAME in a block of NUL-terminated NAME=VALUE words.
std::optional<std::string> variable_of(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const auto word = environment.substr(0, environment.find('\0'));
        environment.remove_prefix(std::min(environment.size(), word.size() + 1));
        if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
            return std::string(word.substr(name.size() + 1));
    }
    return std::nullopt;
}

/// The kernel gives the machine's first PID namespace this fixed inode (include/linux/proc_ns.h).
bool in_first_pid_namespace() { return link_target("/proc/self/ns/pid") == "pid:[4026531836]"; }

hwid::RawText evidence(std::string value, std::string origin) {
    return {hwid::Access::read, std::move(value), std::move(origin)};
}

}  // namespace

std::pair<hwid::Access, std::vector<hwid::RawDisplay>> DisplayList::read() {
    std::vector<ListedEntry> slots;
    const SysDirectory all(kPciDevices);
    const auto access = list_directory(kPciDevices, slots);
    std::vector<hwid::RawDisplay> displays;
    const std::lock_guard lock(mutex_);
    std::map<std::pair<std::string, std::uint64_t>, bool> seen;
    for (const auto& slot : slots) {
        const std::pair key(slot.name, slot.inode);
        const auto known = is_display_.find(key);
        const bool display = known != is_display_.end()
                                 ? known->second
                                 : all.word((slot.name + "/class").c_str()).starts_with("0x03");
        seen.emplace(key, display);
        if (display) displays.push_back(read_display(slot.name));
    }
    is_display_ = std::move(seen);
    return {access, std::move(displays)};
}

std::vector<hwid::RawBattery> read_batteries() {
    constexpr std::string_view kSupplies = "/sys/class/power_supply";
    std::vector<ListedEntry> entries;
    list_directory(std::string(kSupplies), entries);
    std::vector<hwid::RawBattery> batteries;
    for (const auto& entry : entries) {
        const SysDirectory dir(std::string(kSupplies) + "/" + entry.name);
        // "Device" is the scope of a mouse's or a headset's battery.
        if (dir.word("type") != "Battery" || dir.word("scope") == "Device") continue;
        batteries.push_back({entry.name, dir.attribute("serial_number"),
                             dir.attribute("manufacturer"), dir.attribute("model_name")});
    }
    return batteries;
}

// Calling it unreadable, not absent, lets the agent's reading fill it in without taking it for new
// hardware.
hwid::RawTpm tpm_without_reader() {
    const bool there = exists("/sys/class/tpm/tpm0");
    return {
        {there ? hwid::Access::failed : hwid::Access::absent, {}, "only the agent asks the TPM"}};
}

RawCloud read_cloud() {
    RawCloud cloud;
    cloud.name.origin = "/run/cloud-init/cloud-id";
    cloud.instance_id.origin = "/run/cloud-init/.instance-id";
    // A link to a file of the same directory: "cloud-id-aws".
    constexpr std::string_view kPrefix = "cloud-id-";
    std::string_view target = cloud.name.value = link_target(cloud.name.origin);
    target.remove_prefix(target.rfind('/') + 1);  // npos + 1 is 0
    if (!target.starts_with(kPrefix)) return cloud;
    cloud.name = evidence(std::string(target.substr(kPrefix.size())), cloud.name.origin);
    auto id = read_private_file(cloud.instance_id.origin, kMaxAttributeBytes, Privacy::trusted);
    if (id)
        cloud.instance_id = evidence(*std::move(id), cloud.instance_id.origin);
    else if (id.error().code != Code::record_unknown)
        cloud.instance_id.access = hwid::Access::failed;
    return cloud;
}

namespace {

hwid::RawText find_container() {
    if (auto named = read_text_file("/run/systemd/container", kMaxAttributeBytes); named.readable())
        return named;
    // A virtual machine whose disk was made of a container's image still carries these files.
    const bool files_may_lie = in_first_pid_namespace();
    if (!files_may_lie && exists("/.dockerenv")) return evidence("docker", "/.dockerenv");
    if (!files_may_lie && exists("/run/.containerenv"))
        return evidence("podman", "/run/.containerenv");
    const auto environment = read_text_file("/proc/1/environ", kMaxAttributeBytes);
    if (auto name = variable_of(environment.value, "container"))
        return evidence(*name, "/proc/1/environ");
    if (variable_of(environment.value, "KUBERNETES_SERVICE_HOST"))
        return evidence("kubernetes", "/proc/1/environ");
    const auto groups = read_text_file("/proc/1/cgroup", kMaxAttributeBytes);
    for (const char* runtime : {"docker", "kubepods", "lxc", "libpod", "containerd"})
        if (groups.value.find(std::string("/") + runtime) != std::string::npos)
            return evidence(runtime, "/proc/1/cgroup");
    return {hwid::Access::absent, {}, "/proc/1/cgroup"};
}

}  // namespace

hwid::RawText read_container() {
    static const hwid::RawText found = find_container();
    return found;
}

}  // namespace latchkey::platform
