// The few sentences on the whole machine; those on one component are in explain.cpp.

#include <algorithm>
#include <array>

#include "hwid/explain.h"
#include "hwid/explain_parts.h"
#include "hwid/normalize.h"

namespace latchkey::hwid {
namespace {

/// "network card", but "BIOS version" and "InfiniBand adapter".
std::string in_sentence(Kind kind) {
    std::string out(title(kind));
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto word_end = std::find(out.begin(), out.end(), ' ');
    if (std::count_if(out.begin(), word_end, is_capital) == 1 && is_capital(out[0]))
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
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

using Kinds = std::vector<Kind>;

template <class Predicate>
Kinds kinds_where(const MatchResult& result, Predicate predicate) {
    Kinds out;
    for (const auto& component : result.components) {
        if (predicate(component) && std::find(out.begin(), out.end(), component.kind) == out.end())
            out.push_back(component.kind);
    }
    return out;
}

std::vector<std::string> named(const Kinds& kinds, std::string_view article = "") {
    std::vector<std::string> out;
    for (const Kind kind : kinds) out.push_back(std::string(article) + in_sentence(kind));
    return out;
}

bool is_change(const ComponentResult& result) {
    return result.outcome == Outcome::changed || result.outcome == Outcome::added ||
           result.outcome == Outcome::removed;
}

bool is_compared(const ComponentResult& result) {
    return result.outcome == Outcome::match || result.outcome == Outcome::changed;
}

/// Hardware whose change no rule counts. A monitor is no part of the machine, a network card's
/// model goes with the card, and firmware's words on itself are none.
bool is_uncounted_hardware(Kind kind) {
    return !is_counted_change(kind) && (is_unit_level(kind) || kind == Kind::battery);
}

Kinds kinds_of_board(const MatchResult& result, Outcome outcome) {
    return kinds_where(result, [outcome](const ComponentResult& c) {
        return anchor_of(c.kind) == Anchor::board && c.outcome == outcome;
    });
}

using Words = std::vector<std::string>;

/// One value alone is not yet the mainboard's identity: a chassis number names many blades.
Words board_words(const MatchResult& result, AnchorState state) {
    const Kinds kept = kinds_of_board(result, Outcome::match);
    const Kinds changed = kinds_of_board(result, Outcome::changed);
    const bool differs = state == AnchorState::contradicts;
    const Kinds& told = differs ? changed : kept;
    if (told.size() == 1 || (differs && !kept.empty())) return named(told, "the ");
    if (state == AnchorState::partly) return {"part of the mainboard's identity"};
    return {"the mainboard's identity"};
}

Words set_words(const MatchResult& result, Kind kind, AnchorState state) {
    const auto any = [&](auto predicate) {
        return std::any_of(
            result.components.begin(), result.components.end(),
            [&](const ComponentResult& c) { return c.kind == kind && predicate(c); });
    };
    const std::string members = kind == Kind::nic ? "network cards" : "disks";
    const bool lost = any([](const auto& c) { return is_change(c) && c.before >= 0; });
    if (state == AnchorState::partly) return {(lost ? "some of the " : "all recorded ") + members};
    const bool kept = any([](const auto& c) { return c.outcome == Outcome::match; });
    if (state == AnchorState::contradicts && kept) return {"all but one of the " + members};
    return {"the " + members};
}

Words anchor_words(const MatchResult& result, Anchor anchor) {
    const AnchorState state = result.anchors[static_cast<std::size_t>(anchor)];
    switch (anchor) {
        case Anchor::board:
            return board_words(result, state);
        case Anchor::tpm:
            return {"the TPM"};
        case Anchor::nic:
            return set_words(result, Kind::nic, state);
        case Anchor::disk:
            return set_words(result, Kind::disk, state);
        case Anchor::cloud:
            break;
    }
    return {"the cloud instance"};
}

Words anchors_that(const MatchResult& result, bool agree) {
    Words out;
    // What a batch or an enclosure shares may agree although the mainboard's group contradicts.
    if (agree && result.anchors[0] == AnchorState::contradicts)
        out = named(kinds_of_board(result, Outcome::match), "the ");
    for (std::size_t i = 0; i < kAnchorCount; ++i) {
        const AnchorState state = result.anchors[i];
        if (state == AnchorState::unknown || (state != AnchorState::contradicts) != agree) continue;
        for (auto& words : anchor_words(result, static_cast<Anchor>(i)))
            out.push_back(std::move(words));
    }
    return out;
}

std::string verb(const Words& things, std::string_view one, std::string_view many) {
    const bool plural = things.size() > 1 || things.front().ends_with('s');
    return " " + std::string(plural ? many : one);
}

/// Reading as administrator helps with what hides now, not with what hid when it was recorded.
bool hides_now(const MatchResult& result) {
    const auto became_readable =
        kinds_where(result, [](const ComponentResult& c) { return c.why == Why::became_readable; });
    return std::any_of(
        result.components.begin(), result.components.end(), [&](const ComponentResult& c) {
            return anchor_of(c.kind) && c.outcome == Outcome::unreadable &&
                   c.why == Why::not_readable &&
                   std::find(became_readable.begin(), became_readable.end(), c.kind) ==
                       became_readable.end();
        });
}

/// What would let the machine be told.
std::string help_sentence(const MatchResult& result) {
    const auto is_unknown = [&](Anchor anchor) {
        return result.anchors[static_cast<std::size_t>(anchor)] == AnchorState::unknown;
    };
    Words wishes;
    if (hides_now(result)) wishes.emplace_back("reading the rest as administrator");
    if (is_unknown(Anchor::tpm)) wishes.emplace_back("a TPM");
    if (result.is_virtual && is_unknown(Anchor::cloud)) wishes.emplace_back("a cloud identity");
    if (wishes.empty()) return "";
    return " What would help: " + joined(wishes, " or ") + ".";
}

/// Another model speaks against the same machine as an anchor does.
bool is_another_model(const MatchResult& result) {
    return std::any_of(result.components.begin(), result.components.end(), [](const auto& c) {
        return (c.kind == Kind::system_product || c.kind == Kind::board_product) &&
               c.outcome == Outcome::changed;
    });
}

std::string verdict_sentence(const MatchResult& result) {
    const Words agreeing = anchors_that(result, true);
    Words differing = anchors_that(result, false);
    if (result.verdict == Verdict::different && is_another_model(result))
        differing.emplace_back("the model");
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
    const bool chassis_only = kinds_of_board(result, Outcome::match) == Kinds{Kind::chassis_serial};
    return "Not enough evidence to tell: " + both + "." +
           (chassis_only ? " Several machines may share a chassis." : "") + help_sentence(result);
}

std::string change_sentence(const MatchResult& result) {
    const Kinds significant = kinds_where(result, [&](const ComponentResult& c) {
        return is_change(c) && caused_significance(c, result);
    });
    const Kinds other = kinds_where(result, [&](const ComponentResult& c) {
        return is_change(c) && is_counted_change(c.kind) && !caused_significance(c, result);
    });
    const Kinds uncounted = kinds_where(result, [&](const ComponentResult& c) {
        return is_change(c) && is_uncounted_hardware(c.kind) && !caused_significance(c, result);
    });
    std::string out;
    const auto say = [&out](std::string_view alone, std::string_view further, const Kinds& kinds) {
        if (kinds.empty()) return;
        out.append(out.empty() ? alone : further).append(joined(named(kinds)));
    };
    say("Changed significantly: ", "", significant);
    say("Changed, not significantly: ", "; not significantly: ", other);
    say("No hardware that counts changed; other changes: ", "; never counted: ", uncounted);
    return (out.empty() ? "No hardware changed" : out) + ".";
}

bool decides(Kind kind) {
    return is_unit_level(kind) || is_counted_change(kind) || kind == Kind::system_product ||
           kind == Kind::board_product;
}

/// Names what might have decided, and counts the rest.
std::string unread_sentence(const MatchResult& result) {
    const Kinds unread = kinds_where(result, [](const ComponentResult& c) {
        return c.outcome == Outcome::unreadable && (c.why == Why::not_readable || c.before >= 0);
    });
    if (unread.empty()) return "";
    const Kinds compared = kinds_where(result, is_compared);
    Words words;
    int lesser = 0;
    std::string last_lesser;
    for (const Kind kind : unread) {
        std::string word = in_sentence(kind);
        if (std::find(compared.begin(), compared.end(), kind) != compared.end())
            word += " (in part)";
        if (decides(kind)) {
            words.push_back(std::move(word));
        } else {
            ++lesser;
            last_lesser = std::move(word);
        }
    }
    if (lesser == 1) words.push_back(last_lesser);
    if (lesser > 1) words.push_back(std::to_string(lesser) + " less telling values");
    return "Could not be compared: " + joined(words) + "; that counts neither way.";
}

}  // namespace

std::optional<Anchor> anchor_of(Kind kind) {
    if (kind <= Kind::chassis_serial) return Anchor::board;
    if (kind == Kind::tpm_ek) return Anchor::tpm;
    if (kind == Kind::nic) return Anchor::nic;
    if (kind == Kind::disk) return Anchor::disk;
    if (kind == Kind::cloud_instance_id) return Anchor::cloud;
    return std::nullopt;
}

bool caused_significance(const ComponentResult& result, const MatchResult& whole) {
    const auto anchor = anchor_of(result.kind);
    return anchor && whole.lost_significantly.contains(*anchor);
}

std::vector<std::string> reasons(const MatchResult& result) {
    std::vector<std::string> out{verdict_sentence(result)};
    if (result.components.empty()) return out;
    if (result.verdict == Verdict::same) out.push_back(change_sentence(result));
    if (auto unread = unread_sentence(result); !unread.empty()) out.push_back(std::move(unread));
    return out;
}

}  // namespace latchkey::hwid
