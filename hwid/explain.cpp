#include "hwid/explain.h"

#include <algorithm>
#include <array>

#include "hwid/makers.h"
#include "hwid/normalize.h"

namespace latchkey::hwid {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// "network card", but "BIOS version".
std::string in_sentence(Kind kind) {
    std::string out(title(kind));
    const bool acronym = out.size() > 1 && out[1] >= 'A' && out[1] <= 'Z';
    if (!acronym && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
    return out;
}

/// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& items, std::string_view last = " and ") {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += i + 1 == items.size() ? last : ", ";
        out += items[i];
    }
    return out;
}

const Component* component_of(const Fingerprint& fingerprint, std::int32_t index,
                              const Snapshot* snapshot) {
    if (!snapshot || index < 0 || static_cast<std::size_t>(index) >= fingerprint.evidence.size()) {
        return nullptr;
    }
    const auto component = fingerprint.evidence[static_cast<std::size_t>(index)].component;
    if (component < 0 || static_cast<std::size_t>(component) >= snapshot->components.size()) {
        return nullptr;
    }
    return &snapshot->components[static_cast<std::size_t>(component)];
}

/// "Samsung SSD 980", "Intel"; where nothing better is known, the device's number.
std::string make_of(const Component& component) {
    for (const auto* key : {"model", "name", "part"})
        if (const auto text = component.attribute(key); !text.empty()) return std::string(text);
    const auto device = component.attribute("device");
    const auto maker = maker_of_device(component.attribute("bus"), device);
    return std::string(maker.empty() ? device : maker);
}

bool is_secret(const Component& component, Reveal reveal) {
    return is_unit_level(component.kind) && reveal == Reveal::redacted;
}

/// "Samsung SSD 980 …456": what it is, and as much of its value as may be shown.
std::string shown(const Component& component, Reveal reveal) {
    std::string out = make_of(component);
    if (component.value.empty()) return out.empty() ? "no value" : out;
    if (!out.empty()) out += ' ';
    return out +
           (is_secret(component, reveal) ? redact(component.value) : value_in_words(component));
}

/// The same of a value whose end is like another's: the three characters up to where they differ.
std::string shown_beside(const Component& component, const Component& other) {
    const std::string& value = component.value;
    std::size_t common = 0;
    while (common < std::min(value.size(), other.value.size()) &&
           value[value.size() - 1 - common] == other.value[other.value.size() - 1 - common])
        ++common;
    constexpr std::size_t kShown = 3;
    const std::size_t end = value.size() - common;
    const std::size_t begin = end > kShown ? end - kShown : 0;
    std::string out = make_of(component);
    if (!out.empty()) out += ' ';
    return out + (begin > 0 ? "…" : "") + value.substr(begin, end - begin) + "…";
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// "was …, now …", told apart where both look alike with only their ends shown.
std::string was_and_is(const Component& was, const Component& is, Reveal reveal) {
    const std::string before = shown(was, reveal);
    const std::string after = shown(is, reveal);
    const bool alike = before == after && is_secret(was, reveal) && was.value != is.value &&
                       is_ascii(was.value) && is_ascii(is.value);
    if (!alike) return " (was " + before + ", now " + after + ")";
    return " (was " + shown_beside(was, is) + ", now " + shown_beside(is, was) + ")";
}

std::optional<Anchor> anchor_of(Kind kind) {
    if (kind <= Kind::chassis_serial) return Anchor::board;
    if (kind == Kind::tpm_ek) return Anchor::tpm;
    if (kind == Kind::nic) return Anchor::nic;
    if (kind == Kind::disk) return Anchor::disk;
    if (kind == Kind::cloud_instance_id) return Anchor::cloud;
    return std::nullopt;
}

bool is_cause(const ComponentResult& result, const MatchResult& whole) {
    const auto anchor = anchor_of(result.kind);
    return anchor && whole.lost_significantly.contains(*anchor);
}

std::string significance(const ComponentResult& result, const MatchResult& whole) {
    if (whole.verdict != Verdict::same) return "";
    return is_cause(result, whole) ? ": significant" : ": not significant";
}

std::string_view why_ignored(Why why, Kind kind) {
    switch (why) {
        case Why::placeholder:
            return "holds a placeholder that names no machine: ignored";
        case Why::virtual_value:
            if (kind == Kind::disk) return "is virtual or made up by a RAID controller: ignored";
            if (kind == Kind::nic) return "shows a virtual or locally set address: ignored";
            return "is virtual: ignored";
        case Why::removable_device:
            return "is removable or part of a dock: ignored";
        case Why::local_address:
            return "shows a randomised or locally set address: ignored";
        case Why::shared_value:
            return "is shown by several other machines too: worth nothing";
        case Why::never_identity:
            return "belongs to the system and not to the machine: ignored";
        case Why::not_compared:
            return "is not there: ignored";
        case Why::agrees:
        case Why::differs:
        case Why::replaced:
        case Why::set_gained:
        case Why::set_lost:
        case Why::became_readable:
        case Why::not_readable:
            break;
    }
    return "is ignored";
}

/// How a value that is seen on one side hides on the other, after "before it " or "now it ".
std::string_view hiding(Why why, Kind kind, bool before) {
    switch (why) {
        case Why::placeholder:
            return before ? "held a placeholder" : "holds a placeholder";
        case Why::virtual_value:
            if (kind == Kind::disk)
                return before ? "stood behind a RAID controller or was virtual"
                              : "stands behind a RAID controller or is virtual";
            if (kind == Kind::nic)
                return before ? "showed a virtual or locally set address"
                              : "shows a virtual or locally set address";
            return before ? "was virtual" : "is virtual";
        case Why::local_address:
            return before ? "showed a randomised or locally set address"
                          : "shows a randomised or locally set address";
        case Why::shared_value:
            return before ? "showed a value that several machines share"
                          : "shows a value that several machines share";
        case Why::removable_device:
        case Why::never_identity:
        case Why::not_compared:
        case Why::agrees:
        case Why::differs:
        case Why::replaced:
        case Why::set_gained:
        case Why::set_lost:
        case Why::became_readable:
        case Why::not_readable:
            break;
    }
    return before ? "could not be read" : "cannot be read";
}

struct AnchorWords {
    std::string_view all;
    std::string_view some;
};

constexpr std::array<AnchorWords, kAnchorCount> kAnchorWords{{
    {"the mainboard's identity", "part of the mainboard's identity"},
    {"the TPM", "the TPM"},
    {"the network cards", "some of the network cards"},
    {"the disks", "some of the disks"},
    {"the cloud instance", "the cloud instance"},
}};

std::vector<std::string> anchors_that(const MatchResult& result, bool agree) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kAnchorCount; ++i) {
        const AnchorState state = result.anchors[i];
        if (agree && state == AnchorState::agrees) out.emplace_back(kAnchorWords[i].all);
        if (agree && state == AnchorState::partly) out.emplace_back(kAnchorWords[i].some);
        if (!agree && state == AnchorState::contradicts) out.emplace_back(kAnchorWords[i].all);
    }
    return out;
}

std::string verb(const std::vector<std::string>& things, std::string_view one,
                 std::string_view many) {
    const bool plural = things.size() > 1 || things.front().ends_with('s');
    return " " + std::string(plural ? many : one);
}

/// What would let the machine be told.
std::string help_sentence(const MatchResult& result) {
    const auto is_unknown = [&](Anchor anchor) {
        return result.anchors[static_cast<std::size_t>(anchor)] == AnchorState::unknown;
    };
    const bool hidden = std::any_of(
        result.components.begin(), result.components.end(), [](const ComponentResult& c) {
            return anchor_of(c.kind) && c.outcome == Outcome::unreadable &&
                   c.why == Why::not_readable;
        });
    std::vector<std::string> wishes;
    if (hidden) wishes.emplace_back("reading the rest as administrator");
    if (is_unknown(Anchor::tpm)) wishes.emplace_back("a TPM");
    if (result.is_virtual && is_unknown(Anchor::cloud)) wishes.emplace_back("a cloud identity");
    if (wishes.empty()) return "";
    return " What would help: " + joined(wishes, " or ") + ".";
}

std::string verdict_sentence(const MatchResult& result) {
    const auto agreeing = anchors_that(result, true);
    const auto differing = anchors_that(result, false);
    std::string both;
    if (!agreeing.empty()) both += joined(agreeing) + verb(agreeing, "agrees", "agree");
    if (!differing.empty()) {
        if (!both.empty()) both += "; ";
        both += joined(differing) + verb(differing, "differs", "differ");
    }
    switch (result.verdict) {
        case Verdict::same:
            return "The same machine: " + both + ".";
        case Verdict::different:
            return "Another machine: " +
                   (both.empty() ? "too little of the recorded hardware is here" : both) + ".";
        case Verdict::insufficient:
            break;
    }
    if (result.components.empty()) {
        return "Nothing can be compared: a record is empty, or was made under another salt.";
    }
    if (both.empty()) {
        return "Not enough evidence to tell: no serial number, network address or disk can be "
               "compared." +
               help_sentence(result);
    }
    return "Not enough evidence to tell: " + both + "." + help_sentence(result);
}

template <class Predicate>
std::vector<std::string> kinds_where(const MatchResult& result, Predicate predicate) {
    std::vector<std::string> out;
    for (const auto& component : result.components) {
        if (!predicate(component)) continue;
        std::string kind = in_sentence(component.kind);
        if (std::find(out.begin(), out.end(), kind) == out.end()) out.push_back(std::move(kind));
    }
    return out;
}

bool is_change(const ComponentResult& result) {
    return result.outcome == Outcome::changed || result.outcome == Outcome::added ||
           result.outcome == Outcome::removed;
}

std::string change_sentence(const MatchResult& result) {
    const auto changed = kinds_where(
        result, [](const auto& c) { return is_change(c) && is_counted_change(c.kind); });
    if (changed.empty()) return "No hardware changed.";
    return std::string(result.significant ? "Changed significantly: "
                                          : "Changed, not significantly: ") +
           joined(changed) + ".";
}

}  // namespace

std::string redact(std::string_view value) {
    constexpr std::size_t kShown = 3;
    std::size_t characters = 0;
    std::size_t tail = value.size();
    for (std::size_t i = value.size(); i > 0; --i) {
        if (is_continuation(value[i - 1])) continue;
        if (++characters == kShown) tail = i - 1;
    }
    const bool long_enough = characters > 2 * kShown;
    return "…" + std::string(long_enough ? value.substr(tail) : std::string_view{});
}

std::string value_in_words(const Component& component) {
    if (component.value.empty()) return {};
    if (component.kind == Kind::memory_total_mb) return component.value + " MB";
    if (component.kind != Kind::gpu && component.kind != Kind::nic_device) return component.value;
    const std::string_view value = component.value;
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) return component.value;
    const auto maker = maker_of_device(value.substr(0, colon), value.substr(colon + 1));
    return maker.empty() ? component.value : std::string(maker) + " " + component.value;
}

std::string explain(const ComponentResult& result, const MatchResult& whole,
                    const Fingerprint& before_fp, const Fingerprint& after_fp,
                    const Snapshot* before, const Snapshot* after, Reveal reveal) {
    const Component* was = component_of(before_fp, result.before, before);
    const Component* is = component_of(after_fp, result.after, after);
    const std::string subject(title(result.kind));
    const auto in_brackets = [&](const Component* component) {
        return component && !component->value.empty() ? " (" + shown(*component, reveal) + ")"
                                                      : std::string{};
    };
    switch (result.outcome) {
        case Outcome::match:
            return subject + in_brackets(is ? is : was) + " is the same";
        case Outcome::added:
            return subject + " added" + in_brackets(is) + significance(result, whole);
        case Outcome::removed:
            return subject + " gone" + in_brackets(was) + significance(result, whole);
        case Outcome::ignored:
            return subject + " " + std::string(why_ignored(result.why, result.kind));
        case Outcome::unreadable:
            if (result.before < 0 && result.why != Why::not_readable) {
                return subject + in_brackets(is) + " " +
                       std::string(hiding(result.why, result.kind, true)) +
                       " before: filled in without cost";
            }
            return subject + in_brackets(was) + " " +
                   std::string(hiding(result.why, result.kind, false)) +
                   (result.why == Why::not_readable ? "" : " now") + ": neither for nor against";
        case Outcome::changed:
            break;
    }
    std::string out = subject + (result.why == Why::replaced ? " replaced" : " changed");
    if (was && is) {
        out += was_and_is(*was, *is, reveal);
    } else if (is) {
        out += " (the recorded one is absent; present now: " + shown(*is, reveal) + ")";
    }
    return out + significance(result, whole);
}

std::vector<std::string> reasons(const MatchResult& result) {
    std::vector<std::string> out{verdict_sentence(result)};
    if (result.components.empty()) return out;
    if (result.verdict == Verdict::same) out.push_back(change_sentence(result));
    const auto unread = kinds_where(result, [](const ComponentResult& c) {
        return c.outcome == Outcome::unreadable && (c.why == Why::not_readable || c.before >= 0);
    });
    if (!unread.empty()) {
        out.push_back("Could not be compared: " + joined(unread) + "; that counts neither way.");
    }
    return out;
}

}  // namespace latchkey::hwid
