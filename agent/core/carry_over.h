#pragma once

// The state directory was made by another machine: it was copied, or came with an image that was
// not generalized. What of a row is still true here? Pure.

#include <optional>

#include "agent/core/state.h"
#include "agent/core/trusted_time.h"

namespace latchkey::core {

/// Nothing of a row without a license: the product starts afresh, as on a new machine. A license
/// stays, for the hardware decides about it (event::HardwareSeen); what belongs to the other
/// machine alone goes: its requests, its wishes that wait, its rearms. They are that machine's to
/// send, and sending them from here as well could spend what nobody asked this machine to spend.
std::optional<ProductState> carried_over(ProductState state);

/// A grace that was kept under one time ledger, told under another that has proven as much or more
/// and shares no past with it: it ends on the same day of the calendar, and what the clocks of
/// `from` had still to give back is given back.
Grace told_in(Grace grace, const TimeLedger& from, const TimeLedger& to);

}  // namespace latchkey::core
