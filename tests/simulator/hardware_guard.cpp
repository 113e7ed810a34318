#include "tests/simulator/hardware_guard.h"

#include <algorithm>

#include "tests/simulator/story.h"

namespace latchkey::simulator {
namespace {

/// A look is taken at each deadline, the machine's minute of booting included.
constexpr Duration kSlack = hours{2};

bool is_told_grace(const core::ProductState& state) {
    const bool initial = state.status == core::ProductStatus::initial_grace ||
                         state.status == core::ProductStatus::extended_grace;
    return initial && state.grace && !state.grace->frozen && state.ledger.told &&
           !state.ledger.ask_at && state.ledger.refused.empty();
}

}  // namespace

std::vector<Breach> HardwareGuard::see(const Glance& glance, const Hardware& parts, bool lab) {
    // Other parts may be another machine to the key server, and so may some that it cannot see. A
    // lab machine starts anew by right.
    if (lab || parts.unreadable || !same_parts(parts, parts_)) {
        *this = HardwareGuard();
        parts_ = parts;
        return {};
    }
    const auto& state = glance.state;
    if (counts_ && glance.can_store) grace_ += glance.awake;
    counts_ = is_told_grace(state);
    rearms_ = std::max(rearms_, state.rearms_used);
    const Duration allowed =
        glance.policy.initial_grace * (1 + std::min(rearms_, glance.policy.rearms));
    if (grace_ <= allowed + kSlack + conceded_) return {};
    return {{"ledger", "this hardware had " + words_for(grace_) + " of grace that the key server " +
                           "knew of, over its installations, and " + words_for(allowed) +
                           " were granted"}};
}

}  // namespace latchkey::simulator
