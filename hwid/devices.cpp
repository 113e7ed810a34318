#include "hwid/devices.h"

#include "base/encoding.h"
#include "hwid/fingerprint.h"
#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

bool is_pci_id(std::string_view text) {
    return text.size() == 4 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void add_text(std::vector<Component>& out, Kind kind, const RawText& source) {
    switch (source.access) {
        case Access::absent:
            return;
        case Access::denied:
        case Access::failed:
        case Access::timed_out:
            out.push_back({kind, "", "", {}, State::unreadable});
            return;
        case Access::read:
            break;
    }
    if (std::string value = clean_text(source.value); !value.empty()) {
        out.push_back({kind, std::move(value), "", {}, State::present});
    }
}

/// The value of NAME=value or NAME="value" in os-release(5).
std::string release_field(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        std::string_view value = take_until(text, '\n');
        if (trim(take_until(value, '=')) != name) continue;
        value = trim(value);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front()) {
            value = value.substr(1, value.size() - 2);
        }
        return clean_text(value);
    }
    return {};
}

}  // namespace

std::vector<Component> parse_displays(const std::vector<RawDisplay>& displays, Access listing) {
    if (listing == Access::absent) return {};
    if (listing != Access::read) return {{Kind::gpu, "", "", {}, State::unreadable}};
    std::vector<Component> out;
    for (const auto& display : displays) {
        const std::string vendor = lower(trim(display.vendor));
        const std::string device = lower(trim(display.device));
        const bool is_pci = is_pci_id(vendor) && is_pci_id(device);
        std::string value = is_pci ? "pci:" + vendor + ":" + device : clean_text(display.name);
        if (value.empty()) continue;
        if (out.size() == kMaxComponents) break;
        Component gpu{Kind::gpu, std::move(value), clean_text(display.slot), {}, State::present};
        if (std::string subsystem = lower(clean_text(display.subsystem)); !subsystem.empty()) {
            gpu.attributes.emplace("subsystem", std::move(subsystem));
        }
        if (display.removable) gpu.attributes.emplace("removable", "true");
        out.push_back(std::move(gpu));
    }
    if (out.empty()) out.push_back({Kind::gpu, "", "", {}, State::absent});
    return out;
}

std::vector<Component> parse_batteries(const std::vector<RawBattery>& batteries) {
    std::vector<Component> out;
    for (const auto& battery : batteries) {
        const auto text = [](const RawText& source) {
            return source.readable() ? clean_text(source.value) : std::string{};
        };
        const std::string maker = text(battery.manufacturer);
        const std::string model = text(battery.model);
        if (maker.empty() && model.empty()) continue;
        if (out.size() == kMaxComponents) break;
        out.push_back({Kind::battery,
                       clean_text(maker + "/" + model),
                       clean_text(battery.name),
                       {},
                       State::present});
    }
    return out;
}

std::vector<Component> parse_tpm(const RawTpm& tpm, const DigestFunction& one_way) {
    const auto& ek = tpm.ek_public;
    if (ek.access == Access::absent) return {{Kind::tpm_ek, "", "", {}, State::absent}};
    if (!ek.readable() || ek.value.empty()) return {{Kind::tpm_ek, "", "", {}, State::unreadable}};
    const std::string_view bytes(reinterpret_cast<const char*>(ek.value.data()), ek.value.size());
    return {{Kind::tpm_ek, hex(one_way(name(Kind::tpm_ek), bytes)), "", {}, State::present}};
}

std::vector<Component> parse_situation(const RawHardware& raw) {
    std::vector<Component> out;
    add_text(out, Kind::vm_generation_id, raw.vm_generation_id);
    if (raw.os_release.readable()) {
        std::string edition;
        for (const auto* field : {"ID", "VERSION_ID", "VARIANT_ID"}) {
            edition += " " + release_field(raw.os_release.value, field);
        }
        edition = fold_spaces(edition);
        if (!edition.empty()) {
            out.push_back({Kind::os_edition, clean_text(edition), "", {}, State::present});
        }
    }
    add_text(out, Kind::os_edition, raw.os_edition);
    add_text(out, Kind::os_machine_id, raw.os_machine_id);
    return out;
}

}  // namespace latchkey::hwid
