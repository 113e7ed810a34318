// The spellings of the match's enumerations, as JSON, receipts and logs have them.

#include <utility>

#include "hwid/match.h"

namespace latchkey::hwid {
namespace {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

constexpr Names<Verdict, 3> kVerdicts{{{Verdict::same, "same"},
                                       {Verdict::different, "different"},
                                       {Verdict::insufficient, "insufficient"}}};

constexpr Names<Outcome, 6> kOutcomes{{{Outcome::match, "match"},
                                       {Outcome::changed, "changed"},
                                       {Outcome::added, "added"},
                                       {Outcome::removed, "removed"},
                                       {Outcome::unreadable, "unreadable"},
                                       {Outcome::ignored, "ignored"}}};

constexpr Names<Why, 14> kWhys{{{Why::agrees, "agrees"},
                                {Why::differs, "differs"},
                                {Why::replaced, "replaced"},
                                {Why::set_gained, "set_gained"},
                                {Why::set_lost, "set_lost"},
                                {Why::became_readable, "became_readable"},
                                {Why::not_readable, "not_readable"},
                                {Why::placeholder, "placeholder"},
                                {Why::virtual_value, "virtual_value"},
                                {Why::removable_device, "removable_device"},
                                {Why::local_address, "local_address"},
                                {Why::shared_value, "shared_value"},
                                {Why::never_identity, "never_identity"},
                                {Why::not_compared, "not_compared"}}};

constexpr Names<Anchor, kAnchorCount> kAnchors{{{Anchor::board, "board"},
                                                {Anchor::tpm, "tpm"},
                                                {Anchor::nic, "nic"},
                                                {Anchor::disk, "disk"},
                                                {Anchor::cloud, "cloud"}}};

template <class E, std::size_t N>
constexpr bool in_enum_order(const Names<E, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
        if (static_cast<std::size_t>(names[i].first) != i) return false;
    }
    return true;
}
static_assert(in_enum_order(kVerdicts) && in_enum_order(kOutcomes) && in_enum_order(kWhys) &&
              in_enum_order(kAnchors));

template <class E, std::size_t N>
std::string_view spelling(const Names<E, N>& names, E value) {
    return names[static_cast<std::size_t>(value)].second;
}

template <class E, std::size_t N>
std::optional<E> value_of(const Names<E, N>& names, std::string_view name) {
    for (const auto& [value, text] : names) {
        if (text == name) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string_view name(Verdict verdict) { return spelling(kVerdicts, verdict); }
std::string_view name(Outcome outcome) { return spelling(kOutcomes, outcome); }
std::string_view name(Why why) { return spelling(kWhys, why); }
std::string_view name(Anchor anchor) { return spelling(kAnchors, anchor); }

std::optional<Verdict> verdict_from_name(std::string_view name) {
    return value_of(kVerdicts, name);
}
std::optional<Outcome> outcome_from_name(std::string_view name) {
    return value_of(kOutcomes, name);
}
std::optional<Anchor> anchor_from_name(std::string_view name) { return value_of(kAnchors, name); }

}  // namespace latchkey::hwid
