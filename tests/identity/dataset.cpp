#include "tests/identity/dataset.h"

#include <fstream>
#include <unordered_map>

#include "hwid/snapshot.h"

namespace latchkey::identity {
namespace {

namespace bj = json::bj;

constexpr std::size_t kMaxLine = 8u << 20;

Failure bad(std::string what) { return fail(Code::input_unreadable, std::move(what)); }

std::string text_of(const bj::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    const auto* const text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

Result<hwid::Fingerprint> fingerprint_of(const bj::value& snapshot) {
    const auto read = hwid::snapshot_from_json(snapshot);
    if (!read) return fail(read.error());
    return hwid::fingerprint(*read, hwid::plain_digest, "");
}

using ReadLine = std::function<Result<void>(const bj::object&)>;

Result<void> read_lines(const std::filesystem::path& file, const ReadLine& read) {
    std::ifstream in(file);
    if (!in) return bad("cannot open " + file.string());
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        const auto where = file.filename().string() + ":" + std::to_string(number) + ": ";
        const auto value = json::parse_strict(
            line, {.max_bytes = kMaxLine, .max_depth = 16, .allow_doubles = true});
        if (!value) return bad(where + value.error().detail);
        if (!value->is_object()) return bad(where + "not an object");
        if (const auto ok = read(value->get_object()); !ok) return bad(where + ok.error().detail);
    }
    return {};
}

Result<Machine> machine_of(const bj::object& line) {
    Machine machine{text_of(line, "id"), text_of(line, "source"), text_of(line, "alias"), {}};
    if (machine.id.empty()) return bad("\"id\" is missing");
    if (machine.unit.empty()) machine.unit = machine.id;
    const auto* const snapshots = line.if_contains("snapshots");
    if (snapshots == nullptr || !snapshots->is_array()) return bad("\"snapshots\" is missing");
    for (const auto& snapshot : snapshots->get_array()) {
        auto state = fingerprint_of(snapshot);
        if (!state) return fail(state.error());
        machine.states.push_back(*std::move(state));
    }
    return machine;
}

using Index = std::unordered_map<std::string, const Machine*>;

/// `["id", state]`
Result<const hwid::Fingerprint*> find_state(const bj::object& line, std::string_view side,
                                            const Index& index) {
    const auto refuse = [side] { return bad("\"" + std::string(side) + "\" names no state"); };
    const auto* const value = line.if_contains(side);
    const auto* const place = value ? value->if_array() : nullptr;
    if (place == nullptr || place->size() != 2) return refuse();
    const auto* const id = (*place)[0].if_string();
    const auto* const state = (*place)[1].if_int64();
    if (id == nullptr || state == nullptr || *state < 0) return refuse();
    const auto found = index.find(std::string(id->data(), id->size()));
    if (found == index.end()) return refuse();
    const auto& states = found->second->states;
    if (static_cast<std::size_t>(*state) >= states.size()) return refuse();
    return &states[static_cast<std::size_t>(*state)];
}

Result<void> read_machines(const std::filesystem::path& file, Dataset& out) {
    return read_lines(file, [&](const bj::object& line) -> Result<void> {
        auto machine = machine_of(line);
        if (!machine) return fail(machine.error());
        out.machines.push_back(*std::move(machine));
        return {};
    });
}

Result<void> read_pairs(const std::filesystem::path& file, Dataset& out) {
    Index index;
    for (const auto& machine : out.machines) index.emplace(machine.id, &machine);
    return read_lines(file, [&](const bj::object& line) -> Result<void> {
        const auto label = text_of(line, "label");
        if (label != "same" && label != "different") return ++out.left_out, Result<void>{};
        const auto before = find_state(line, "before", index);
        if (!before) return fail(before.error());
        const auto after = find_state(line, "after", index);
        if (!after) return fail(after.error());
        const bool same = label == "same";
        out.real.push_back({text_of(line, "set"), same, same ? 0 : 1, *before, *after});
        return {};
    });
}

Result<void> read_scenarios(const std::filesystem::path& file, Dataset& out) {
    return read_lines(file, [&](const bj::object& line) -> Result<void> {
        const auto* const before = line.if_contains("before");
        const auto* const after = line.if_contains("after");
        if (before == nullptr || after == nullptr) return bad("a side is missing");
        Pair pair{text_of(line, "scenario"), std::nullopt, std::nullopt, nullptr, nullptr};
        const auto identity = text_of(line, "identity");
        if (!identity.empty()) pair.same = identity == "same";
        const auto* const expected = line.if_contains("expect_significant_change");
        if (expected != nullptr && expected->is_int64())
            pair.expected = static_cast<int>(expected->get_int64());
        for (const auto* side : {before, after}) {
            auto print = fingerprint_of(*side);
            if (!print) return fail(print.error());
            out.scripted.push_back(*std::move(print));
        }
        pair.before = &out.scripted[out.scripted.size() - 2];
        pair.after = &out.scripted.back();
        out.scenarios.push_back(std::move(pair));
        return {};
    });
}

}  // namespace

Result<Dataset> read_dataset(const std::filesystem::path& folder,
                             const std::function<void(std::string_view)>& progress) {
    Dataset out;
    progress("reading machines");
    if (const auto ok = read_machines(folder / "machines.jsonl", out); !ok) return fail(ok.error());
    progress("reading pairs");
    if (const auto ok = read_pairs(folder / "pairs.jsonl", out); !ok) return fail(ok.error());
    if (!std::filesystem::exists(folder / "scenarios.jsonl")) return out;
    progress("reading scenarios");
    if (const auto ok = read_scenarios(folder / "scenarios.jsonl", out); !ok)
        return fail(ok.error());
    return out;
}

}  // namespace latchkey::identity
