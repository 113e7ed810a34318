#pragma once

// What whoever manages this machine has set for Latchkey: on Windows by Group Policy or an MDM
// below HKLM\SOFTWARE\Policies\Latchkey. Uninterpreted: which settings there are, and what they may
// hold, is the reader's business (agent/daemon/managed.h). Only administrators can write there.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace latchkey::platform {

/// A value that is neither text nor number nor list, or was too large, or broken.
struct OtherData {
    std::string what;  ///< for messages: "REG_BINARY, 12 bytes"; never what it holds
    friend bool operator==(const OtherData&, const OtherData&) = default;
};

/// Texts are UTF-8, of any length up to kMaxPolicyBytes and with any character in them.
using PolicyData = std::variant<std::string, std::uint32_t, std::vector<std::string>, OtherData>;

struct PolicyValue {
    std::vector<std::string> path;  ///< {"keyserver", "url"}, spelled as it was found
    PolicyData data;
    std::string origin;  ///< for messages: HKLM\SOFTWARE\Policies\Latchkey\keyserver : url
};

/// A larger value is said to be too large, and not read.
constexpr std::size_t kMaxPolicyBytes = 64 * 1024;
/// Of all keys together; more of them, or keys nested deeper, are a failure.
constexpr std::size_t kMaxPolicyValues = 1024;
constexpr std::size_t kMaxPolicyDepth = 4;

/// All of it, or nothing where nobody manages this machine. Fails with Code::config_invalid naming
/// the place that could not be read, or holds too much.
Result<std::vector<PolicyValue>> read_policy();

}  // namespace latchkey::platform
