#include "tests/identity/rivals.h"

#include <algorithm>
#include <array>

#include "hwid/compare.h"
#include "hwid/weights.h"
#include "tests/identity/learn.h"

namespace latchkey::identity {
namespace {

using hwid::Agreement;
using hwid::Fingerprint;
using hwid::Kind;

hwid::KindComparison compare(Kind kind, const Fingerprint& before, const Fingerprint& after) {
    std::vector<hwid::ComponentResult> unused;
    const hwid::CompareContext context{is_virtual_machine(before) || is_virtual_machine(after)};
    return hwid::compare_kind(kind, side_of(before, kind), side_of(after, kind), context, unused);
}

constexpr int kPointsNeeded = 7;

struct Points {
    Kind kind;
    int worth;
};
constexpr auto kPoints = std::to_array<Points>({{Kind::nic, 3},
                                                {Kind::disk, 2},
                                                {Kind::board_product, 1},
                                                {Kind::system_product, 1},
                                                {Kind::gpu, 1},
                                                {Kind::cpu_model, 1},
                                                {Kind::cpu_signature, 1},
                                                {Kind::memory_total_mb, 1},
                                                {Kind::memory_module, 1}});

}  // namespace

bool majority_says_same(const Fingerprint& before, const Fingerprint& after) {
    int votes_for = 0;
    int votes = 0;
    for (std::size_t i = 0; i < hwid::kKindCount; ++i) {
        const auto kind = static_cast<Kind>(i);
        if (hwid::default_weights()[kind] == hwid::Weight{}) continue;
        const auto agreement = compare(kind, before, after).agreement;
        if (agreement == Agreement::unknown) continue;
        votes_for += agreement == Agreement::all;
        ++votes;
    }
    return 2 * votes_for > votes;
}

bool seven_points_say_same(const Fingerprint& before, const Fingerprint& after) {
    int points = 0;
    for (const auto& [kind, worth] : kPoints) {
        const auto compared = compare(kind, before, after);
        if (compared.matched > 0 || !compared.changed()) points += worth;
    }
    return points >= kPointsNeeded;
}

}  // namespace latchkey::identity
