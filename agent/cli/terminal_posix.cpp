#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kHeldBack = 64 * 1024;
constexpr std::size_t kMaxSecret = 4096;

/// Keeps a terminal from echoing for as long as it lives.
class EchoOff {
public:
    explicit EchoOff(int fd) : fd_(fd), was_set_(::tcgetattr(fd, &before_) == 0) {
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL;
        if (was_set_) ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;
    ~EchoOff() {
        if (was_set_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }

private:
    int fd_;
    termios before_{};
    bool was_set_;
};

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

Failure unreadable(std::string why) {
    return fail(Code::input_unreadable, "standard input: " + std::move(why));
}

class PosixConsole final : public Console {
public:
    ~PosixConsole() override { flush(); }

    void write(Stream stream, std::string_view text) override {
        std::string& held = stream == Stream::err ? err_ : out_;
        held.append(text);
        if (held.size() > kHeldBack) flush();
    }

    bool flush() override {
        const bool out_written = write_all(STDOUT_FILENO, out_);
        const bool err_written = write_all(STDERR_FILENO, err_);
        whole_ = whole_ && out_written && err_written;
        out_.clear();
        err_.clear();
        return whole_;
    }

    bool is_terminal(Stream stream) const override { return ::isatty(static_cast<int>(stream)); }

    Result<std::string> read_input(std::size_t max_bytes) override {
        std::string text;
        std::array<char, 4096> piece;
        for (;;) {
            const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return unreadable("cannot be read");
            if (got == 0) return text;
            text.append(piece.data(), static_cast<std::size_t>(got));
            if (text.size() > max_bytes) return unreadable("too long");
        }
    }

    Result<std::string> read_secret(std::string_view prompt) override {
        err(*this, prompt);
        flush();
        const EchoOff quiet(STDIN_FILENO);
        std::string line;
        for (char c = 0; line.size() < kMaxSecret;) {
            const ssize_t got = ::read(STDIN_FILENO, &c, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return unreadable("cannot be read");
            if (got == 0 || c == '\n') return line;
            line += c;
        }
        return unreadable("the line is too long");
    }

    bool pause(Duration duration) override {
        flush();
        // Without a terminal there is nobody to press a key, and a closed input would never wait.
        const bool listens = is_terminal(Stream::in);
        pollfd key{STDIN_FILENO, POLLIN, 0};
        const int pressed = ::poll(&key, listens ? 1 : 0, static_cast<int>(duration.count()));
        return pressed == 0 || (pressed < 0 && errno == EINTR);
    }

private:
    std::string out_;
    std::string err_;
    bool whole_ = true;
};

static_assert(static_cast<int>(Stream::in) == STDIN_FILENO);
static_assert(static_cast<int>(Stream::out) == STDOUT_FILENO);
static_assert(static_cast<int>(Stream::err) == STDERR_FILENO);

}  // namespace

std::unique_ptr<Console> system_console() { return std::make_unique<PosixConsole>(); }

}  // namespace latchkey::cli
