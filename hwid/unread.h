#pragma once

// What of a machine could not be read, and what would help: for people, and for support.

#include <string>
#include <vector>

#include "hwid/raw.h"

namespace latchkey::hwid {

/// One sentence for each reason, naming what it kept hidden; empty where everything answered. What
/// the machine does not have is not missing. Holds names ("sda"), never values.
std::vector<std::string> unread_sources(const RawHardware& raw);

}  // namespace latchkey::hwid
