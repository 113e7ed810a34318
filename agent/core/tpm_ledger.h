#pragma once

// What a counter in the TPM's memory knows of a product's graces: how many there were on this
// hardware, and nothing of when (docs/tpm.md, The counter). It survives a wipe, and speaks only
// until the key server's ledger does.

namespace latchkey::core {

struct ProductState;
struct Policy;

struct TpmLedger {
    int counted = 0;  ///< how far the counter counts as this row knows; it is raised up to there
    int before = 0;   ///< graces of this hardware that this row knows nothing more of

    friend bool operator==(const TpmLedger&, const TpmLedger&) = default;
};

/// Rearms that are left: a grace before this row's own cost one, as a wipe is the same to the
/// product. A lab machine is reimaged by trade, and the counter tells no years apart.
int rearms_left(const ProductState& state, const Policy& policy);

/// More graces than this hardware was ever to have: the one that was begun anew is over at once.
bool used_up_before(const ProductState& state, const Policy& policy);

}  // namespace latchkey::core
