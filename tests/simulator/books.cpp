#include "tests/simulator/books.h"

#include <algorithm>

namespace latchkey::simulator {
namespace {

using licensing::CountingRule;

/// No board was replaced, and at most one of card and disk: under no reading a significant change.
/// A virtual machine is known by its UUID and its card together, so that a card is one there.
bool hardly_changed(const Hardware& before, const Hardware& after) {
    if (same_parts(before, after)) return true;
    if (before.is_virtual() || before.unit != after.unit || before.board != after.board)
        return false;
    return (before.card == after.card) != (before.disk == after.disk);
}

std::string about(const Entry& entry) {
    return entry.machine + " under " + entry.key + " (" + std::string(licensing::name(entry.rule)) +
           ")";
}

}  // namespace

void Books::renewed(const Hardware& hardware) {
    for (auto& [id, record] : records_) {
        auto& known = record.matching;
        if (id.second == hardware.unit &&
            std::find(known.begin(), known.end(), hardware) == known.end())
            known.push_back(hardware);
    }
}

void Books::ended(const std::string& record) {
    for (auto& [id, known] : records_) {
        const bool current = known.record == record;
        known.ended = known.ended || current;
        // It may be an older record of the same machine, and the key server picks the best one.
        known.unsure = known.unsure || (!current && known.earlier.contains(record));
    }
}

std::optional<std::string> Books::judge(const Entry& entry, const Record* record) const {
    const bool counts = entry.counted > 0;
    if (record == nullptr)
        return counts ? std::nullopt
                      : std::optional<std::string>("a first activation was not counted");
    if (record->unsure || (counts && entry.twin)) return std::nullopt;
    if (record->ended)
        return counts ? std::nullopt
                      : std::optional<std::string>("an ended machine came back without a count");
    std::vector<Hardware> before = record->matching;
    before.push_back(record->counting);
    const bool readable = !entry.hardware.unreadable &&
                          std::none_of(before.begin(), before.end(),
                                       [](const auto& each) { return each.unreadable; });
    const auto all = [&](const auto& holds) {
        return std::all_of(before.begin(), before.end(), holds);
    };
    const bool unchanged = all([&](const auto& b) { return same_parts(b, entry.hardware); });
    const bool little = all([&](const auto& b) { return hardly_changed(b, entry.hardware); });
    const bool new_board = all([&](const auto& b) { return b.board != entry.hardware.board; });
    const bool changed = !same_parts(record->counting, entry.hardware);
    switch (entry.rule) {
        case CountingRule::every_activation:
            if (!counts) return "an activation was not counted";
            break;
        case CountingRule::any_change:
            if (counts && readable && unchanged) return "an unchanged machine was counted again";
            if (!counts && readable && changed) return "a change was not counted";
            break;
        case CountingRule::significant_change:
            if (counts && readable && little)
                return "a machine without a significant change was counted again";
            if (!counts && readable && new_board) return "a new board was not counted";
            break;
    }
    return std::nullopt;
}

std::vector<Breach> Books::enter(const Entry& entry) {
    std::vector<Breach> breaches;
    const auto id = std::pair(entry.key, entry.hardware.unit);
    const auto found = records_.find(id);
    if (entry.release) {
        if (found != records_.end()) found->second.unsure = true;
        return breaches;
    }
    if (++answered_[entry.line] > asked_[entry.line])
        breaches.push_back({"once", about(entry) + ": " + std::to_string(answered_[entry.line]) +
                                        " activations were decided, and " +
                                        std::to_string(asked_[entry.line]) + " were asked for"});
    if (const auto wrong = judge(entry, found == records_.end() ? nullptr : &found->second))
        breaches.push_back({"once", about(entry) + ": " + *wrong});
    auto& key = keys_[entry.key];
    key.used += entry.counted;
    if (key.used > key.limit)
        breaches.push_back({"limit", entry.key + ": " + std::to_string(key.used) + " of " +
                                         std::to_string(key.limit) + " activations are used"});
    Record& record = records_[id];
    if (!record.record.empty() && record.record != entry.record)
        record.earlier.insert(record.record);
    record.record = entry.record;
    if (entry.counted > 0) {
        record.counting = entry.hardware;
        record.matching.clear();
        record.ended = record.unsure = false;
    } else {
        record.matching.push_back(entry.hardware);
    }
    return breaches;
}

std::vector<Breach> Books::compare(const std::string& key, std::int64_t used) const {
    const auto& own = keys_.at(key);
    if (own.used == used && used <= own.limit) return {};
    return {{"limit", key + ": the key server says " + std::to_string(used) +
                          " used, its receipts say " + std::to_string(own.used) + " of " +
                          std::to_string(own.limit)}};
}

}  // namespace latchkey::simulator
