#pragma once

// How the two baselines of a machine record move (docs/keyserver.md, Baselines). Pure.

#include "hwid/match.h"
#include "keyserver/rules/rules.h"
#include "keyserver/store/records.h"

namespace latchkey::keyserver {

/// What the record is compared with from now on. A counted activation sets both baselines to what
/// was seen. An uncounted `same` moves the matching baseline alone, only where the device key (or a
/// TPM) proved it, and never across a contradiction of the board.
void move_baselines(MachineRecord& machine, const hwid::Fingerprint& seen, const Decision& decision,
                    const hwid::MatchResult& matching);

/// The baseline of what was found `same` under a device key that is known for it.
void roll_baseline(hwid::Fingerprint& baseline, const hwid::Fingerprint& seen,
                   const hwid::MatchResult& matching);

/// A renewal under the license's device key that was found `same`.
void roll_matching_baseline(MachineRecord& machine, const hwid::Fingerprint& seen,
                            const hwid::MatchResult& matching);

/// `seen`, and of kinds it could not read what was known before: unreadable is not gone.
hwid::Fingerprint merged(const hwid::Fingerprint& known, const hwid::Fingerprint& seen);

}  // namespace latchkey::keyserver
