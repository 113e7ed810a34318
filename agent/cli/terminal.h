#pragma once

// The process's own standard streams as a Console. Output is collected and written in one call.

#include <memory>
#include <string_view>

#include "agent/cli/console.h"
#include "agent/cli/look.h"

namespace latchkey::cli {

std::unique_ptr<Console> system_console();

/// False where the user asked for none (NO_COLOR, https://no-color.org) or the terminal has none
/// (TERM; on Windows a console that does not understand the sequences).
bool environment_allows_color();

/// True where the locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG: the first that is set; on
/// Windows where a console shows the text, which takes any character, or its code page is UTF-8).
bool environment_is_unicode();

/// What standard output can show. As wide as its window, else as COLUMNS says, else 100 columns.
Look look_of(const Console& console);

/// Finished text for people: its longer lines are broken where the stream's window is narrower.
/// Where there is no window it is written as it is.
void show(Console& console, Stream stream, std::string_view text);
inline void show(Console& console, std::string_view text) { show(console, Stream::out, text); }

}  // namespace latchkey::cli
