#pragma once

// Cloud services that were redeemed here, in words. Pure.

#include <string>

#include "agent/cli/document.h"
#include "base/time.h"

namespace latchkey::cli {

/// "Contoso Cloud (action-pack), 25 seats, ends in 12 days"
std::string cloud_words(View entitlement, WallTime now);

/// "Contoso Cloud ends in 12 days", "Contoso Cloud ended 3 days ago"; empty where nothing is to be
/// warned about.
std::string cloud_warning(View entitlement, WallTime now);

/// What redeeming a token gave.
std::string redeemed_text(View answer);

}  // namespace latchkey::cli
