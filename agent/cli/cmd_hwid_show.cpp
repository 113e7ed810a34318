// latchkey hwid show: components and their quality; values redacted unless --reveal.

#include <optional>
#include <vector>

#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/hwid_files.h"
#include "agent/cli/table.h"
#include "agent/cli/terminal.h"
#include "hwid/explain.h"
#include "hwid/fingerprint.h"
#include "hwid/makers.h"

namespace latchkey::cli {
namespace {

/// What each component is worth. One that gave no evidence of its own is judged by its state.
std::vector<hwid::Quality> qualities(const hwid::Snapshot& snapshot,
                                     const hwid::Fingerprint& fingerprint) {
    std::vector<std::optional<hwid::Quality>> best(snapshot.components.size());
    for (const auto& evidence : fingerprint.evidence) {
        if (evidence.component < 0) continue;
        auto& known = best[static_cast<std::size_t>(evidence.component)];
        if (!known || evidence.quality < *known) known = evidence.quality;
    }
    std::vector<hwid::Quality> all;
    for (std::size_t i = 0; i < best.size(); ++i) {
        const auto state = snapshot.components[i].state;
        all.push_back(best[i].value_or(state == hwid::State::unreadable ? hwid::Quality::unreadable
                                                                        : hwid::Quality::absent));
    }
    return all;
}

Tone tone_of(hwid::Quality quality) {
    if (quality == hwid::Quality::good) return Tone::good;
    return quality == hwid::Quality::unreadable ? Tone::bad : Tone::warning;
}

/// Models are no secret and make the table worth reading.
bool is_identity(hwid::Kind kind) {
    return kind <= hwid::Kind::disk || kind == hwid::Kind::memory_module ||
           kind == hwid::Kind::battery || kind == hwid::Kind::monitor ||
           kind == hwid::Kind::vm_generation_id || kind == hwid::Kind::cloud_instance_id ||
           kind == hwid::Kind::os_machine_id;
}

std::string shown_value(const hwid::Component& component, bool reveal) {
    if (component.value.empty() || reveal || !is_identity(component.kind)) return component.value;
    return hwid::redact(component.value);
}

/// Attributes that are serial numbers themselves.
bool is_secret_attribute(std::string_view name) { return name == "wwn" || name == "eui"; }

std::string attributes_words(const hwid::Component& component, bool reveal) {
    std::string words(
        hwid::maker_of_device(component.attribute("bus"), component.attribute("device")));
    for (const auto& [name, value] : component.attributes) {
        if (!words.empty()) words += ", ";
        words += name + " " + (reveal || !is_secret_attribute(name) ? value : hwid::redact(value));
    }
    return words;
}

std::string as_table(const hwid::Snapshot& snapshot, const hwid::Fingerprint& fingerprint,
                     bool reveal, bool color) {
    const auto quality = qualities(snapshot, fingerprint);
    Table table;
    table.heading({"COMPONENT", "SLOT", "VALUE", "QUALITY", "DETAILS"});
    for (std::size_t i = 0; i < snapshot.components.size(); ++i) {
        const hwid::Component& component = snapshot.components[i];
        table.row({{std::string(hwid::title(component.kind))},
                   {component.slot},
                   {is_identity(component.kind) ? shown_value(component, reveal)
                                                : hwid::value_in_words(component)},
                   {std::string(hwid::name(quality[i])), tone_of(quality[i])},
                   {attributes_words(component, reveal)}});
    }
    return table.text(color) +
           "\nEvidence of identity: " + std::string(hwid::name(hwid::strength(fingerprint))) +
           (hwid::is_virtual_machine(fingerprint) ? ", a virtual machine\n" : "\n");
}

bj::value as_document(const hwid::Snapshot& snapshot, const hwid::Fingerprint& fingerprint,
                      bool reveal) {
    const auto quality = qualities(snapshot, fingerprint);
    bj::array components;
    for (std::size_t i = 0; i < snapshot.components.size(); ++i) {
        const hwid::Component& component = snapshot.components[i];
        components.push_back({{"kind", hwid::name(component.kind)},
                              {"slot", component.slot},
                              {"value", shown_value(component, reveal)},
                              {"state", hwid::name(component.state)},
                              {"quality", hwid::name(quality[i])}});
    }
    return {{"schema_version", "1.0"},
            {"os", snapshot.os},
            {"evidence", hwid::name(hwid::strength(fingerprint))},
            {"virtual", hwid::is_virtual_machine(fingerprint)},
            {"components", std::move(components)}};
}

}  // namespace

Result<int> cmd_hwid_show(Call& call) {
    std::string file;
    bool reveal = false;
    Options options("hwid show", "What a machine is made of, and what each part is worth.");
    options.operand("snapshot", file, "a snapshot file; without one, this machine now");
    options.flag("--reveal", reveal, "show serial numbers and addresses in full");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    hwid::Snapshot snapshot;
    if (file.empty()) {
        snapshot = capture_this_machine(call.console);
    } else {
        auto loaded = load_snapshot(file, call.console);
        if (!loaded) return fail(loaded.error());
        snapshot = *std::move(loaded);
    }
    const auto fingerprint = hwid::fingerprint(snapshot, hwid::plain_digest, "");
    if (call.common.json) {
        print_document(call.console, as_document(snapshot, fingerprint, reveal));
        return kDone;
    }
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    show(call.console, as_table(snapshot, fingerprint, reveal, color));
    return kDone;
}

}  // namespace latchkey::cli
