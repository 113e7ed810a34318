#include "hwid/smbios.h"

#include <algorithm>
#include <array>

#include "hwid/cloud.h"
#include "hwid/memory.h"
#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

constexpr std::array<std::string_view, 37> kChassisTypes = {
    "",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system Chassis",
    "Compact PCI",
    "Advanced TCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
};

std::string_view chassis_type(std::uint64_t code) {
    return code < kChassisTypes.size() ? kChassisTypes[code] : std::string_view{};
}

bool is_identity(Kind kind) { return kind <= Kind::chassis_serial; }

/// Collects components; the first structure of a type speaks, later ones are ignored.
class Collector {
public:
    /// An empty model-level value says nothing and is left out.
    void add(Kind kind, std::string_view raw) {
        if (has(kind)) return;
        std::string value = clean_text(raw);
        if (!value.empty()) {
            components_.push_back({kind, std::move(value), "", {}, State::present});
        } else if (is_identity(kind)) {
            components_.push_back({kind, "", "", {}, State::absent});
        }
    }

    void add(Component component) { components_.push_back(std::move(component)); }

    void add_unreadable(Kind kind) {
        if (!has(kind)) components_.push_back({kind, "", "", {}, State::unreadable});
    }

    bool has(Kind kind) const {
        return std::any_of(components_.begin(), components_.end(),
                           [&](const Component& c) { return c.kind == kind; });
    }

    std::string value(Kind kind) const {
        const auto it = std::find_if(components_.begin(), components_.end(),
                                     [&](const Component& c) { return c.kind == kind; });
        return it == components_.end() ? std::string() : it->value;
    }

    std::vector<Component> take() { return std::move(components_); }

private:
    std::vector<Component> components_;
};

std::string uuid_text(std::span<const std::uint8_t> bytes, bool little_endian) {
    constexpr std::array<std::size_t, 16> kSwapped{3, 2, 1,  0,  5,  4,  7,  6,
                                                   8, 9, 10, 11, 12, 13, 14, 15};
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        const auto byte = bytes[little_endian ? kSwapped[i] : i];
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
        if (i == 3 || i == 5 || i == 7 || i == 9) out += '-';
    }
    return out;
}

void read_bios(const SmbiosStructure& s, Collector& out) {
    out.add(Kind::bios_vendor, s.text(0x04));
    out.add(Kind::bios_version, s.text(0x05));
    out.add(Kind::bios_date, s.text(0x08));
}

void read_system(const SmbiosStructure& s, bool little_endian_uuid, Collector& out) {
    constexpr std::size_t kUuid = 0x08;
    out.add(Kind::system_vendor, s.text(0x04));
    out.add(Kind::system_product, s.text(0x05));
    out.add(Kind::system_version, s.text(0x06));
    out.add(Kind::system_serial, s.text(0x07));
    const bool has_uuid = s.formatted.size() >= kUuid + 16;
    out.add(Kind::system_uuid,
            has_uuid ? uuid_text(s.formatted.subspan(kUuid, 16), little_endian_uuid) : "");
    out.add(Kind::system_sku, s.text(0x19));
    out.add(Kind::system_family, s.text(0x1A));
}

void read_board(const SmbiosStructure& s, Collector& out) {
    out.add(Kind::board_vendor, s.text(0x04));
    out.add(Kind::board_product, s.text(0x05));
    out.add(Kind::board_version, s.text(0x06));
    out.add(Kind::board_serial, s.text(0x07));
}

void read_chassis(const SmbiosStructure& s, Collector& out) {
    out.add(Kind::chassis_vendor, s.text(0x04));
    out.add(Kind::chassis_type, chassis_type(s.byte(0x05).value_or(0) & 0x7F));
    out.add(Kind::chassis_serial, s.text(0x07));
}

void read_processor(const SmbiosStructure& s, Collector& out) {
    constexpr std::uint8_t kPopulated = 0x40;
    if (!(s.byte(0x18).value_or(kPopulated) & kPopulated)) return;
    out.add(Kind::cpu_model, s.text(0x10));
    if (const auto eax = s.dword(0x08); eax && *eax != 0) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string text;
        for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[*eax >> shift & 15];
        out.add(Kind::cpu_signature, text);
    }
}

void read_battery(const SmbiosStructure& s, Collector& out) {
    const std::string maker = clean_text(s.text(0x05));
    const std::string model = clean_text(s.text(0x08));
    if (maker.empty() && model.empty()) return;
    out.add({Kind::battery,
             clean_text(maker + "/" + model),
             clean_text(s.text(0x04)),
             {},
             State::present});
}

/// A multi-board chassis lists risers and mezzanines too; the mainboard is the one that hosts.
bool is_mainboard(const SmbiosStructure& s) {
    constexpr std::uint8_t kHosting = 0x01;
    constexpr std::uint8_t kMotherboard = 0x0A;
    return (s.byte(0x09).value_or(0) & kHosting) || s.byte(0x0D).value_or(0) == kMotherboard;
}

const SmbiosStructure* mainboard(const std::vector<SmbiosStructure>& structures) {
    const SmbiosStructure* first = nullptr;
    for (const auto& s : structures) {
        if (s.type != 2) continue;
        if (is_mainboard(s)) return &s;
        if (!first) first = &s;
    }
    return first;
}

std::string version_text(const SmbiosVersion& v) {
    std::string out = std::to_string(v.major) + "." + std::to_string(v.minor);
    return v.revision ? out + "." + std::to_string(v.revision) : out;
}

}  // namespace

std::vector<Component> parse_smbios(std::span<const std::uint8_t> table,
                                    std::optional<SmbiosVersion> version) {
    const auto structures = smbios_structures(table);
    const bool little_endian_uuid = !version || *version >= SmbiosVersion{2, 6, 0};
    Collector out;
    FirmwareIdentity identity;
    for (const auto& s : structures) {
        switch (s.type) {
            case 0:
                read_bios(s, out);
                break;
            case 1:
                read_system(s, little_endian_uuid, out);
                identity.system_vendor = s.text(0x04);
                identity.system_product = s.text(0x05);
                identity.system_serial = s.text(0x07);
                break;
            case 3:
                read_chassis(s, out);
                if (identity.chassis_asset_tag.empty()) identity.chassis_asset_tag = s.text(0x08);
                break;
            case 4:
                read_processor(s, out);
                break;
            case 22:
                read_battery(s, out);
                break;
            default:
                break;  // the specification has many more types than these
        }
    }
    if (const auto* board = mainboard(structures)) {
        read_board(*board, out);
        identity.board_asset_tag = board->text(0x08);
    }
    const std::string uuid = out.value(Kind::system_uuid);
    identity.system_uuid = uuid;
    if (auto cloud = cloud_identity(identity)) out.add(std::move(*cloud));
    if (version) out.add(Kind::smbios_version, version_text(*version));
    auto components = out.take();
    for (auto& module : memory_modules(structures)) components.push_back(std::move(module));
    return components;
}

std::vector<Component> parse_dmi_fields(const std::map<std::string, RawText>& fields) {
    struct Field {
        std::string_view name;
        Kind kind;
    };
    constexpr auto kFields = std::to_array<Field>({
        {"product_uuid", Kind::system_uuid},
        {"product_serial", Kind::system_serial},
        {"board_serial", Kind::board_serial},
        {"chassis_serial", Kind::chassis_serial},
        {"sys_vendor", Kind::system_vendor},
        {"product_name", Kind::system_product},
        {"product_version", Kind::system_version},
        {"product_sku", Kind::system_sku},
        {"product_family", Kind::system_family},
        {"board_vendor", Kind::board_vendor},
        {"board_name", Kind::board_product},
        {"board_version", Kind::board_version},
        {"chassis_vendor", Kind::chassis_vendor},
        {"bios_vendor", Kind::bios_vendor},
        {"bios_version", Kind::bios_version},
        {"bios_date", Kind::bios_date},
    });
    Collector out;
    for (const auto& [name, kind] : kFields) {
        const auto it = fields.find(std::string(name));
        if (it == fields.end() || it->second.access == Access::absent) continue;
        if (it->second.readable()) {
            out.add(kind, it->second.value);
        } else {
            out.add_unreadable(kind);
        }
    }
    const auto text = [&](const char* name) -> std::string_view {
        const auto it = fields.find(name);
        return it != fields.end() && it->second.readable() ? it->second.value : std::string_view{};
    };
    if (const auto code = decimal(text("chassis_type"))) {
        out.add(Kind::chassis_type, chassis_type(*code));
    }
    const auto hidden = [&](const char* name) {
        const auto it = fields.find(name);
        return it != fields.end() && !it->second.readable() && it->second.access != Access::absent;
    };
    const FirmwareIdentity identity{text("sys_vendor"),
                                    text("product_name"),
                                    text("product_serial"),
                                    text("product_uuid"),
                                    text("board_asset_tag"),
                                    text("chassis_asset_tag"),
                                    hidden("product_serial") || hidden("product_uuid")};
    if (auto cloud = cloud_identity(identity)) out.add(std::move(*cloud));
    return out.take();
}

}  // namespace latchkey::hwid
