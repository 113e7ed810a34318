#pragma once

// How often each kind of component agrees, between records of one machine and between records of
// two: Fellegi and Sunter's m and u, counted with the matcher's own comparison of a kind.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "hwid/compare.h"
#include "tests/identity/dataset.h"

namespace latchkey::identity {

/// Outcomes of comparing one kind over many pairs; pairs with nothing to compare are not in.
struct Outcomes {
    std::int64_t all = 0;
    std::int64_t partly = 0;
    std::int64_t none = 0;

    std::int64_t total() const { return all + partly + none; }
    void add(hwid::Agreement agreement);
};

using OutcomesByKind = std::array<Outcomes, hwid::kKindCount>;

/// Where a rate may be learned from.
struct Learned {
    OutcomesByKind same;       ///< labelled states of one machine, and successive ones of the rest
    OutcomesByKind fleet;      ///< other units of the same fleet
    OutcomesByKind strangers;  ///< units drawn at random
    std::int64_t same_pairs = 0;
    std::int64_t fleet_pairs = 0;
    std::int64_t stranger_pairs = 0;
};

inline constexpr std::int64_t kStrangerPairs = 100'000;
inline constexpr std::uint64_t kSeed = 20'261'122;

/// The fingerprint's evidence of one kind.
hwid::Side side_of(const hwid::Fingerprint& print, hwid::Kind kind);

/// Virtual machines are left out: they are judged by a rule of their own. `strangers` is how many
/// random pairs are drawn for each kind at most, from the newest state of each machine showing it.
Learned learn(const Dataset& data, std::int64_t strangers = kStrangerPairs);

/// How the values that several machines show came about, by how many *other* machines show them.
struct Sharing {
    std::int64_t pairs = 0;  ///< of machines that share the value and can be compared otherwise
    std::int64_t told_apart = 0;  ///< of these, no other anchor agrees and one contradicts
};

/// Of unit-level values alone.
std::map<std::uint32_t, Sharing> learn_sharing(const Dataset& data);

}  // namespace latchkey::identity
