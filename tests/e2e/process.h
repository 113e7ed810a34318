#pragma once

// Programs as a test runs them: started with posix_spawn in a process group of their own, their
// output kept, waited for by what they print or by their end, never by time passing. Failures to
// start or a deadline that passes throw: a test that cannot start its programs has failed.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::e2e {

namespace fs = std::filesystem;

using Millis = std::chrono::milliseconds;
/// How long anything may take before the test fails; generous, because machines are shared.
inline constexpr Millis kDeadline{20000};

struct Command {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  ///< added to our own
    std::string input;                               ///< what it reads from stdin
};

struct Finished {
    int exit_code = 0;  ///< 128 + signal where a signal ended it
    std::string out;
    std::string err;
};

/// Runs to the end. At the deadline the whole process group is killed and the call throws.
Finished run(const Command& command, Millis deadline = kDeadline);

/// A running program. Its stderr goes to `log`, its stdout to us. Destroyed: killed, with all of
/// its group.
class Process {
public:
    Process(const Command& command, fs::path log);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// The first line on stdout, from here on, that begins with `prefix`; throws with the log where
    /// the program ends or the deadline passes first.
    std::string wait_for_line(std::string_view prefix, Millis deadline = kDeadline);

    /// Its exit code once it has ended by itself.
    int wait(Millis deadline = kDeadline);
    /// True once the program has ended.
    bool ended();

    void signal(int number) const;
    /// SIGTERM, then the exit code.
    int stop(Millis deadline = kDeadline);
    /// SIGKILL to the whole group; returns when all of it is gone, locks and sockets with it.
    void kill();

    pid_t pid() const { return pid_; }
    /// The process of the group that runs `program` (a wrapper may have started it); 0 if none.
    pid_t find(std::string_view program) const;
    std::string log_text() const;

private:
    pid_t pid_ = 0;
    int stdout_ = -1;
    int pidfd_ = -1;
    std::string unread_;
    std::optional<int> exit_code_;
    fs::path log_;
};

}  // namespace latchkey::e2e
