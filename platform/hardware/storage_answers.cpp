#include "platform/hardware/storage_answers.h"

#include "platform/hardware/byte_view.h"

namespace latchkey::platform {
namespace {

// struct STORAGE_DEVICE_DESCRIPTOR. Its texts stand at offsets from its beginning; zero: none.
constexpr std::size_t kRemovableMediaAt = 10;
constexpr std::size_t kProductIdOffsetAt = 16;
constexpr std::size_t kSerialNumberOffsetAt = 24;
constexpr std::size_t kBusTypeAt = 28;
constexpr std::size_t kFixedPartBytes = 36;

/// STORAGE_BUS_TYPE (winioctl.h) in the words of raw.h.
std::string bus_of(std::uint32_t type) {
    switch (type) {
        case 0x01:  // SCSI
        case 0x05:  // SSA
        case 0x13:  // UFS, which other systems show as SCSI as well
            return "scsi";
        case 0x02:  // ATAPI
        case 0x03:  // ATA
        case 0x0B:  // SATA
            return "ata";
        case 0x04:  // IEEE 1394: hangs at a cable, as USB does
        case 0x07:
            return "usb";
        case 0x06:
            return "fc";
        case 0x08:
            return "raid";
        case 0x09:
            return "iscsi";
        case 0x0A:
            return "sas";
        case 0x0C:  // SD
        case 0x0D:  // MMC
            return "mmc";
        case 0x11:
            return "nvme";
        case 0x14:
            return "nvme-of";
        default:
            return {};
    }
}

bool is_memory_card(std::uint32_t type) { return type == 0x0C; }

/// BusTypeVirtual, BusTypeFileBackedVirtual (a mounted image) and BusTypeSpaces.
bool is_virtual_bus(std::uint32_t type) { return type >= 0x0E && type <= 0x10; }

// struct STORAGE_DEVICE_ID_DESCRIPTOR and its STORAGE_IDENTIFIERs.
constexpr std::size_t kIdCountAt = 8;
constexpr std::size_t kFirstIdAt = 12;
constexpr std::size_t kIdBytesAt = 16;
constexpr std::uint32_t kMostIds = 64;  // a page has 252 bytes, or a few thousand

enum class IdType : std::uint32_t { eui = 2, naa = 3, scsi_name = 8 };
constexpr std::uint32_t kBinary = 1;
constexpr std::uint32_t kOfTheDevice = 0;

std::string hex_text(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

struct Identifier {
    std::uint32_t code_set = 0;
    IdType type{};
    std::span<const std::uint8_t> bytes;
};

void take(const Identifier& id, StorageIds& out) {
    const bool binary = id.code_set == kBinary;
    const auto size = id.bytes.size();
    // Each at its full length only: a shorter one is another disk's beginning.
    if (id.type == IdType::naa && binary && (size == 8 || size == 16)) {
        if (out.wwn.empty()) out.wwn = "naa." + hex_text(id.bytes);
    } else if (id.type == IdType::eui && binary && (size == 8 || size == 16)) {
        // The longer one, an NGUID, is what NVMe's later revisions want used.
        if (std::string digits = hex_text(id.bytes); digits.size() > out.eui.size())
            out.eui = std::move(digits);
    } else if (id.type == IdType::scsi_name && !binary && out.wwn.empty()) {
        const std::string_view text(reinterpret_cast<const char*>(id.bytes.data()), size);
        const auto name = text.substr(0, text.find('\0'));
        if (name.starts_with("naa.") || name.starts_with("eui.")) out.wwn = name;
    }
}

// struct STORAGE_PROTOCOL_DATA_DESCRIPTOR: Version, Size, then STORAGE_PROTOCOL_SPECIFIC_DATA,
// whose ProtocolDataOffset counts from its own beginning.
constexpr std::size_t kProtocolAt = 8;
constexpr std::size_t kDataOffsetAt = kProtocolAt + 16;
constexpr std::size_t kDataLengthAt = kProtocolAt + 20;
// NVM Express Base Specification, Identify Controller: SN, MN.
constexpr std::size_t kSerialAt = 4;
constexpr std::size_t kSerialBytes = 20;
constexpr std::size_t kModelAt = 24;
constexpr std::size_t kModelBytes = 40;

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

}  // namespace

// ATA serial numbers come as they are: drivers of Windows XP and Vista handed them out as swapped
// hexadecimal digits, those of Windows 8 and later in reading order. To undo what is no longer done
// would break every serial number that happens to look like digits.
std::optional<StorageDevice> storage_device_of(std::span<const std::uint8_t> answer) {
    const ByteView view(answer);
    const auto bus_type = view.dword(kBusTypeAt);
    if (!bus_type) return std::nullopt;
    const auto text = [&](std::size_t offset_at) {
        const auto offset = view.dword(offset_at).value_or(0);
        // Some drivers write -1 for none; an offset into the fixed part names no text either.
        return offset < kFixedPartBytes ? std::string() : std::string(view.terminated_text(offset));
    };
    StorageDevice device;
    device.bus = bus_of(*bus_type);
    device.model = text(kProductIdOffsetAt);
    device.serial = text(kSerialNumberOffsetAt);
    device.removable = view.byte(kRemovableMediaAt).value_or(0) != 0 || is_memory_card(*bus_type);
    device.is_virtual = is_virtual_bus(*bus_type);
    return device;
}

StorageIds storage_ids_of(std::span<const std::uint8_t> answer) {
    const ByteView view(answer);
    StorageIds out;
    const auto count = std::min(view.dword(kIdCountAt).value_or(0), kMostIds);
    std::size_t at = kFirstIdAt;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto code_set = view.dword(at);
        const auto type = view.dword(at + 4);
        const auto size = view.word(at + 8);
        const auto next = view.word(at + 10);
        const auto association = view.dword(at + 12);
        if (!code_set || !type || !size || !next || !association) break;
        const auto bytes = view.part(at + kIdBytesAt, *size);
        if (bytes.size() != *size) break;
        if (*association == kOfTheDevice) take({*code_set, IdType{*type}, bytes}, out);
        if (*next < kIdBytesAt) break;  // the last, or one that would be read twice
        at += *next;
    }
    return out;
}

std::optional<NvmeController> nvme_controller_of(std::span<const std::uint8_t> answer) {
    const ByteView view(answer);
    const auto offset = view.dword(kDataOffsetAt);
    const auto length = view.dword(kDataLengthAt);
    if (!offset || !length || *offset > answer.size()) return std::nullopt;
    const ByteView identity(view.part(kProtocolAt + *offset, *length));
    if (identity.size() < kModelAt + kModelBytes) return std::nullopt;
    return NvmeController{std::string(identity.text(kSerialAt, kSerialBytes)),
                          std::string(identity.text(kModelAt, kModelBytes))};
}

std::string eui_in_serial(std::string_view serial) {
    constexpr std::size_t kGroup = 5;  // four digits and what follows them
    while (serial.ends_with(' ')) serial.remove_suffix(1);
    const std::size_t groups = serial.size() / kGroup;
    if (serial.size() % kGroup != 0 || (groups != 4 && groups != 8)) return {};
    std::string digits;
    for (std::size_t i = 0; i < serial.size(); ++i) {
        const bool separates = i % kGroup == kGroup - 1;
        const char expected = i + 1 == serial.size() ? '.' : '_';
        if (separates ? serial[i] != expected : !is_hex(serial[i])) return {};
        if (!separates) digits += serial[i];
    }
    return digits;
}

}  // namespace latchkey::platform
