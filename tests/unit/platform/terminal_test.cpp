#include "platform/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace latchkey::platform {
namespace {

/// Standard input is something else while it lives.
class StandardInput {
public:
    explicit StandardInput(int fd) : before_(::dup(STDIN_FILENO)) { ::dup2(fd, STDIN_FILENO); }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;
    ~StandardInput() {
        ::dup2(before_, STDIN_FILENO);
        ::close(before_);
    }

private:
    int before_;
};

void put(int fd, std::string_view text) {
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(Terminal, a_line_of_a_file_or_pipe_is_read_without_its_end) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    put(pipe[1], "first\nsecond");
    ::close(pipe[1]);
    {
        const StandardInput input(pipe[0]);
        EXPECT_EQ(read_hidden_line("? ", 100).value(), "first");
        EXPECT_EQ(read_hidden_line("? ", 3).error().code, Code::input_unreadable);
        EXPECT_EQ(read_hidden_line("? ", 100).value(), "nd") << "the end is as good as a line's";
        EXPECT_EQ(read_hidden_line("? ", 100).value(), "");
    }
    ::close(pipe[0]);
}

TEST(Terminal, what_is_typed_is_not_shown_and_the_terminal_is_as_before) {
    const int keyboard = ::posix_openpt(O_RDWR | O_NOCTTY);
    ASSERT_GE(keyboard, 0);
    ASSERT_EQ(::grantpt(keyboard), 0);
    ASSERT_EQ(::unlockpt(keyboard), 0);
    const int terminal = ::open(::ptsname(keyboard), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal, 0);
    termios before{};
    ASSERT_EQ(::tcgetattr(terminal, &before), 0);
    ASSERT_TRUE(before.c_lflag & ECHO);
    {
        // Switching drops what was typed before; so the line is typed by whoever reads the prompt.
        std::array<int, 2> prompt{};
        ASSERT_EQ(::pipe(prompt.data()), 0);
        const int errors = ::dup(STDERR_FILENO);
        ::dup2(prompt[1], STDERR_FILENO);
        const pid_t typist = ::fork();
        if (typist == 0) {
            std::array<char, 16> seen{};
            if (::read(prompt[0], seen.data(), seen.size()) > 0)
                (void)!::write(keyboard, "secret\n", 7);
            ::_exit(0);
        }
        const StandardInput input(terminal);
        const auto line = read_hidden_line("Password: ", 100);
        ::dup2(errors, STDERR_FILENO);
        ::close(errors);
        ::close(prompt[0]);
        ::close(prompt[1]);
        ::waitpid(typist, nullptr, 0);
        EXPECT_EQ(line.value(), "secret");
    }
    termios after{};
    ASSERT_EQ(::tcgetattr(terminal, &after), 0);
    EXPECT_TRUE(after.c_lflag & ECHO);
    std::array<char, 64> shown{};
    ::fcntl(keyboard, F_SETFL, O_NONBLOCK);
    const auto size = ::read(keyboard, shown.data(), shown.size());
    const std::string_view seen(shown.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    EXPECT_EQ(seen.find("secret"), std::string_view::npos) << seen;
    ::close(terminal);
    ::close(keyboard);
}

}  // namespace
}  // namespace latchkey::platform
