#pragma once

// The evidence table: what each agreement and disagreement is worth, in tenths of a bit, and which
// losses are significant. A table, not code: the one built in is derived from recorded machines
// (weights_table.cpp, made by tests/identity), and a signed one can replace it whole
// (licensing/weights.h). docs/identity.md says where the numbers come from.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hwid/component.h"

namespace latchkey::hwid {

/// The anchor groups (docs/identity.md).
enum class Anchor : std::uint8_t { board, tpm, nic, disk, cloud };
inline constexpr std::size_t kAnchorCount = 5;
std::string_view name(Anchor anchor);
std::optional<Anchor> anchor_from_name(std::string_view name);

class AnchorSet {
public:
    constexpr AnchorSet() = default;
    constexpr AnchorSet(std::initializer_list<Anchor> anchors) {
        for (const Anchor anchor : anchors) insert(anchor);
    }
    constexpr void insert(Anchor anchor) { bits_ |= 1u << static_cast<unsigned>(anchor); }
    constexpr void insert(AnchorSet other) { bits_ |= other.bits_; }
    constexpr bool contains(Anchor anchor) const { return contains_any(AnchorSet{anchor}); }
    constexpr bool contains_all(AnchorSet other) const {
        return (bits_ & other.bits_) == other.bits_;
    }
    constexpr bool contains_any(AnchorSet other) const { return (bits_ & other.bits_) != 0; }
    constexpr bool empty() const { return bits_ == 0; }

    friend constexpr bool operator==(AnchorSet, AnchorSet) = default;

private:
    unsigned bits_ = 0;
};

/// log2(m/u) x 10 for one kind. Set-valued kinds (nic, disk, memory_module, gpu) use `partly` when
/// some members remain.
struct Weight {
    std::int16_t agree = 0;
    std::int16_t partly = 0;
    std::int16_t disagree = 0;

    friend bool operator==(const Weight&, const Weight&) = default;
};

/// Losing all of `lost` together is significant, unless one of `unless` agrees.
struct SignificantLoss {
    AnchorSet lost;
    AnchorSet unless;

    friend bool operator==(const SignificantLoss&, const SignificantLoss&) = default;
};

struct Weights {
    static constexpr std::size_t kMaxMultiplicity = 16;
    static constexpr std::size_t kMaxLosses = 8;

    int version = 0;         ///< rises with each table; named in receipts
    std::string provenance;  ///< for people
    std::array<Weight, kKindCount> of{};
    std::int32_t same_threshold = 0;  ///< a score at or above it may be `same`
    /// A value shown by so many other machines is no evidence; 1..kMaxMultiplicity.
    std::uint32_t worthless_multiplicity = 3;
    /// By how many other machines show the value, from 0 on: what an agreement loses by that.
    std::array<std::int16_t, kMaxMultiplicity> loss_when_shared{};
    std::array<SignificantLoss, kMaxLosses> losses{};  ///< the first `loss_count` are in force
    std::size_t loss_count = 0;

    const Weight& operator[](Kind kind) const { return of[static_cast<std::size_t>(kind)]; }
    Weight& operator[](Kind kind) { return of[static_cast<std::size_t>(kind)]; }
    std::int32_t shared_loss(std::uint32_t multiplicity) const;
    std::span<const SignificantLoss> significant() const { return {losses.data(), loss_count}; }

    friend bool operator==(const Weights&, const Weights&) = default;
};

/// What no table may do, whoever signed it: weights beyond 40 bits, an agreement that speaks
/// against or a disagreement that speaks for, model-level kinds worth more than two bits, a
/// threshold out of reach, a board whose loss is never significant. Empty where the table is sound,
/// else why not.
std::string unsound(const Weights& weights);

/// The table built into this version (weights_table.cpp).
const Weights& default_weights();

}  // namespace latchkey::hwid
