#include "hwid/explain.h"

#include <algorithm>

#include "hwid/explain_parts.h"
#include "hwid/makers.h"
#include "hwid/normalize.h"

namespace latchkey::hwid {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

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

/// The same of a value whose end is like another's: the three characters up to where they differ,
/// of a short value one.
std::string shown_beside(const Component& component, const Component& other) {
    const std::string& value = component.value;
    std::size_t common = 0;
    while (common < std::min(value.size(), other.value.size()) &&
           value[value.size() - 1 - common] == other.value[other.value.size() - 1 - common])
        ++common;
    constexpr std::size_t kLong = 6;
    const std::size_t count = value.size() > kLong ? 3 : 1;
    const std::size_t end = value.size() - common;
    const std::size_t begin = end > count ? end - count : 0;
    std::string out = make_of(component);
    if (!out.empty()) out += ' ';
    return out + (begin > 0 ? "…" : "") + value.substr(begin, end - begin) +
           (common > 0 ? "…" : "");
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

std::string significance(const ComponentResult& result, const MatchResult& whole) {
    if (whole.verdict != Verdict::same) return "";
    return caused_significance(result, whole) ? ": significant" : ": not significant";
}

std::string_view why_ignored(Why why, Kind kind) {
    switch (why) {
        case Why::placeholder:
            return is_unit_level(kind) ? "holds a placeholder that names no machine: ignored"
                                       : "holds a placeholder that says nothing: ignored";
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
            return before ? "was removable or part of a dock" : "is removable or part of a dock";
        case Why::not_compared:
            return before ? "was not there" : "is not there";
        case Why::never_identity:
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

/// What one side alone shows is told of that side.
std::string ignored_in_words(const ComponentResult& result) {
    const bool both = (result.before < 0) == (result.after < 0);
    if (both || result.why == Why::never_identity)
        return std::string(why_ignored(result.why, result.kind));
    const bool before = result.after < 0;
    return std::string(hiding(result.why, result.kind, before)) +
           (before ? " before: ignored" : " now: ignored");
}

bool is_recorded(const Fingerprint& fingerprint, Kind kind) {
    return std::any_of(fingerprint.evidence.begin(), fingerprint.evidence.end(),
                       [kind](const Evidence& e) { return e.kind == kind; });
}

bool is_unreadable_at(const Fingerprint& fingerprint, std::int32_t index) {
    return index >= 0 && static_cast<std::size_t>(index) < fingerprint.evidence.size() &&
           fingerprint.evidence[static_cast<std::size_t>(index)].quality == Quality::unreadable;
}

/// A value that is seen on one side and hides on the other, or one that no side can read.
std::string unreadable_in_words(const ComponentResult& result, const Fingerprint& before_fp,
                                const Fingerprint& after_fp) {
    constexpr std::string_view kNoWeight = ": neither for nor against";
    const auto say = [](std::string_view what, std::string_view end) {
        return std::string(what) + std::string(end);
    };
    if (is_unreadable_at(before_fp, result.before) && is_unreadable_at(after_fp, result.after))
        return say("cannot be read", kNoWeight);
    if (is_unreadable_at(before_fp, result.before))
        return say("could not be read before", kNoWeight);
    if (is_unreadable_at(after_fp, result.after)) return say("cannot be read now", kNoWeight);
    if (result.before < 0) {
        return (is_recorded(before_fp, result.kind)
                    ? say(hiding(result.why, result.kind, true), " before")
                    : "was not recorded before") +
               ": filled in without cost";
    }
    return (is_recorded(after_fp, result.kind) ? say(hiding(result.why, result.kind, false), " now")
                                               : "is not recorded now") +
           std::string(kNoWeight);
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
            return subject + " " + ignored_in_words(result);
        case Outcome::unreadable:
            return subject + in_brackets(result.before < 0 ? is : was) + " " +
                   unreadable_in_words(result, before_fp, after_fp);
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

}  // namespace latchkey::hwid
