#include <windows.h>
#include <winioctl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "platform/handle_windows.h"
#include "platform/hardware/device_ids.h"
#include "platform/hardware/hardware_windows.h"
#include "platform/hardware/storage_answers.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr std::string_view kDrive = "PhysicalDrive";
constexpr std::size_t kMostAnswerBytes = 16 * 1024;
constexpr std::size_t kMostNameCharacters = hwid::kMaxSourceBytes / sizeof(wchar_t);

std::optional<unsigned> number_of_drive(std::string_view name) {
    unsigned number = 0;
    if (!name.starts_with(kDrive)) return std::nullopt;
    name.remove_prefix(kDrive.size());
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

struct Answer {
    Access access = Access::absent;
    std::vector<std::uint8_t> bytes;
};

Answer ask(HANDLE disk, DWORD code, const void* question, std::size_t size) {
    Answer answer{Access::read, std::vector<std::uint8_t>(kMostAnswerBytes)};
    DWORD got = 0;
    if (!::DeviceIoControl(disk, code, const_cast<void*>(question), static_cast<DWORD>(size),
                           answer.bytes.data(), static_cast<DWORD>(answer.bytes.size()), &got,
                           nullptr))
        return {access_of_error(::GetLastError()), {}};
    answer.bytes.resize(std::min<std::size_t>(got, answer.bytes.size()));
    return answer;
}

Answer ask_property(HANDLE disk, STORAGE_PROPERTY_ID id) {
    STORAGE_PROPERTY_QUERY query{};
    query.PropertyId = id;
    query.QueryType = PropertyStandardQuery;
    return ask(disk, IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof query);
}

/// Identify Controller, which the driver answers for whoever may open the disk at all.
Answer ask_nvme_controller(HANDLE disk) {
    constexpr std::size_t kIdentityBytes = 4096;
    constexpr std::size_t kSpecificAt = offsetof(STORAGE_PROPERTY_QUERY, AdditionalParameters);
    std::array<std::uint8_t, kSpecificAt + sizeof(STORAGE_PROTOCOL_SPECIFIC_DATA) + kIdentityBytes>
        question{};
    STORAGE_PROPERTY_QUERY query{};
    query.PropertyId = StorageAdapterProtocolSpecificProperty;
    query.QueryType = PropertyStandardQuery;
    STORAGE_PROTOCOL_SPECIFIC_DATA specific{};
    specific.ProtocolType = ProtocolTypeNvme;
    specific.DataType = NVMeDataTypeIdentify;
    specific.ProtocolDataRequestValue = 1;  // CNS: the controller
    specific.ProtocolDataOffset = sizeof specific;
    specific.ProtocolDataLength = kIdentityBytes;
    std::memcpy(question.data(), &query, kSpecificAt);
    std::memcpy(question.data() + kSpecificAt, &specific, sizeof specific);
    return ask(disk, IOCTL_STORAGE_QUERY_PROPERTY, question.data(), question.size());
}

/// Zero for a reader that holds nothing.
std::optional<std::uint64_t> size_of(HANDLE disk) {
    DISK_GEOMETRY_EX geometry{};
    DWORD got = 0;
    if (::DeviceIoControl(disk, IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, nullptr, 0, &geometry,
                          sizeof geometry, &got, nullptr)) {
        const auto bytes = geometry.DiskSize.QuadPart;
        return bytes < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(bytes));
    }
    const DWORD error = ::GetLastError();
    return error == ERROR_NOT_READY || error == ERROR_NO_MEDIA_IN_DRIVE
               ? std::optional<std::uint64_t>(0)
               : std::nullopt;
}

void set(hwid::RawText& text, std::string value) {
    text.access = value.empty() ? Access::absent : Access::read;
    text.value = std::move(value);
}

/// The driver's own serial number of an NVMe disk is the namespace's id with Windows' driver and
/// the controller's serial number with others; the controller's own word is the same with each.
void read_nvme(HANDLE handle, hwid::RawDisk& disk) {
    const auto answer = ask_nvme_controller(handle);
    if (answer.access == Access::read) {
        if (auto controller = nvme_controller_of(answer.bytes)) {
            set(disk.serial, std::move(controller->serial));
            set(disk.model, std::move(controller->model));
            return;
        }
    }
    // Refused or broken: named otherwise now, it would be another disk by the next reading.
    if (answer.access == Access::denied || answer.access == Access::failed) {
        disk.serial = {answer.access, {}, disk.serial.origin};
        return;
    }
    if (std::string eui = eui_in_serial(disk.serial.value); !eui.empty()) {
        set(disk.eui, std::move(eui));
        set(disk.serial, {});
    }
}

}  // namespace

std::vector<hwid::RawDisk> list_disks(Access& access) {
    std::vector<wchar_t> names(kMostNameCharacters);
    const DWORD length = ::QueryDosDeviceW(nullptr, names.data(), static_cast<DWORD>(names.size()));
    access = length == 0 ? access_of_error(::GetLastError()) : Access::read;
    std::vector<std::pair<unsigned, hwid::RawDisk>> found;
    for (auto& name : texts_of(narrow({names.data(), length}))) {
        const auto number = number_of_drive(name);
        if (!number) continue;
        found.emplace_back(*number, hwid::RawDisk{}).second.name = std::move(name);
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<hwid::RawDisk> disks;
    for (auto& [number, disk] : found) disks.push_back(std::move(disk));
    return disks;
}

hwid::RawDisk read_disk(const std::string& name) {
    hwid::RawDisk disk;
    disk.name = name;
    const std::string path = R"(\\.\)" + name;
    for (auto* text : {&disk.serial, &disk.wwn, &disk.eui, &disk.model}) text->origin = path;
    const UniqueHandle handle(::CreateFileW(wide(path).c_str(), 0,
                                            FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                            OPEN_EXISTING, 0, nullptr));
    if (!handle) {
        disk.serial.access = access_of_error(::GetLastError());
        return disk;
    }
    disk.size_bytes = size_of(handle.get());
    const auto described = ask_property(handle.get(), StorageDeviceProperty);
    auto device = storage_device_of(described.bytes);
    if (!device) {
        disk.serial.access = described.access == Access::read ? Access::failed : described.access;
        return disk;
    }
    disk.bus = std::move(device->bus);
    disk.removable = device->removable;
    disk.is_virtual = device->is_virtual;
    if (disk.is_virtual) return disk;
    set(disk.serial, std::move(device->serial));
    set(disk.model, std::move(device->model));
    auto ids = storage_ids_of(ask_property(handle.get(), StorageDeviceIdProperty).bytes);
    set(disk.wwn, std::move(ids.wwn));
    set(disk.eui, std::move(ids.eui));
    if (disk.bus == "nvme") read_nvme(handle.get(), disk);
    return disk;
}

}  // namespace latchkey::platform
