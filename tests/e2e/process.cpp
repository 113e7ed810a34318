#include "tests/e2e/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace latchkey::e2e {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string file_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Milliseconds until `end`, as poll() wants them.
int remaining(Clock::time_point end) {
    const auto left = std::chrono::duration_cast<Millis>(end - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
}

int exit_code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct Pipe {
    int read = -1;
    int write = -1;
    Pipe() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
        read = ends[0];
        write = ends[1];
    }
};

/// "NAME=value" of our own environment with the command's laid over it.
std::vector<std::string> environment_of(const Command& command) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!command.environment.contains(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> c_strings(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (auto& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

/// Starts it as the leader of a new process group with these three streams.
pid_t spawn(const Command& command, int in, int out, int err) {
    // Grandchildren that a wrapper left behind come to us, so that their end can be waited for.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, err, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    auto argv = command.argv;
    auto environment = environment_of(command);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, argv.at(0).c_str(), &files, &attributes,
                                   c_strings(argv).data(), c_strings(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
        errno = error;
        throw_errno("cannot start " + joined(command.argv));
    }
    return pid;
}

int open_pidfd(pid_t pid) {
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (fd < 0) throw_errno("pidfd_open");
    return fd;
}

/// Kills the group and waits until its last member is gone.
void kill_group(pid_t group) {
    ::kill(-group, SIGKILL);
    while (waitpid(-group, nullptr, 0) > 0 || errno == EINTR) {
    }
}

/// Sends all of `text`; a reader that has gone away is its own affair.
void feed(int fd, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const auto count = ::write(fd, text.data() + sent, text.size() - sent);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

/// Read from its beginning, in the program's own time.
int file_with(const std::string& text) {
    const int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0) throw_errno("memfd_create");
    feed(fd, text);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/// Appends what is there to read; false at the end of the stream.
bool drain(int fd, std::string& into) {
    std::array<char, 8192> buffer{};
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
}

/// Reads both streams to their ends; false if the deadline passed first.
bool collect(int out, int err, Finished& into, Clock::time_point end) {
    std::array<pollfd, 2> streams{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        const int ready = poll(streams.data(), streams.size(), remaining(end));
        if (ready == 0) return false;
        if (ready < 0) continue;
        if (streams[0].revents != 0 && !drain(out, into.out)) streams[0].fd = -1;
        if (streams[1].revents != 0 && !drain(err, into.err)) streams[1].fd = -1;
    }
    return true;
}

}  // namespace

Finished run(const Command& command, Millis deadline) {
    const auto end = Clock::now() + deadline;
    signal(SIGPIPE, SIG_IGN);
    Pipe in;
    Pipe out;
    Pipe err;
    const pid_t pid = spawn(command, in.read, out.write, err.write);
    for (int fd : {in.read, out.write, err.write}) close(fd);
    feed(in.write, command.input);
    close(in.write);
    Finished finished;
    const bool in_time = collect(out.read, err.read, finished, end);
    close(out.read);
    close(err.read);
    if (!in_time) {
        kill_group(pid);
        throw std::runtime_error("too slow: " + joined(command.argv) + "\n" + finished.out +
                                 finished.err);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    finished.exit_code = exit_code_of(status);
    return finished;
}

Process::Process(const Command& command, fs::path log) : log_(std::move(log)) {
    Pipe out;
    const int in = file_with(command.input);
    const int err = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (in < 0 || err < 0) throw_errno("cannot open " + log_.string());
    pid_ = spawn(command, in, out.write, err);
    for (int fd : {in, err, out.write}) close(fd);
    stdout_ = out.read;
    pidfd_ = open_pidfd(pid_);
}

Process::~Process() {
    kill();
    close(stdout_);
    close(pidfd_);
}

std::string Process::wait_for_line(std::string_view prefix, Millis deadline) {
    const auto end = Clock::now() + deadline;
    while (true) {
        for (auto eol = unread_.find('\n'); eol != std::string::npos; eol = unread_.find('\n')) {
            const std::string line = unread_.substr(0, eol);
            unread_.erase(0, eol + 1);
            if (line.starts_with(prefix)) return line;
        }
        pollfd stream{stdout_, POLLIN, 0};
        const int ready = poll(&stream, 1, remaining(end));
        const bool over = ready == 0 || (ready > 0 && !drain(stdout_, unread_));
        if (over)
            throw std::runtime_error("no line '" + std::string(prefix) + "' came; " +
                                     log_.string() + ":\n" + log_text());
    }
}

bool Process::ended() {
    if (exit_code_) return true;
    int status = 0;
    const pid_t got = waitpid(pid_, &status, WNOHANG);
    if (got == pid_) exit_code_ = exit_code_of(status);
    return exit_code_.has_value();
}

int Process::wait(Millis deadline) {
    pollfd death{pidfd_, POLLIN, 0};
    const auto end = Clock::now() + deadline;
    while (!ended()) {
        if (poll(&death, 1, remaining(end)) == 0)
            throw std::runtime_error("it did not end; " + log_.string() + ":\n" + log_text());
    }
    return *exit_code_;
}

void Process::signal(int number) const { ::kill(-pid_, number); }

int Process::stop(Millis deadline) {
    if (!ended()) signal(SIGTERM);
    return wait(deadline);
}

void Process::kill() {
    if (!exit_code_) exit_code_ = 128 + SIGKILL;
    kill_group(pid_);
}

pid_t Process::find(std::string_view program) const {
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto pid = static_cast<pid_t>(std::stol(name));
        if (getpgid(pid) != pid_) continue;
        std::error_code gone;
        const auto executable = fs::read_symlink(entry.path() / "exe", gone);
        if (!gone && executable.filename() == program) return pid;
    }
    return 0;
}

std::string Process::log_text() const { return file_text(log_); }

}  // namespace latchkey::e2e
