// kill_at PID N: lets the process run until it is about to make its N-th system call that writes
// (to a file's contents or name, to a socket), counted over all of its threads from now on, and
// kills it there, before the call has any effect. N = 0 only counts. Says "attached" once every
// call is watched, "killed N NAME" when it struck, and, ended by SIGTERM, "counted N" after letting
// the process go unharmed. Used by crash_test.cpp; strace could inject the same signal, but counts
// each thread by itself.

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr int kOptions =
    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;

/// stdout, stderr, wake-ups of our own threads: nothing is lost or sent there.
bool is_talk_to_self(pid_t pid, uint64_t descriptor) {
    if (descriptor <= 2) return true;
    std::error_code gone;
    const auto target = fs::read_symlink(
        "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor), gone);
    return !gone &&
           (target.string().starts_with("anon_inode:") || target.string().starts_with("pipe:"));
}

struct Named {
    uint64_t number;
    const char* name;
};

constexpr std::array kOnDescriptors{
    Named{SYS_write, "write"},         Named{SYS_writev, "writev"},
    Named{SYS_pwrite64, "pwrite64"},   Named{SYS_pwritev, "pwritev"},
    Named{SYS_sendto, "sendto"},       Named{SYS_sendmsg, "sendmsg"},
    Named{SYS_fsync, "fsync"},         Named{SYS_fdatasync, "fdatasync"},
    Named{SYS_ftruncate, "ftruncate"}, Named{SYS_fallocate, "fallocate"}};
constexpr std::array kOnNames{
    Named{SYS_rename, "rename"}, Named{SYS_renameat, "renameat"}, Named{SYS_renameat2, "renameat2"},
    Named{SYS_unlink, "unlink"}, Named{SYS_unlinkat, "unlinkat"}, Named{SYS_link, "link"},
    Named{SYS_linkat, "linkat"}, Named{SYS_mkdir, "mkdir"},       Named{SYS_mkdirat, "mkdirat"}};

/// The call's name if it writes; nullptr otherwise.
const char* writing_call(pid_t pid, const __ptrace_syscall_info& call) {
    for (const auto& [number, name] : kOnDescriptors)
        if (call.entry.nr == number)
            return is_talk_to_self(pid, call.entry.args[0]) ? nullptr : name;
    for (const auto& [number, name] : kOnNames)
        if (call.entry.nr == number) return name;
    if (call.entry.nr == SYS_openat && (call.entry.args[2] & O_CREAT) != 0) return "openat";
    return nullptr;
}

void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

std::vector<pid_t> threads_of(pid_t process) {
    std::vector<pid_t> threads;
    std::error_code gone;
    for (const auto& task :
         fs::directory_iterator("/proc/" + std::to_string(process) + "/task", gone))
        threads.push_back(static_cast<pid_t>(std::stol(task.path().filename().string())));
    return threads;
}

class Watch {
public:
    Watch(pid_t pid, int strike_at) : pid_(pid), strike_at_(strike_at) {}

    /// Seizes every thread, those born meanwhile too. A helper thread may end between the listing
    /// and its seizing; the process itself may not.
    bool attach() {
        bool found_another = true;
        while (found_another) {
            found_another = false;
            for (const pid_t thread : threads_of(pid_)) {
                if (seized_.contains(thread)) continue;
                // One that a seized thread made is traced already, and refuses.
                if (ptrace(PTRACE_SEIZE, thread, nullptr, kOptions) == 0) {
                    ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
                    starting_.insert(thread);
                    found_another = true;
                } else if (thread == pid_) {
                    return false;
                }
                seized_.insert(thread);
            }
        }
        return true;
    }

    /// SIGCHLD and SIGTERM are blocked: each is fetched here, so none can slip in before a wait.
    int run(const sigset_t& signals) {
        while (true) {
            int arrived = 0;
            sigwait(&signals, &arrived);
            if (arrived == SIGTERM && struck_.empty()) return let_go();
            int status = 0;
            pid_t thread = 0;
            while ((thread = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
                if (WIFSTOPPED(status)) resume(thread, status);
                starting_.erase(thread);
                say_attached();
            }
            if (thread < 0 && errno == ECHILD) {
                say(struck_.empty() ? "gone" : "killed " + std::to_string(count_) + " " + struck_);
                return 0;
            }
        }
    }

private:
    /// A thread counts as watched from its first stop on, whichever that is: another stop takes the
    /// place of the one PTRACE_INTERRUPT asked for.
    void resume(pid_t thread, int status) {
        const int signal = WSTOPSIG(status);
        const bool is_event = (status >> 16) != 0;
        int deliver = 0;
        if (signal == (SIGTRAP | 0x80))
            syscall_stop(thread);
        else if (!is_event)
            deliver = signal;
        ptrace(PTRACE_SYSCALL, thread, nullptr, deliver);
    }

    void say_attached() {
        if (said_attached_ || !starting_.empty()) return;
        said_attached_ = true;
        say("attached");
    }

    void syscall_stop(pid_t thread) {
        __ptrace_syscall_info call{};
        if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof call, &call) <= 0) return;
        if (call.op != PTRACE_SYSCALL_INFO_ENTRY || !struck_.empty()) return;
        const char* name = writing_call(pid_, call);
        if (name == nullptr || ++count_ != strike_at_) return;
        struck_ = name;
        kill(pid_, SIGKILL);
    }

    /// Detaching needs each thread stopped once more.
    int let_go() {
        for (const pid_t thread : threads_of(pid_)) {
            ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
            int status = 0;
            if (waitpid(thread, &status, __WALL) < 0 || !WIFSTOPPED(status)) continue;
            const bool own_signal = (status >> 16) == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80);
            ptrace(PTRACE_DETACH, thread, nullptr, own_signal ? WSTOPSIG(status) : 0);
        }
        say("counted " + std::to_string(count_));
        return 0;
    }

    pid_t pid_;
    int strike_at_;
    int count_ = 0;
    bool said_attached_ = false;
    std::string struck_;
    std::set<pid_t> seized_;    // or found to be traced or gone
    std::set<pid_t> starting_;  // seized and not seen stopped yet
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: kill_at PID N\n", stderr);
        return 64;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    Watch watch(std::atoi(argv[1]), std::atoi(argv[2]));
    if (!watch.attach()) {
        std::perror("cannot attach");
        return 1;
    }
    return watch.run(signals);
}
