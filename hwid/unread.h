#pragma once

// What of a machine could not be read, and what would help: for people, and for support.

#include <cstdint>
#include <string>
#include <vector>

#include "hwid/raw.h"

namespace latchkey::hwid {

/// Who could not read it. The agent is never told to be run as somebody else.
enum class Reader : std::uint8_t { program, agent };

/// One sentence for each reason, naming what it kept hidden; empty where everything answered. What
/// the machine does not have is not missing. Holds names ("sda"), never values.
std::vector<std::string> unread_sources(const RawHardware& raw, Reader reader = Reader::program);

}  // namespace latchkey::hwid
