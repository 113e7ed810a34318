#pragma once

// The reader of policy_store.h for a key of the caller's choice, so that tests read one of their
// own. Internal to the Windows files of platform/.

#include <string>

#include "platform/settings/policy_store.h"

namespace latchkey::platform {

/// `key` is below HKEY_LOCAL_MACHINE, as the 64-bit view has it.
Result<std::vector<PolicyValue>> read_policy_below(const std::wstring& key);

}  // namespace latchkey::platform
