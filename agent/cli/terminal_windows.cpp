#include "agent/cli/terminal.h"

#include <windows.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/clock_ticks.h"
#include "platform/text_windows.h"

namespace latchkey::cli {
namespace {

using platform::error_text;
using platform::narrow;
using platform::wide;

constexpr std::size_t kHeldBack = 64 * 1024;
constexpr std::size_t kMaxSecret = 4096;
/// What a console takes in one call.
constexpr std::size_t kConsolePiece = 8 * 1024;

HANDLE handle_of(Stream stream) {
    switch (stream) {
        case Stream::in:
            return ::GetStdHandle(STD_INPUT_HANDLE);
        case Stream::out:
            return ::GetStdHandle(STD_OUTPUT_HANDLE);
        case Stream::err:
            return ::GetStdHandle(STD_ERROR_HANDLE);
    }
    return nullptr;
}

bool is_console(HANDLE handle) {
    DWORD mode = 0;
    return ::GetConsoleMode(handle, &mode) != 0;
}

/// Other manners of a console for as long as it lives.
class Manners {
public:
    Manners(HANDLE console, DWORD without, DWORD with)
        : console_(console), was_set_(::GetConsoleMode(console, &before_) != 0) {
        if (was_set_) ::SetConsoleMode(console_, (before_ & ~without) | with);
    }
    Manners(const Manners&) = delete;
    Manners& operator=(const Manners&) = delete;
    ~Manners() {
        if (was_set_) ::SetConsoleMode(console_, before_);
    }

private:
    HANDLE console_;
    DWORD before_ = 0;
    bool was_set_;
};

/// Set by Ctrl-C, from the thread on which the system tells it. A second one ends the program.
HANDLE ended_by_user = nullptr;
std::atomic<bool> asked_before = false;

BOOL WINAPI end_by_user(DWORD event) {
    if ((event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) || asked_before.exchange(true))
        return FALSE;
    ::SetEvent(ended_by_user);
    return TRUE;
}

/// 0, or GetLastError()'s.
DWORD write_bytes(HANDLE to, std::string_view text) {
    while (!text.empty()) {
        DWORD put = 0;
        if (!::WriteFile(to, text.data(), static_cast<DWORD>(text.size()), &put, nullptr))
            return ::GetLastError();
        text.remove_prefix(put);
    }
    return ERROR_SUCCESS;
}

DWORD write_words(HANDLE console, const std::wstring& words) {
    for (std::size_t at = 0; at < words.size();) {
        const auto size = static_cast<DWORD>(std::min(words.size() - at, kConsolePiece));
        DWORD put = 0;
        if (!::WriteConsoleW(console, words.data() + at, size, &put, nullptr))
            return ::GetLastError();
        at += put;
    }
    return ERROR_SUCCESS;
}

DWORD write_all(Stream stream, const std::string& text) {
    if (text.empty()) return ERROR_SUCCESS;
    const HANDLE to = handle_of(stream);
    return is_console(to) ? write_words(to, wide(text)) : write_bytes(to, text);
}

Failure unreadable(std::string why) {
    return fail(Code::input_unreadable, "standard input: " + std::move(why));
}

/// One of the events that make a pause end or look again; takes the rest out of the queue.
enum class Noticed { nothing, key, size };

Noticed take_events(HANDLE keyboard) {
    std::array<INPUT_RECORD, 32> records{};
    DWORD count = 0;
    Noticed noticed = Noticed::nothing;
    while (
        ::GetNumberOfConsoleInputEvents(keyboard, &count) && count > 0 &&
        ::ReadConsoleInputW(keyboard, records.data(), static_cast<DWORD>(records.size()), &count)) {
        for (DWORD i = 0; i < count; ++i) {
            const auto& record = records[i];
            if (record.EventType == KEY_EVENT && record.Event.KeyEvent.bKeyDown)
                noticed = Noticed::key;
            if (record.EventType == WINDOW_BUFFER_SIZE_EVENT && noticed == Noticed::nothing)
                noticed = Noticed::size;
        }
    }
    return noticed;
}

class WindowsConsole final : public Console {
public:
    ~WindowsConsole() override { flush(); }

    void write(Stream stream, std::string_view text) override {
        std::string& held = stream == Stream::err ? err_ : out_;
        held.append(text);
        if (held.size() > kHeldBack) flush();
    }

    bool flush() override {
        for (const DWORD failed : {write_all(Stream::out, out_), write_all(Stream::err, err_)})
            if (trouble_ == ERROR_SUCCESS) trouble_ = failed;
        out_.clear();
        err_.clear();
        return trouble_ == ERROR_SUCCESS;
    }

    std::string trouble() const override {
        return trouble_ == ERROR_SUCCESS ? std::string() : error_text("write", "", trouble_);
    }

    std::optional<Window> window(Stream stream) const override {
        const HANDLE handle = handle_of(stream);
        if (!is_console(handle)) return std::nullopt;
        CONSOLE_SCREEN_BUFFER_INFO info{};
        if (!::GetConsoleScreenBufferInfo(handle, &info)) return Window{};
        const auto size = [](SHORT from, SHORT to) {
            return static_cast<std::size_t>(std::max(to - from + 1, 0));
        };
        return Window{size(info.srWindow.Left, info.srWindow.Right),
                      size(info.srWindow.Top, info.srWindow.Bottom)};
    }

    Result<std::string> read_input(std::size_t max_bytes) override {
        std::string text;
        std::array<char, 4096> piece;
        for (;;) {
            DWORD got = 0;
            if (!::ReadFile(handle_of(Stream::in), piece.data(), static_cast<DWORD>(piece.size()),
                            &got, nullptr) &&
                ::GetLastError() != ERROR_BROKEN_PIPE)
                return unreadable("cannot be read");
            if (got == 0) return text;
            text.append(piece.data(), got);
            if (text.size() > max_bytes) return unreadable("too long");
        }
    }

    Result<std::string> read_secret(std::string_view prompt) override {
        err(*this, prompt);
        flush();
        const HANDLE keyboard = handle_of(Stream::in);
        const bool typed = is_console(keyboard);
        const Manners quiet(keyboard, ENABLE_ECHO_INPUT,
                            ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
        auto line = typed ? typed_line(keyboard) : piped_line(keyboard);
        if (typed) err(*this, "\n");
        if (line && line->ends_with('\r')) line->pop_back();
        return line;
    }

    bool pause(Duration duration) override {
        if (ended_by_user == nullptr) {
            ended_by_user = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
            ::SetConsoleCtrlHandler(end_by_user, TRUE);
        }
        flush();
        const SinceBoot until = platform::ticks_since_boot() + duration;
        // Without a console there is nobody to press a key.
        const HANDLE keyboard = handle_of(Stream::in);
        const bool watched = is_console(keyboard);
        const Manners any_key(keyboard, ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT, ENABLE_WINDOW_INPUT);
        const std::array<HANDLE, 2> events{ended_by_user, keyboard};
        for (;;) {
            const Duration left = until - platform::ticks_since_boot();
            if (left <= Duration::zero()) return true;
            const auto wait = static_cast<DWORD>(std::min<std::int64_t>(left.count(), 86'400'000));
            const DWORD came =
                ::WaitForMultipleObjects(watched ? 2 : 1, events.data(), FALSE, wait);
            if (came == WAIT_OBJECT_0) return false;
            if (came != WAIT_OBJECT_0 + 1) continue;
            switch (take_events(keyboard)) {
                case Noticed::key:
                    return false;
                case Noticed::size:
                    return true;
                case Noticed::nothing:
                    break;
            }
        }
    }

private:
    static Result<std::string> typed_line(HANDLE keyboard) {
        std::wstring line;
        while (line.find(L'\n') == std::wstring::npos) {
            std::array<wchar_t, 256> piece{};
            DWORD got = 0;
            if (!::ReadConsoleW(keyboard, piece.data(), static_cast<DWORD>(piece.size()), &got,
                                nullptr))
                return unreadable("cannot be read");
            if (got == 0) break;
            line.append(piece.data(), got);
            if (line.size() > kMaxSecret) return unreadable("the line is too long");
        }
        while (line.ends_with(L'\n')) line.pop_back();
        return narrow(line);
    }

    static Result<std::string> piped_line(HANDLE input) {
        std::string line;
        while (line.size() < kMaxSecret) {
            char c = 0;
            DWORD got = 0;
            if (!::ReadFile(input, &c, 1, &got, nullptr) && ::GetLastError() != ERROR_BROKEN_PIPE)
                return unreadable("cannot be read");
            if (got == 0 || c == '\n') return line;
            line += c;
        }
        return unreadable("the line is too long");
    }

    std::string out_;
    std::string err_;
    DWORD trouble_ = ERROR_SUCCESS;  ///< of the first write that failed
};

}  // namespace

bool environment_allows_color() {
    const char* const refused = std::getenv("NO_COLOR");
    if (refused != nullptr && *refused != '\0') return false;
    const HANDLE out = handle_of(Stream::out);
    DWORD mode = 0;
    return ::GetConsoleMode(out, &mode) != 0 &&
           ::SetConsoleMode(
               out, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

bool environment_is_unicode() {
    return is_console(handle_of(Stream::out)) || ::GetConsoleOutputCP() == CP_UTF8;
}

std::unique_ptr<Console> system_console() { return std::make_unique<WindowsConsole>(); }

}  // namespace latchkey::cli
