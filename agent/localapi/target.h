#pragma once

// A request target ("/v1/history?product=a%20b") taken apart, strictly: origin form only, whole
// percent escapes, no control characters.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace latchkey::localapi {

struct Target {
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
};

/// Fails with Code::request_invalid.
Result<Target> parse_target(std::string_view text);

}  // namespace latchkey::localapi
