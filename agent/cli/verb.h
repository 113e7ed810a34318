#pragma once

// A verb is a function; the table of them is in main.cpp. To add one: a cmd_NAME.cpp, a line here
// or in cmd.h, a line in the table, a section in docs/cli.md, a test in tests/unit/agent_cli.

#include <span>
#include <string_view>

#include "agent/cli/console.h"
#include "agent/cli/options.h"
#include "base/result.h"

namespace latchkey::cli {

/// What a verb is given: its arguments (common options before the verb moved behind it) and the
/// world.
struct Call {
    Arguments arguments;
    Console& console;
    Common common;  ///< filled by parse_options
};

/// The exit code, or the problem that run() prints in the wanted form.
using VerbFunction = Result<int> (*)(Call&);

struct Verb {
    std::string_view name;
    std::string_view about;
    VerbFunction function;
};

/// Runs one command line (without the program's name) and returns its exit code. Never throws.
int run(std::span<const Verb> verbs, Arguments arguments, Console& console);

/// Reads the options. True: go on. False: help was asked for and printed.
Result<bool> parse_options(Call& call, Options& options);

/// Finds arguments[0] after the common options among `verbs` and runs it; `family` is "latchkey" or
/// "latchkey hwid".
Result<int> dispatch(std::span<const Verb> verbs, std::string_view family, Call& call);

/// The overview: every verb with its line.
std::string overview(std::span<const Verb> verbs, std::string_view family);

inline constexpr int kDone = 0;

/// The row of "help [VERB]"; dispatch() itself is its function.
inline constexpr Verb kHelp{"help", "this overview, or the help of one verb", nullptr};

}  // namespace latchkey::cli
