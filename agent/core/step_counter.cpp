// The counter in the TPM's memory. It can only take rearms away, or a grace that a wipe began anew;
// it touches no license and no grace of one. Where the key server's ledger has spoken, that is what
// counts, for it knows the times as well.

#include <algorithm>

#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

constexpr int kMostCounted = 1'000'000;

/// Graces that this row has had: an initial one, and one for each rearm.
int own_graces(const ProductState& state) {
    return state.grace_granted ? 1 + state.rearms_used : 0;
}

std::string words_on_counter(int before) {
    return "The TPM remembers " + std::to_string(before) +
           (before == 1 ? " earlier grace" : " earlier graces") +
           " on this hardware; each costs a rearm until the key server's ledger is reached.";
}

}  // namespace

int rearms_left(const ProductState& state, const Policy& policy) {
    const bool lab = policy.role == Role::lab;
    const int before = state.tpm && !lab ? state.tpm->before : 0;
    return std::max(0, policy.rearms - state.rearms_used - before);
}

bool used_up_before(const ProductState& state, const Policy& policy) {
    return policy.role != Role::lab && state.tpm && state.grace &&
           state.grace->kind == ProductStatus::initial_grace && state.tpm->before > policy.rearms;
}

void count_grace(Turn& turn) {
    auto& tpm = turn.state.tpm;
    if (!tpm) return;
    ++tpm->counted;
    turn.effects.push_back(effect::RaiseCounter{tpm->counted});
}

void on(Turn& turn, const event::CounterRead& event) {
    auto& tpm = turn.state.tpm;
    const int value = std::clamp(event.value, 0, kMostCounted);
    const int before = tpm ? tpm->before : 0;
    if (!tpm) {
        tpm = TpmLedger{value + own_graces(turn.state), value};
    } else if (value > tpm->counted) {
        // Another installation on this machine, or this one before its backup was restored.
        tpm->before += value - tpm->counted;
        tpm->counted = value;
    }
    // Less than was counted: it is to be raised still, or it is another TPM's, or was cleared.
    if (value < tpm->counted && !event.raised)
        turn.effects.push_back(effect::RaiseCounter{tpm->counted});
    if (tpm->before > before) report(turn, "counter_told", words_on_counter(tpm->before));
}

}  // namespace latchkey::core
