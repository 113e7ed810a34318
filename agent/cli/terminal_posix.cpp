#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>

#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kHeldBack = 64 * 1024;
constexpr std::size_t kMaxSecret = 4096;

/// Other manners of a terminal for as long as it lives.
class Manners {
public:
    Manners(int fd, tcflag_t without, tcflag_t with, int when)
        : fd_(fd), when_(when), was_set_(::tcgetattr(fd, &before_) == 0) {
        termios other = before_;
        other.c_lflag &= ~without;
        other.c_lflag |= with;
        if (was_set_) ::tcsetattr(fd_, when_, &other);
    }
    Manners(const Manners&) = delete;
    Manners& operator=(const Manners&) = delete;
    ~Manners() {
        if (was_set_) ::tcsetattr(fd_, when_, &before_);
    }

private:
    int fd_;
    int when_;
    termios before_{};
    bool was_set_;
};

volatile std::sig_atomic_t ended_by_user = 0;
volatile std::sig_atomic_t window_changed = 0;

void end_by_user(int) { ended_by_user = 1; }
void look_again(int) { window_changed = 1; }

/// From the first pause on Ctrl-C ends the pause, not the program in the middle of a picture; a
/// second one ends the program all the same. They are let in only while it waits, so that none is
/// missed.
class Signals {
public:
    Signals() {
        sigemptyset(&held_back_);
        handle(SIGINT, end_by_user, static_cast<int>(SA_RESETHAND));
        handle(SIGTERM, end_by_user, static_cast<int>(SA_RESETHAND));
        handle(SIGWINCH, look_again, 0);
    }
    /// True where `fd` (none: -1) has something to read; false when the time is over or a signal
    /// came.
    bool wait(int fd, Duration duration) const {
        sigset_t before;
        ::pthread_sigmask(SIG_BLOCK, &held_back_, &before);
        fd_set readable;
        FD_ZERO(&readable);
        if (fd >= 0) FD_SET(fd, &readable);
        const timespec time{duration.count() / 1000, duration.count() % 1000 * 1'000'000};
        const bool ready = ended_by_user == 0 && window_changed == 0 &&
                           ::pselect(fd + 1, &readable, nullptr, nullptr, &time, &before) > 0;
        window_changed = 0;
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return ready;
    }

private:
    void handle(int signal, void (*handler)(int), int flags) {
        struct sigaction action {};
        action.sa_handler = handler;
        action.sa_flags = flags;
        ::sigaction(signal, &action, nullptr);
        sigaddset(&held_back_, signal);
    }
    sigset_t held_back_{};
};

/// 0, or errno.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return put < 0 ? errno : EIO;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return 0;
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
        for (const int failed : {write_all(STDOUT_FILENO, out_), write_all(STDERR_FILENO, err_)})
            if (trouble_ == 0) trouble_ = failed;
        out_.clear();
        err_.clear();
        return trouble_ == 0;
    }

    std::string trouble() const override {
        return trouble_ == 0 ? std::string() : std::generic_category().message(trouble_);
    }

    std::optional<Window> window(Stream stream) const override {
        winsize size{};
        if (::ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) != 0) return std::nullopt;
        return Window{size.ws_col, size.ws_row};
    }

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
        const Manners quiet(STDIN_FILENO, ECHO, ECHONL, TCSAFLUSH);
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
        if (!signals_) signals_.emplace();
        flush();
        // Without a terminal there is nobody to press a key, and a closed input would never wait.
        if (!is_terminal(Stream::in)) {
            signals_->wait(-1, duration);
            return ended_by_user == 0;
        }
        const Manners any_key(STDIN_FILENO, ICANON | ECHO, 0, TCSANOW);
        const bool pressed = signals_->wait(STDIN_FILENO, duration);
        char c = 0;  // the key was for us, not for whatever reads the terminal next
        if (pressed) (void)!::read(STDIN_FILENO, &c, 1);
        return !pressed && ended_by_user == 0;
    }

private:
    std::string out_;
    std::string err_;
    int trouble_ = 0;  ///< errno of the first write that failed
    std::optional<Signals> signals_;
};

static_assert(static_cast<int>(Stream::in) == STDIN_FILENO);
static_assert(static_cast<int>(Stream::out) == STDOUT_FILENO);
static_assert(static_cast<int>(Stream::err) == STDERR_FILENO);

}  // namespace

bool environment_allows_color() {
    const char* const refused = std::getenv("NO_COLOR");
    if (refused != nullptr && *refused != '\0') return false;
    const char* const terminal = std::getenv("TERM");
    return terminal != nullptr && std::string_view(terminal) != "dumb";
}

bool environment_is_unicode() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const locale = std::getenv(name);
        if (locale == nullptr || *locale == '\0') continue;
        std::string encoding(locale);
        encoding.erase(0, std::min(encoding.find('.'), encoding.size()));
        for (char& c : encoding) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return encoding.starts_with(".utf-8") || encoding.starts_with(".utf8");
    }
    return false;
}

std::unique_ptr<Console> system_console() { return std::make_unique<PosixConsole>(); }

}  // namespace latchkey::cli
