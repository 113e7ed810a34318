#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hwid/assemble.h"
#include "platform/hardware/device_ids.h"
#include "platform/hardware/firmware_table.h"
#include "platform/hardware/storage_answers.h"

// What Windows' drivers answer comes from makers nobody knows: nothing is read beyond it, and
// nothing longer comes out than went in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey;
    const std::span answer(data, size);
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    hwid::RawHardware raw;
    raw.os = "windows";
    if (auto table = platform::firmware_table_of(answer)) {
        if (table->table.size() > size) std::abort();
        raw.smbios_version = table->version;
        raw.smbios_table = {hwid::Access::read, std::move(table->table), "fuzz"};
    }
    auto& disk = raw.disks.emplace_back();
    if (const auto device = platform::storage_device_of(answer)) {
        if (device->serial.size() > size || device->model.size() > size) std::abort();
        disk.serial = {hwid::Access::read, device->serial, "fuzz"};
    }
    const auto ids = platform::storage_ids_of(answer);
    if (ids.wwn.size() > 2 * size || ids.eui.size() > 32) std::abort();
    disk.wwn = {hwid::Access::read, ids.wwn, "fuzz"};
    if (const auto controller = platform::nvme_controller_of(answer))
        if (controller->serial.size() != 20 || controller->model.size() != 40) std::abort();
    if (platform::eui_in_serial(text).size() > 32) std::abort();

    const auto names = platform::texts_of(text);
    platform::is_display_function(names);
    platform::is_tpm2(names);
    const auto place = platform::card_place_of(names);
    if (place.is_virtual && !place.device.empty()) std::abort();
    for (const auto& name : names)
        if (const auto found = platform::device_ids_of(name))
            if (found->vendor.size() != 4 || found->device.size() != 4) std::abort();

    if (hwid::assemble(raw, WallTime{}).components.size() > hwid::kMaxComponents) std::abort();
    return 0;
}
