#pragma once

// The outside world of a verb: where text goes, where secrets and patience come from. The shipped
// one is terminal.h's; tests hand in one of strings. Used from one thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::cli {

enum class Stream : std::uint8_t { in, out, err };

/// 0 where the terminal does not say.
struct Window {
    std::size_t columns = 0;
    std::size_t rows = 0;
};

class Console {
public:
    virtual ~Console() = default;
    /// Adds text to standard output or error. What is written may be held back until flush().
    virtual void write(Stream stream, std::string_view text) = 0;
    /// False where something could not be written (full disk, closed pipe).
    virtual bool flush() = 0;
    /// Why the first such thing could not, in the system's words; empty where all was written.
    virtual std::string trouble() const = 0;
    /// The stream's window; none where it is no terminal.
    virtual std::optional<Window> window(Stream stream) const = 0;
    bool is_terminal(Stream stream) const { return window(stream).has_value(); }
    /// All of standard input, at most `max_bytes`. Fails with Code::input_unreadable.
    virtual Result<std::string> read_input(std::size_t max_bytes) = 0;
    /// Shows `prompt` and reads one line without echo.
    virtual Result<std::string> read_secret(std::string_view prompt) = 0;
    /// Waits, and returns true when the time is over or the window has another size: false where
    /// the user ended it, by a key or by Ctrl-C.
    virtual bool pause(Duration duration) = 0;
};

inline void out(Console& console, std::string_view text) { console.write(Stream::out, text); }
inline void err(Console& console, std::string_view text) { console.write(Stream::err, text); }

}  // namespace latchkey::cli
