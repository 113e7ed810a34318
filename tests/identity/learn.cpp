#include "tests/identity/learn.h"

#include <algorithm>
#include <set>

#include "hwid/match.h"
#include "hwid/normalize.h"

namespace latchkey::identity {
namespace {

using hwid::Agreement;
using hwid::Evidence;
using hwid::Fingerprint;
using hwid::Kind;

bool count(const Fingerprint& before, const Fingerprint& after, OutcomesByKind& out) {
    if (is_virtual_machine(before) || is_virtual_machine(after)) return false;
    std::vector<hwid::ComponentResult> unused;
    for (std::size_t i = 0; i < hwid::kKindCount; ++i) {
        const auto kind = static_cast<Kind>(i);
        unused.clear();
        out[i].add(hwid::compare_kind(kind, side_of(before, kind), side_of(after, kind), {}, unused)
                       .agreement);
    }
    return true;
}

/// splitmix64: the same numbers on every platform.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

private:
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

/// Sources whose states over time are labelled one by one; the others' successive states of one
/// record are one machine's by the way they were collected.
std::set<std::string> labelled_sources(const Dataset& data) {
    std::set<const Fingerprint*> labelled;
    for (const auto& pair : data.real) labelled.insert(pair.before);
    std::set<std::string> out;
    for (const auto& machine : data.machines)
        for (const auto& state : machine.states)
            if (labelled.count(&state) > 0) out.insert(machine.source);
    return out;
}

/// Every pair of machines that show the kind, or as many drawn at random where they are more.
/// Kinds are drawn one by one, because most records show but some of them.
template <class Visit>
void for_pairs(std::size_t machines, std::int64_t wanted, Random& random, Visit visit) {
    const auto all =
        static_cast<std::int64_t>(machines) * (static_cast<std::int64_t>(machines) - 1);
    if (all / 2 > wanted) {
        for (; wanted > 0; --wanted) visit(random.below(machines), random.below(machines));
        return;
    }
    for (std::size_t a = 0; a < machines; ++a)
        for (std::size_t b = a + 1; b < machines; ++b) visit(a, b);
}

bool shows(const Fingerprint& print, Kind kind) {
    const auto side = side_of(print, kind);
    return std::any_of(side.evidence.begin(), side.evidence.end(),
                       [](const Evidence& e) { return e.quality == hwid::Quality::good; });
}

void learn_strangers(const Dataset& data, Kind kind, std::int64_t wanted, Learned& out) {
    std::vector<const Machine*> holders;
    for (const auto& machine : data.machines) {
        if (!machine.states.empty() && !is_virtual_machine(machine.states.back()) &&
            shows(machine.states.back(), kind))
            holders.push_back(&machine);
    }
    Random random(kSeed + static_cast<std::uint64_t>(kind));
    std::vector<hwid::ComponentResult> unused;
    for_pairs(holders.size(), wanted, random, [&](std::size_t a, std::size_t b) {
        if (holders[a]->unit == holders[b]->unit) return;
        const auto& one = holders[a]->states.back();
        const auto& two = holders[b]->states.back();
        unused.clear();
        const auto compared =
            hwid::compare_kind(kind, side_of(one, kind), side_of(two, kind), {}, unused);
        out.strangers[static_cast<std::size_t>(kind)].add(compared.agreement);
        ++out.stranger_pairs;
    });
}

/// One unit-level value and the machines that show it.
using Value = std::pair<Kind, hwid::Digest>;
using Holders = std::map<Value, std::map<std::string, const Fingerprint*>>;

Holders holders_of(const Dataset& data) {
    Holders out;
    for (const auto& machine : data.machines) {
        if (machine.states.empty() || is_virtual_machine(machine.states.back())) continue;
        for (const auto& e : machine.states.back().evidence) {
            if (e.quality == hwid::Quality::good && e.kind <= Kind::disk)
                out[{e.kind, e.digest}].emplace(machine.unit, &machine.states.back());
        }
    }
    return out;
}

hwid::Anchor anchor_of(Kind kind) {
    if (kind <= Kind::chassis_serial) return hwid::Anchor::board;
    if (kind == Kind::tpm_ek) return hwid::Anchor::tpm;
    return kind == Kind::disk ? hwid::Anchor::disk : hwid::Anchor::nic;
}

/// What the anchors beside the shared value's own say.
void judge(const Fingerprint& a, const Fingerprint& b, hwid::Anchor own, Sharing& out) {
    const auto result = hwid::match(a, b, hwid::Weights{});
    bool agrees = false;
    bool contradicts = false;
    for (std::size_t i = 0; i < hwid::kAnchorCount; ++i) {
        if (i == static_cast<std::size_t>(own)) continue;
        const auto state = result.anchors[i];
        agrees = agrees || state == hwid::AnchorState::agrees || state == hwid::AnchorState::partly;
        contradicts = contradicts || state == hwid::AnchorState::contradicts;
    }
    if (!agrees && !contradicts) return;
    ++out.pairs;
    out.told_apart += !agrees && contradicts;
}

}  // namespace

hwid::Side side_of(const Fingerprint& print, Kind kind) {
    const auto [begin, end] =
        std::equal_range(print.evidence.begin(), print.evidence.end(), Evidence{kind},
                         [](const Evidence& a, const Evidence& b) { return a.kind < b.kind; });
    return {std::span<const Evidence>(begin, end),
            static_cast<std::int32_t>(begin - print.evidence.begin())};
}

void Outcomes::add(Agreement agreement) {
    switch (agreement) {
        case Agreement::unknown:
            break;
        case Agreement::all:
            ++all;
            break;
        case Agreement::partly:
            ++partly;
            break;
        case Agreement::none:
            ++none;
            break;
    }
}

Learned learn(const Dataset& data, std::int64_t strangers) {
    Learned out;
    for (const auto& pair : data.real) {
        if (*pair.same)
            out.same_pairs += count(*pair.before, *pair.after, out.same);
        else
            out.fleet_pairs += count(*pair.before, *pair.after, out.fleet);
    }
    const auto labelled = labelled_sources(data);
    for (const auto& machine : data.machines) {
        if (labelled.count(machine.source) > 0) continue;
        for (std::size_t i = 1; i < machine.states.size(); ++i)
            out.same_pairs += count(machine.states[i - 1], machine.states[i], out.same);
    }
    for (std::size_t i = 0; i < hwid::kKindCount; ++i)
        learn_strangers(data, static_cast<Kind>(i), strangers, out);
    return out;
}

std::map<std::uint32_t, Sharing> learn_sharing(const Dataset& data) {
    std::map<std::uint32_t, Sharing> out;
    for (const auto& [value, holders] : holders_of(data)) {
        if (holders.size() < 2) continue;
        auto& sharing = out[static_cast<std::uint32_t>(holders.size() - 1)];
        for (auto a = holders.begin(); a != holders.end(); ++a)
            for (auto b = std::next(a); b != holders.end(); ++b)
                judge(*a->second, *b->second, anchor_of(value.first), sharing);
    }
    return out;
}

}  // namespace latchkey::identity
