#include "hwid/normalize.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "hwid/known_bad.h"
#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

Canonical bad() { return {{}, Quality::placeholder}; }
Canonical good(std::string value) { return {std::move(value), Quality::good}; }

std::string hex_text(std::span<const std::uint8_t> bytes, std::string_view separator = {}) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
        if (!out.empty()) out += separator;
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

Canonical uuid(std::string_view text) {
    const auto bytes = hex_bytes<16>(text);
    if (!bytes || is_template_uuid(*bytes)) return bad();
    auto swapped = *bytes;
    std::reverse(swapped.begin(), swapped.begin() + 4);
    std::swap(swapped[4], swapped[5]);
    std::swap(swapped[6], swapped[7]);
    return good(hex_text(std::min(*bytes, swapped)));
}

/// Dell writes a board's serial as "/ABC1234/CN0123/" or ".ABC1234.CN0123." by generation.
std::string serial_spelling(std::string_view text) {
    std::string out = upper(fold_spaces(text));
    std::replace(out.begin(), out.end(), '/', '.');
    const auto first = out.find_first_not_of('.');
    if (first == std::string::npos) return {};
    return out.substr(first, out.find_last_not_of('.') - first + 1);
}

constexpr std::size_t kShortestSerial = 4;

Canonical serial(std::string_view text) {
    const std::string folded = lower(fold_spaces(text));
    if (folded.size() < kShortestSerial || is_placeholder_text(folded) || is_part_number(folded) ||
        is_virtual_product(folded)) {
        return bad();
    }
    return good(serial_spelling(text));
}

bool is_removable(const Component& component) { return component.attribute("removable") == "true"; }

Canonical mac(const Component& component) {
    const auto bytes = hex_bytes<6>(component.value);
    if (!bytes) return bad();
    std::uint64_t number = 0;
    for (const auto byte : *bytes) number = number << 8 | byte;
    Canonical out{hex_text(*bytes, ":"), Quality::good};
    const auto bus = component.attribute("bus");
    const auto origin = mac_origin(number);
    if (origin == MacOrigin::bad) return bad();
    if (bus == "usb" || is_removable(component) || (origin == MacOrigin::dock && bus != "pci")) {
        out.quality = Quality::removable;
    } else if (origin == MacOrigin::hypervisor || bus == "virtio" || bus == "vmbus" ||
               bus == "xen") {
        out.quality = Quality::virtual_;
    } else if (origin == MacOrigin::local) {
        out.quality = Quality::local;
    }
    return out;
}

/// The port GUID is the last eight bytes of an IPoIB address; what precedes it changes at run time.
Canonical infiniband(std::string_view text) {
    std::array<std::uint8_t, 8> guid{};
    if (starts_with_ignoring_case(text, "0x")) text.remove_prefix(2);
    if (const auto address = hex_bytes<20>(text)) {
        std::copy(address->end() - 8, address->end(), guid.begin());
    } else if (const auto port = hex_bytes<8>(text)) {
        guid = *port;
    } else {
        return bad();
    }
    if (std::count(guid.begin(), guid.end(), 0) >= 7) return bad();
    return good(hex_text(guid));
}

/// NAA type 6 is made by an array or a RAID controller and changes with its mode.
bool is_volume_name(std::string_view digits) { return digits.size() == 32 && digits[0] == '6'; }

/// A WWN, EUI-64 or NGUID in any of its spellings ("wwn-0x5…", "naa.5…", "nvme-eui.0025…").
std::optional<Canonical> world_wide_id(std::string_view text) {
    std::string id = lower(trim(text));
    std::string_view rest = id;
    bool prefixed = false;
    bool is_naa = true;
    const auto strip = [&](std::string_view prefix) {
        if (!rest.starts_with(prefix)) return false;
        rest.remove_prefix(prefix.size());
        return prefixed = true;
    };
    strip("wwn-");
    if (strip("nvme-")) is_naa = false;
    strip("naa.");
    if (strip("eui.")) is_naa = false;
    strip("0x");
    const bool is_hex = rest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!prefixed || !is_hex || (rest.size() != 16 && rest.size() != 32)) return std::nullopt;
    if (is_bad_disk_id(rest) || is_placeholder_text(rest)) return bad();
    const bool is_volume = is_naa && is_volume_name(rest);
    return Canonical{"id:" + std::string(rest), is_volume ? Quality::virtual_ : Quality::good};
}

/// Of a disk that has a serial number too: an array gives its volumes both.
bool is_array_volume(std::string_view wwn) {
    return starts_with_ignoring_case(wwn, "naa.") && is_volume_name(wwn.substr(4));
}

/// A hypervisor's disk, a RAID volume, or one behind a network: none of them is a part of the
/// machine.
bool is_made_up_bus(std::string_view bus) {
    constexpr auto kBuses = std::to_array<std::string_view>(
        {"fc", "iscsi", "nvme-of", "raid", "virtio", "vmbus", "xen"});
    return std::find(kBuses.begin(), kBuses.end(), bus) != kBuses.end();
}

Canonical disk_serial(std::string_view text) {
    const std::string folded = lower(fold_spaces(text));
    if (folded.size() < kShortestSerial || is_placeholder_text(folded) || is_bad_disk_id(folded)) {
        return bad();
    }
    return {upper(folded), is_virtual_disk_serial(folded) ? Quality::virtual_ : Quality::good};
}

Canonical disk(const Component& component) {
    Canonical out = bad();
    if (const auto id = world_wide_id(component.value)) {
        out = *id;
    } else {
        out = disk_serial(component.value);
    }
    if (out.quality == Quality::placeholder) {
        if (const auto id = world_wide_id(component.attribute("wwn"))) out = *id;
    }
    const auto bus = component.attribute("bus");
    if (bus == "usb" || is_removable(component)) {
        out.quality = Quality::removable;
    } else if (is_made_up_bus(bus) || is_array_volume(component.attribute("wwn")) ||
               is_virtual_disk_model(lower(component.attribute("model")))) {
        out.quality = Quality::virtual_;
    }
    if (out.quality == Quality::virtual_ && out.value.empty()) out = bad();
    return out;
}

/// A module without a serial number of its own still shows a change by its part and size.
Canonical memory_module(const Component& component) {
    const std::string number = lower(fold_spaces(component.value));
    if (number.size() >= kShortestSerial && !is_placeholder_text(number)) {
        return good("serial:" + upper(number));
    }
    const std::string part = lower(fold_spaces(component.attribute("part")));
    const auto size = component.attribute("size_mb");
    if (size.empty() || part.empty() || is_placeholder_text(part)) return bad();
    return good("part:" + part + "|" + std::string(size));
}

/// Up to a quarter of the power of two below: what firmware and kernel keep back of 16 GB (MemTotal
/// says 15,700 MB) is no change, a module more or less is one.
Canonical memory_total(std::string_view text) {
    const auto mb = decimal(text);
    if (!mb || *mb == 0 || *mb > (1ull << 40)) return bad();
    const std::uint64_t step = std::max<std::uint64_t>(std::bit_floor(*mb - 1) / 4, 1);
    return good(std::to_string((*mb + step - 1) / step * step));
}

/// CPUID leaf 1 EAX as eight digits, or SMBIOS's processor id: EAX and EDX as bytes, low first.
Canonical cpu_signature(std::string_view text) {
    if (const auto id = hex_bytes<8>(text)) {
        std::array<std::uint8_t, 4> eax{};
        std::copy(id->rbegin() + 4, id->rend(), eax.begin());
        return good(hex_text(eax));
    }
    const std::string folded = lower(trim(text));
    return folded.empty() ? bad() : good(folded);
}

/// "intel64 family 6 model 106 stepping 6": what a system makes of the signature where the
/// processor does not give its name. No other name to compare it with.
bool is_generic_processor(std::string_view name) {
    const auto model = name.find(" model ");
    return model != std::string_view::npos &&
           name.find(" stepping ", model) != std::string_view::npos &&
           name.find("(r)") == std::string_view::npos && name.find('@') == std::string_view::npos;
}

/// Vendors spell themselves with and without the last dot.
Canonical words(std::string_view text) {
    std::string folded = lower(fold_spaces(text));
    if (is_placeholder_text(folded)) return bad();
    while (!folded.empty() && (folded.back() == '.' || folded.back() == ',')) folded.pop_back();
    return good(std::move(folded));
}

Canonical processor(std::string_view text) {
    Canonical out = words(text);
    return is_generic_processor(out.value) ? bad() : out;
}

Canonical product(std::string_view text) {
    Canonical out = words(text);
    if (out.quality == Quality::good && is_virtual_product(out.value)) {
        out.quality = Quality::virtual_;
    }
    return out;
}

/// A graphics card in a box on the desk comes and goes.
Canonical gpu(const Component& component) {
    Canonical out = words(component.value);
    if (out.quality == Quality::good && is_removable(component)) out.quality = Quality::removable;
    return out;
}

Canonical plain(std::string_view text) {
    std::string folded = lower(fold_spaces(text));
    if (folded.empty() || folded == "unknown" || folded == "not specified") return bad();
    return good(std::move(folded));
}

Canonical tpm(std::string_view text) {
    const std::string folded = lower(trim(text));
    const bool is_hex = folded.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (folded.size() < 32 || !is_hex || is_placeholder_text(folded)) return bad();
    return good(folded);
}

Canonical by_kind(const Component& c) {
    switch (c.kind) {
        case Kind::system_uuid:
        case Kind::vm_generation_id:
            return uuid(c.value);
        case Kind::system_serial:
        case Kind::board_serial:
        case Kind::chassis_serial:
            return serial(c.value);
        case Kind::tpm_ek:
            return tpm(c.value);
        case Kind::nic:
        case Kind::bmc_mac:
            return mac(c);
        case Kind::infiniband_guid:
            return infiniband(c.value);
        case Kind::disk:
            return disk(c);
        case Kind::system_vendor:
        case Kind::system_product:
            return product(c.value);
        case Kind::gpu:
            return gpu(c);
        case Kind::cpu_model:
            return processor(c.value);
        case Kind::cpu_signature:
            return cpu_signature(c.value);
        case Kind::memory_total_mb:
            return memory_total(c.value);
        case Kind::memory_module:
            return memory_module(c);
        case Kind::system_version:
        case Kind::system_sku:
        case Kind::system_family:
        case Kind::board_vendor:
        case Kind::board_product:
        case Kind::board_version:
        case Kind::chassis_vendor:
        case Kind::battery:
        case Kind::monitor:
            return words(c.value);
        case Kind::chassis_type:
        case Kind::bios_vendor:
        case Kind::bios_version:
        case Kind::bios_date:
        case Kind::smbios_version:
        case Kind::cpu_count:
        case Kind::nic_device:
        case Kind::hypervisor:
        case Kind::os_edition:
        case Kind::cloud_instance_id:
        case Kind::os_machine_id:
            return plain(c.value);
    }
    return bad();
}

}  // namespace

bool is_unit_level(Kind kind) {
    return kind <= Kind::disk || kind == Kind::memory_module || kind == Kind::vm_generation_id ||
           kind == Kind::cloud_instance_id || kind == Kind::os_machine_id;
}

Canonical canonicalise(const Component& component) {
    switch (component.state) {
        case State::absent:
            return {{}, Quality::absent};
        case State::unreadable:
            return {{}, Quality::unreadable};
        case State::present:
            break;
    }
    Canonical out = by_kind(component);
    if (out.quality == Quality::good && out.value.empty()) out = bad();
    return out;
}

}  // namespace latchkey::hwid
