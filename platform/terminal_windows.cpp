#include "platform/terminal.h"

#include <windows.h>

#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// Standard input shows nothing of what is typed while it lives.
class Unseen {
public:
    explicit Unseen(HANDLE keyboard) : keyboard_(keyboard) {
        ::GetConsoleMode(keyboard_, &before_);
        ::SetConsoleMode(keyboard_, (before_ & ~static_cast<DWORD>(ENABLE_ECHO_INPUT)) |
                                        ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() { ::SetConsoleMode(keyboard_, before_); }

private:
    HANDLE keyboard_;
    DWORD before_ = 0;
};

bool is_console(HANDLE stream) {
    DWORD mode = 0;
    return ::GetConsoleMode(stream, &mode) != 0;
}

void say(std::string_view text) {
    const HANDLE errors = ::GetStdHandle(STD_ERROR_HANDLE);
    DWORD put = 0;
    const std::wstring words = wide(text);
    if (is_console(errors))
        ::WriteConsoleW(errors, words.data(), static_cast<DWORD>(words.size()), &put, nullptr);
    else
        ::WriteFile(errors, text.data(), static_cast<DWORD>(text.size()), &put, nullptr);
}

Failure unreadable(DWORD error) {
    return fail(Code::input_unreadable, error_text("standard input", "", error));
}

Failure too_long() {
    return fail(Code::input_unreadable, "the line on standard input is too long");
}

Result<std::string> typed_line(HANDLE keyboard, const std::string& prompt, std::size_t max_bytes) {
    const Unseen unseen(keyboard);
    say(prompt);
    std::wstring line;
    while (line.find(L'\n') == std::wstring::npos) {
        wchar_t piece[256];
        DWORD got = 0;
        if (!::ReadConsoleW(keyboard, piece, 256, &got, nullptr))
            return unreadable(::GetLastError());
        if (got == 0) break;
        line.append(piece, got);
        if (line.size() > max_bytes + 2) return too_long();
    }
    say("\n");
    while (!line.empty() && (line.back() == L'\n' || line.back() == L'\r')) line.pop_back();
    auto text = narrow(line);
    if (text.size() > max_bytes) return too_long();
    return text;
}

}  // namespace

bool errors_are_watched() { return is_console(::GetStdHandle(STD_ERROR_HANDLE)); }

Result<std::string> read_hidden_line(const std::string& prompt, std::size_t max_bytes) {
    const HANDLE input = ::GetStdHandle(STD_INPUT_HANDLE);
    if (is_console(input)) return typed_line(input, prompt, max_bytes);
    std::string line;
    for (;;) {
        char c = 0;
        DWORD got = 0;
        if (!::ReadFile(input, &c, 1, &got, nullptr)) {
            if (::GetLastError() != ERROR_BROKEN_PIPE) return unreadable(::GetLastError());
            got = 0;
        }
        if (got == 0 || c == '\n') {
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        if (line.size() == max_bytes) return too_long();
        line += c;
    }
}

}  // namespace latchkey::platform
