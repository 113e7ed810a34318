#pragma once

// The document of GET /v1/history as a person reads it: by day, newest first. Pure.

#include <string>

#include "agent/cli/document.h"
#include "agent/cli/look.h"

namespace latchkey::cli {

/// No line is longer than the look's width. Entries of agents of another version are shown as far
/// as they can be understood.
std::string history_text(View history, const Look& look);

/// "activated", "grace ended"; an unknown event is its name with spaces.
std::string event_words(std::string_view event);

}  // namespace latchkey::cli
