#include "hwid/disks.h"

#include <initializer_list>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

bool could_not_be_read(const RawText& text) {
    switch (text.access) {
        case Access::read:
        case Access::absent:
            return false;
        case Access::denied:
        case Access::failed:
        case Access::timed_out:
            return true;
    }
    return false;
}

std::string readable_text(const RawText& text) {
    return text.readable() ? clean_text(text.value) : std::string{};
}

/// Hexadecimal digits of a 64- or 128-bit id behind any of the prefixes; empty for anything else.
std::string id_digits(std::string_view text, std::initializer_list<std::string_view> prefixes) {
    for (const auto prefix : prefixes) {
        if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    }
    if (!hex_bytes<8>(text) && !hex_bytes<16>(text)) return {};
    std::string digits(text);
    std::erase_if(digits, [](char c) {
        return std::string_view(":-. {}").find(c) != std::string_view::npos;
    });
    return digits;
}

std::string spelled(std::string_view prefix, const std::string& digits) {
    return digits.empty() ? std::string{} : std::string(prefix) + digits;
}

/// "naa.5000…" or "eui.0025…". Other designators ("t10.ATA …") repeat model and serial.
std::string world_wide_id(const RawDisk& disk) {
    const std::string wwn = lower(readable_text(disk.wwn));
    if (!wwn.starts_with("eui.")) {
        std::string id = spelled("naa.", id_digits(wwn, {"wwn-", "naa.", "0x"}));
        if (!id.empty()) return id;
    }
    const std::string eui = wwn.starts_with("eui.") ? wwn : lower(readable_text(disk.eui));
    return spelled("eui.", id_digits(eui, {"eui.", "0x"}));
}

Component describe(const RawDisk& disk) {
    constexpr std::uint64_t kGigabyte = 1'000'000'000;
    Component out{
        Kind::disk, readable_text(disk.serial), clean_text(disk.name), {}, State::present};
    const auto set = [&](const char* name, std::string value) {
        if (!value.empty()) out.attributes.emplace(name, std::move(value));
    };
    const std::string id = world_wide_id(disk);
    set("bus", clean_text(disk.bus));
    set("model", readable_text(disk.model));
    set("wwn", id);
    if (disk.size_bytes)
        set("size_gb", std::to_string((*disk.size_bytes + kGigabyte / 2) / kGigabyte));
    if (disk.removable) set("removable", "true");
    // Its serial number would name it; to name it by another id until that is readable would make
    // two disks of one.
    if (could_not_be_read(disk.serial)) {
        out.state = State::unreadable;
        return out;
    }
    if (out.value.empty()) out.value = id;
    const bool hidden = could_not_be_read(disk.wwn) || could_not_be_read(disk.eui);
    if (out.value.empty() && hidden) out.state = State::unreadable;
    return out;
}

}  // namespace

std::vector<Component> parse_disks(const std::vector<RawDisk>& disks, Access listing) {
    if (listing == Access::absent) return {{Kind::disk, "", "", {}, State::absent}};
    if (listing != Access::read) return {{Kind::disk, "", "", {}, State::unreadable}};
    std::vector<Component> out;
    for (const auto& disk : disks) {
        constexpr std::uint64_t kEmptyReader = 0;
        if (disk.is_virtual || disk.size_bytes == kEmptyReader) continue;
        if (out.size() == kMaxComponents) break;
        out.push_back(describe(disk));
    }
    if (out.empty()) out.push_back({Kind::disk, "", "", {}, State::absent});
    return out;
}

}  // namespace latchkey::hwid
