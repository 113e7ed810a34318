// The process's own terminal: how a pause ends. Each story is a child on a terminal of its own.

#include "agent/cli/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

namespace latchkey::cli {
namespace {

constexpr int kGoesOn = 10;
constexpr int kEnded = 11;
constexpr unsigned kPatience = 60;  // seconds until a child that hangs is ended

/// Whether the terminal still is as a shell wants it, beside what the pause said.
int report(bool goes_on) {
    termios now{};
    const bool as_before = ::tcgetattr(STDIN_FILENO, &now) == 0 && (now.c_lflag & ICANON) != 0 &&
                           (now.c_lflag & ECHO) != 0;
    if (!as_before) return 1;
    return goes_on ? kGoesOn : kEnded;
}

class Terminal {
public:
    Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
        EXPECT_EQ(::grantpt(master_), 0);
        EXPECT_EQ(::unlockpt(master_), 0);
        resize(80, 24);
        child_ = ::fork();
        if (child_ == 0) live();
        // The child says something only when it listens to signals.
        char c = 0;
        EXPECT_EQ(::read(master_, &c, 1), 1);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() { ::close(master_); }

    void resize(unsigned short columns, unsigned short rows) {
        const winsize size{rows, columns, 0, 0};
        EXPECT_EQ(::ioctl(master_, TIOCSWINSZ, &size), 0);
    }
    void press(char key) { EXPECT_EQ(::write(master_, &key, 1), 1); }
    /// The child's exit code, or -1 where it was killed.
    int outcome() {
        int status = 0;
        EXPECT_EQ(::waitpid(child_, &status, 0), child_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    [[noreturn]] void live() {
        ::alarm(kPatience);
        ::setsid();
        const int slave = ::open(::ptsname(master_), O_RDWR);  // becomes the controlling one
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(slave, fd);
        const auto console = system_console();
        out(*console, "x");
        const bool goes_on = console->pause(hours{24});
        ::_exit(report(goes_on));
    }

    int master_;
    pid_t child_ = -1;
};

TEST(Pause, ends_with_a_key) {
    Terminal terminal;
    terminal.press('q');
    EXPECT_EQ(terminal.outcome(), kEnded);
}

TEST(Pause, ends_cleanly_with_control_c) {
    Terminal terminal;
    terminal.press('\x03');
    EXPECT_EQ(terminal.outcome(), kEnded) << "-1: the program was killed";
}

TEST(Pause, goes_on_at_once_where_the_window_has_another_size) {
    Terminal terminal;
    terminal.resize(40, 24);
    EXPECT_EQ(terminal.outcome(), kGoesOn);
}

TEST(Pause, without_a_terminal_nobody_presses_a_key) {
    const auto console = system_console();
    const int before = ::dup(STDIN_FILENO);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    EXPECT_FALSE(console->window(Stream::in));
    ::dup2(before, STDIN_FILENO);
    ::close(before);
    ::close(nothing);
}

}  // namespace
}  // namespace latchkey::cli
