#pragma once

// Where a product key comes from, and the first look at it: a mistyped key and a token are
// recognised here, before any traffic (rule K2).

#include <optional>
#include <string>

#include "agent/cli/verb.h"
#include "licensing/product_key.h"

namespace latchkey::cli {

struct KeyOptions {
    std::optional<std::string> file;
    bool from_stdin = false;
    std::optional<std::string> on_command_line;

    void declare(Options& options);
    bool given() const { return file || from_stdin || on_command_line; }
};

/// The canonical text; nullopt where no source was named; a source that was named and is empty
/// holds a malformed key. Fails with Code::key_malformed, Code::token_not_key,
/// Code::input_unreadable or, with two sources, Code::usage. The text is a secret.
Result<std::optional<std::string>> read_key(const KeyOptions& options, Console& console);

/// Asks for it on the terminal, without echo.
Result<std::string> ask_for_key(Console& console);

/// What the verbs about a key share: the key the options name; on a terminal, where the agent has
/// none installed for `product`, the one typed; else nullopt, and the agent uses what it has.
Result<std::optional<std::string>> key_for_product(const KeyOptions& options, Call& call,
                                                   const std::string& product);

}  // namespace latchkey::cli
