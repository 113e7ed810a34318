#pragma once

// Machines in every state of docs/lifecycle.md, as the agent's own code writes their documents.

#include <string>
#include <vector>

#include "base/strict_json.h"

namespace latchkey::cli {

struct Exhibit {
    std::string title;
    json::bj::value status;
};

/// The first is the mixed one that the widths are tried on.
std::vector<Exhibit> gallery();

}  // namespace latchkey::cli
