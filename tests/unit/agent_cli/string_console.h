#pragma once

#include <deque>
#include <string>

#include "agent/cli/console.h"

namespace latchkey::cli {

/// A console of strings. `secrets` are typed one after another; `pauses` is how many pauses end by
/// themselves before the user presses a key.
class StringConsole final : public Console {
public:
    std::string out_text;
    std::string err_text;
    std::string input;
    std::deque<std::string> secrets;
    int pauses = 0;
    bool terminal = false;
    Window size{80, 24};
    bool disk_full = false;

    void write(Stream stream, std::string_view text) override {
        (stream == Stream::err ? err_text : out_text).append(text);
    }
    bool flush() override { return !disk_full; }
    std::string trouble() const override {
        return disk_full ? "No space left on device" : std::string();
    }
    std::optional<Window> window(Stream) const override {
        return terminal ? std::optional(size) : std::nullopt;
    }
    Result<std::string> read_input(std::size_t max_bytes) override {
        if (input.size() > max_bytes) return fail(Code::input_unreadable, "too long");
        return input;
    }
    Result<std::string> read_secret(std::string_view prompt) override {
        err_text.append(prompt);
        if (secrets.empty()) return fail(Code::input_unreadable, "nobody typed");
        std::string typed = secrets.front();
        secrets.pop_front();
        return typed;
    }
    bool pause(Duration) override { return pauses-- > 0; }
};

}  // namespace latchkey::cli
