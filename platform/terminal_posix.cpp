#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "platform/terminal.h"

namespace latchkey::platform {
namespace {

void say(const std::string& text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// Standard input shows nothing of what is typed while it lives.
class Unseen {
public:
    explicit Unseen(const std::string& prompt)
        : terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!terminal_) return;
        termios unseen = before_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
        say(prompt);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() {
        if (!terminal_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        say("\n");
    }

private:
    termios before_{};
    bool terminal_;
};

}  // namespace

bool errors_are_watched() { return ::isatty(STDERR_FILENO) == 1; }

Result<std::string> read_hidden_line(const std::string& prompt, std::size_t max_bytes) {
    const Unseen unseen(prompt);
    std::string line;
    for (;;) {
        char c = 0;
        const auto got = ::read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(Code::input_unreadable,
                        "standard input: " + std::generic_category().message(errno));
        if (got == 0 || c == '\n') return line;
        if (line.size() == max_bytes)
            return fail(Code::input_unreadable, "the line on standard input is too long");
        line += c;
    }
}

}  // namespace latchkey::platform
