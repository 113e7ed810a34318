#include "tests/simulator/hardware.h"

#include <cstdio>
#include <map>

#include "tests/fakes/machines.h"
#include "tests/simulator/dice.h"

namespace latchkey::simulator {
namespace {

using hwid::Kind;

std::string hex(std::uint64_t value, int digits) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return std::string(text + 16 - digits, static_cast<std::size_t>(digits));
}

std::string address(std::uint64_t value) {
    const auto digits = hex(value, 6);
    return "a4:bb:6d:" + digits.substr(0, 2) + ":" + digits.substr(2, 2) + ":" + digits.substr(4);
}

std::string uuid(std::uint64_t value) {
    return hex(value >> 32, 8) + "-" + hex(value, 4) + "-4" + hex(value >> 7, 3) + "-8" +
           hex(value >> 11, 3) + "-" + hex(mix(value), 12);
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

/// Which generation of a part a component shows.
int generation(const Hardware& hardware, Kind kind, int index) {
    switch (kind) {
        case Kind::board_serial:
        case Kind::tpm_ek:
            return hardware.board;
        case Kind::nic:
            return index == 0 ? hardware.board * 1000 + hardware.card : 0;
        case Kind::disk:
            return index == 0 ? hardware.disk : 0;
        default:
            return 0;
    }
}

std::string value_of(Kind kind, std::uint64_t mark, const std::string& usual) {
    switch (kind) {
        case Kind::system_uuid:
            return uuid(mark);
        case Kind::system_serial:
        case Kind::chassis_serial:
            return upper(hex(mark, 7));
        case Kind::board_serial:
            return "CN" + upper(hex(mark, 12));
        case Kind::tpm_ek:
        case Kind::os_machine_id:
            return hex(mark, 16) + hex(mix(mark), 16);
        case Kind::nic:
        case Kind::bmc_mac:
            return address(mark);
        case Kind::disk:
            return usual.starts_with("naa.") ? "naa.5000c5" + hex(mark, 10)
                                             : "S6" + upper(hex(mark, 12));
        case Kind::memory_module:
            return upper(hex(mark, 8));
        default:
            return usual;
    }
}

bool needs_rights(Kind kind) {
    return kind == Kind::system_uuid || kind == Kind::system_serial || kind == Kind::board_serial ||
           kind == Kind::chassis_serial || kind == Kind::disk;
}

bool is_of_one_unit(Kind kind) {
    return kind == Kind::tpm_ek || kind == Kind::nic || kind == Kind::bmc_mac ||
           kind == Kind::infiniband_guid || kind == Kind::memory_module || kind == Kind::battery;
}

const hwid::Snapshot& fixture(const std::string& model) {
    static std::map<std::string, hwid::Snapshot> known;
    const auto found = known.find(model);
    if (found != known.end()) return found->second;
    return known[model] = fakes::machine(model);
}

}  // namespace

bool same_parts(const Hardware& a, const Hardware& b) {
    return a.unit == b.unit && a.board == b.board && a.card == b.card && a.disk == b.disk;
}

hwid::Snapshot snapshot_of(const Hardware& hardware, std::uint64_t installation) {
    hwid::Snapshot snapshot = fixture(hardware.model);
    std::map<Kind, int> seen;
    for (auto& component : snapshot.components) {
        const int index = seen[component.kind]++;
        if (component.value.empty()) continue;
        // A system's and its chassis' serial number are the same text on most machines.
        const auto kind =
            component.kind == Kind::chassis_serial ? Kind::system_serial : component.kind;
        const auto part = static_cast<std::uint64_t>(kind) * 1000 + static_cast<unsigned>(index);
        const auto age = static_cast<std::uint64_t>(generation(hardware, kind, index));
        const auto owner = kind == Kind::os_machine_id ? installation : hardware.unit;
        component.value =
            value_of(component.kind, mix(mix(owner, part), age), std::move(component.value));
        const bool hidden =
            hardware.unreadable &&
            (needs_rights(component.kind) || (hardware.blind && is_of_one_unit(component.kind)));
        if (hidden) {
            component.value.clear();
            component.state = hwid::State::unreadable;
        }
    }
    return snapshot;
}

}  // namespace latchkey::simulator
