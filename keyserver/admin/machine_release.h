#pragma once

// What `machine release` does, and Release in the console.

#include <optional>
#include <string>

#include "keyserver/admin/verb.h"

namespace latchkey::keyserver::admin {

/// Ends the machine and all its licenses, with one signed receipt about the newest of them, which
/// says `reason` (may be empty) and how many ended. std::nullopt: nothing was left to end, and so
/// nothing was decided.
Result<std::optional<ReceiptRecord>> release_machine(Context& context, MachineRecord& machine,
                                                     const std::string& reason);

}  // namespace latchkey::keyserver::admin
