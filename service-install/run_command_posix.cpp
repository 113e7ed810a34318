#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "service-install/run_command.h"

namespace latchkey::service_install {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr std::array kDirectories = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

std::string find_program(const std::string& name) {
    for (const std::string directory : kDirectories)
        if (std::string path = directory + "/" + name; ::access(path.c_str(), X_OK) == 0)
            return path;
    return {};
}

std::string drain(int fd) {
    std::string output;
    std::array<char, 4096> chunk;
    for (;;) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return output;
        if (output.size() < kMaxOutput) output.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

/// The program's exit status, or its errno where it could not be started, as a negative number.
int spawn(const std::string& path, const std::vector<std::string>& command, int output,
          pid_t& pid) {
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string language = "LC_ALL=C";
    std::array<char*, 3> environment{search.data(), language.data(), nullptr};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    const int error =
        ::posix_spawn(&pid, path.c_str(), &files, nullptr, words.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&files);
    return error;
}

}  // namespace

Result<Finished> run_command(const std::vector<std::string>& command) {
    const std::string path = find_program(command.front());
    if (path.empty()) return fail(Code::internal, "there is no program " + command.front());
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0)
        return fail(Code::internal, "pipe: " + std::generic_category().message(errno));
    for (const int end : pipe) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    pid_t pid = -1;
    const int error = spawn(path, command, pipe[1], pid);
    ::close(pipe[1]);
    Finished finished;
    if (error == 0) finished.output = drain(pipe[0]);
    ::close(pipe[0]);
    if (error != 0)
        return fail(Code::internal,
                    "cannot start " + path + ": " + std::generic_category().message(error));
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status)) return fail(Code::internal, path + " was killed by a signal");
    finished.exit_code = WEXITSTATUS(status);
    return finished;
}

}  // namespace latchkey::service_install
