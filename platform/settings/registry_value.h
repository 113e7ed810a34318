#pragma once

// What the bytes of a value in Windows' registry mean. Whoever writes there may write anything
// under any type: a text without its terminator, half a character, a number of three bytes. Pure,
// and the same on every system.

#include <cstdint>
#include <span>

#include "platform/settings/policy_store.h"

namespace latchkey::platform {

/// `type` is the registry's (REG_SZ is 1). Total: what is not what its type says is OtherData.
PolicyData registry_value(std::uint32_t type, std::span<const std::uint8_t> bytes);

/// A value that was too large to be read.
PolicyData oversized_registry_value(std::uint32_t type, std::size_t bytes);

}  // namespace latchkey::platform
