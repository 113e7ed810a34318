// Display adapters, processor, memory, TPM, virtual machines, the system itself.

#include <windows.h>
#include <winioctl.h>

#include <array>

#include "platform/handle_windows.h"
#include "platform/hardware/device_ids.h"
#include "platform/hardware/devices_windows.h"
#include "platform/hardware/hardware_cpuid.h"
#include "platform/hardware/hardware_windows.h"
#include "platform/hardware/registry_windows.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

/// GUID_DEVCLASS_SECURITYDEVICES.
constexpr GUID kSecurityDevices{
    0xd94ee5d8, 0xd189, 0x4994, {0x83, 0xd2, 0xf6, 0x8d, 0x7d, 0x41, 0xb0, 0xe6}};
/// GUID_DEVCLASS_DISPLAY, as SPDRP_CLASSGUID spells it.
constexpr std::string_view kDisplayClass = "{4d36e968-e325-11ce-bfc1-08002be10318}";

constexpr const wchar_t* kVersionKey = LR"(SOFTWARE\Microsoft\Windows NT\CurrentVersion)";
constexpr const wchar_t* kProcessorKey = LR"(HARDWARE\DESCRIPTION\System\CentralProcessor\0)";

hwid::RawDisplay read_display(const DeviceList& devices, const SP_DEVINFO_DATA& device,
                              DeviceIds ids) {
    hwid::RawDisplay display;
    const auto bus = devices.number(device, SPDRP_BUSNUMBER);
    const auto address = devices.number(device, SPDRP_ADDRESS);
    if (bus && address) display.slot = pci_slot(*bus, *address);
    display.vendor = std::move(ids.vendor);
    display.device = std::move(ids.device);
    display.subsystem = std::move(ids.subsystem);
    display.removable = is_at_open_port(device.DevInst);
    return display;
}

}  // namespace

// An adapter without a driver is in no class of Windows', hence PCI's; some buses pass PCI's own
// names on without its class, hence Windows'.
RawDisplays read_displays() {
    RawDisplays found;
    const DeviceList devices(nullptr, L"PCI");
    found.access = devices.access();
    for (const auto& device : devices.devices()) {
        const auto names = devices.ids(device);
        if (names.empty()) continue;
        if (!is_display_function(names) && devices.text(device, SPDRP_CLASSGUID) != kDisplayClass)
            continue;
        if (auto ids = device_ids_of(names.front()))
            found.adapters.push_back(read_display(devices, device, *std::move(ids)));
    }
    return found;
}

hwid::RawCpu read_cpu() {
    hwid::RawCpu cpu;
    cpu.signature = cpuid().signature;
    cpu.hypervisor_bit = cpuid().hypervisor_bit;
    if (cpu.hypervisor_bit) cpu.hypervisor_vendor = hypervisor_vendor();
    cpu.name = {Access::read, processor_name(), "CPUID"};
    if (cpu.name.value.empty())
        cpu.name = registry_text(HKEY_LOCAL_MACHINE, kProcessorKey, L"ProcessorNameString");
    if (const DWORD count = ::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS); count != 0)
        cpu.processor_count = count;
    return cpu;
}

hwid::Source<std::uint64_t> read_memory() {
    hwid::Source<std::uint64_t> memory;
    memory.access = Access::read;
    // Fails where SMBIOS tells nothing of memory, as in most virtual machines.
    memory.origin = "GetPhysicallyInstalledSystemMemory";
    ULONGLONG kilobytes = 0;
    if (::GetPhysicallyInstalledSystemMemory(&kilobytes) && kilobytes < UINT64_MAX / 1024) {
        memory.value = kilobytes * 1024;
        return memory;
    }
    memory.origin = "GlobalMemoryStatusEx";
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    if (::GlobalMemoryStatusEx(&status))
        memory.value = status.ullTotalPhys;
    else
        memory.access = access_of_error(::GetLastError());
    return memory;
}

// Calling it unreadable, not absent, lets the agent's reading fill it in without taking it for new
// hardware.
hwid::RawTpm tpm_without_reader() {
    hwid::RawTpm tpm;
    tpm.ek_public.origin = "only the agent asks the TPM";
    const DeviceList devices(&kSecurityDevices);
    if (devices.access() != Access::read) tpm.ek_public.access = Access::failed;
    for (const auto& device : devices.devices())
        if (is_tpm2(devices.ids(device))) tpm.ek_public.access = Access::failed;
    return tpm;
}

hwid::RawText read_vm_generation_id() {
    constexpr DWORD kRead =
        CTL_CODE(FILE_DEVICE_ACPI, 1, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS);
    constexpr std::string_view kDigits = "0123456789abcdef";
    hwid::RawText text;
    text.origin = R"(\\.\VmGenerationCounter)";
    const UniqueHandle device(
        ::CreateFileW(LR"(\\.\VmGenerationCounter)", GENERIC_READ | GENERIC_WRITE,
                      FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
    if (!device) {
        text.access = access_of_error(::GetLastError());
        return text;
    }
    std::array<std::uint8_t, 16> id{};
    DWORD got = 0;
    if (!::DeviceIoControl(device.get(), kRead, nullptr, 0, id.data(), id.size(), &got, nullptr)) {
        text.access = access_of_error(::GetLastError());
        return text;
    }
    text.access = got == id.size() ? Access::read : Access::failed;
    for (const auto byte : id) {
        text.value += kDigits[byte >> 4];
        text.value += kDigits[byte & 15];
    }
    if (!text.readable()) text.value.clear();
    return text;
}

RawSystem read_system() {
    RawSystem system;
    system.edition = registry_text(HKEY_LOCAL_MACHINE, kVersionKey, L"EditionID");
    if (system.edition.readable() || system.edition.access == Access::absent) {
        const auto part = [](const wchar_t* name) {
            const auto value = registry_number(HKEY_LOCAL_MACHINE, kVersionKey, name);
            return value ? std::to_string(*value) : std::string("?");
        };
        // Not the build: an update makes no other edition.
        const std::string version = "windows " + part(L"CurrentMajorVersionNumber") + "." +
                                    part(L"CurrentMinorVersionNumber");
        system.edition.access = Access::read;
        system.edition.value = version + " " + system.edition.value;
    }
    system.machine_id =
        registry_text(HKEY_LOCAL_MACHINE, LR"(SOFTWARE\Microsoft\Cryptography)", L"MachineGuid");
    // Set within a container that shares this kernel, and nowhere else.
    system.container.origin = R"(HKLM\SYSTEM\CurrentControlSet\Control\ContainerType)";
    if (registry_number(HKEY_LOCAL_MACHINE, LR"(SYSTEM\CurrentControlSet\Control)",
                        L"ContainerType"))
        system.container = {Access::read, "windows", std::move(system.container.origin)};
    return system;
}

}  // namespace latchkey::platform
