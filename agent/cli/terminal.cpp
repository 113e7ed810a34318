#include "agent/cli/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace latchkey::cli {
namespace {

constexpr std::size_t kTerminalWidth = 80;  // of one that does not say

}  // namespace

Look look_of(const Console& console) {
    Look look;
    const auto window = console.window(Stream::out);
    look.color = window.has_value() && environment_allows_color();
    look.unicode = environment_is_unicode();
    if (window) look.width = kTerminalWidth;
    if (window && window->columns > 0) {
        look.width = window->columns;
    } else if (const char* const columns = std::getenv("COLUMNS"); columns != nullptr) {
        const std::string_view text(columns);
        std::size_t width = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
        if (error == std::errc() && end == text.data() + text.size() && width > 0)
            look.width = width;
    }
    return look;
}

void show(Console& console, Stream stream, std::string_view text) {
    const auto window = console.window(stream);
    if (!window) return console.write(stream, text);
    Look look;
    look.width = window->columns > 0 ? window->columns : kTerminalWidth;
    console.write(stream, fitted(text, look));
}

}  // namespace latchkey::cli
