#include "tests/fakes/macs.h"

#include <fstream>
#include <sstream>

#include "tests/fakes/io_registry_plist.h"

namespace latchkey::fakes {
namespace {

using hwid::Access;

constexpr std::uint64_t kGigabyte = 1ull << 30;

hwid::RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

Mac mac(const char* name, const char* model, const char* brand, std::uint32_t processors,
        std::uint64_t gigabytes) {
    Mac out;
    out.registry = mac_registry(name);
    out.cpu.brand = text(brand);
    out.cpu.model = model;
    out.cpu.count = processors;
    out.cpu.is_guest = false;
    out.memory_bytes = gigabytes * kGigabyte;
    return out;
}

}  // namespace

platform::IoForest mac_registry(const std::string& name) {
    std::ifstream file(std::string(LATCHKEY_MACHINES_DIR) + "/ioreg/" + name + ".plist");
    std::stringstream all;
    all << file.rdbuf();
    return io_forest(all.str());
}

hwid::RawHardware raw_mac(const Mac& mac) {
    hwid::RawHardware raw;
    raw.os = "mac";
    raw.platform_fields = platform::platform_fields_of(mac.registry);
    auto smbios = platform::io_smbios_of(mac.registry);
    raw.smbios_entry_point = std::move(smbios.entry_point);
    raw.smbios_table = std::move(smbios.table);
    raw.nics = platform::cards_of(mac.registry);
    raw.disks = platform::disks_of(mac.registry);
    raw.displays = platform::displays_of(mac.registry);
    raw.batteries = platform::batteries_of(mac.registry);
    platform::understand_cpu(mac.cpu, raw);
    raw.memory_bytes = {Access::read, mac.memory_bytes, ""};
    raw.os_edition = text("macos 14");
    return raw;
}

Mac macbook_pro_m1() { return mac("macbook-pro-m1", "MacBookPro17,1", "Apple M1", 8, 16); }

Mac mac_mini_t2() {
    auto out = mac("mac-mini-t2", "Macmini8,1", "Intel(R) Core(TM) i5-8500B CPU @ 3.00GHz", 6, 16);
    out.cpu.processor.signature = 0x000906ea;
    return out;
}

Mac imac_2017() {
    auto out = mac("imac-2017", "iMac18,3", "Intel(R) Core(TM) i5-7600K CPU @ 3.80GHz", 4, 8);
    out.cpu.processor.signature = 0x000906e9;
    return out;
}

Mac vm_apple() {
    auto out = mac("vm-apple", "VirtualMac2,1", "Apple M1 (Virtual)", 4, 8);
    out.cpu.is_guest = true;
    return out;
}

Mac vm_vmware() {
    auto out = mac("vm-vmware", "VMware7,1", "Intel(R) Core(TM) i7-8700B CPU @ 3.20GHz", 2, 8);
    out.cpu.is_guest = true;
    out.cpu.processor = {0x000906ea, true};
    out.cpu.hypervisor_vendor = "VMwareVMware";
    return out;
}

}  // namespace latchkey::fakes
