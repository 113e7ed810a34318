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

namespace {

namespace fs = std::filesystem;

volatile sig_atomic_t asked_to_end = 0;

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

class Watch {
public:
    Watch(pid_t pid, int strike_at) : pid_(pid), strike_at_(strike_at) {}

    bool attach() {
        for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
            const auto thread = static_cast<pid_t>(std::stol(task.path().filename().string()));
            if (ptrace(PTRACE_SEIZE, thread, nullptr, kOptions) != 0) {
                // A helper thread may end between the listing and here; the process itself may not.
                if (thread == pid_) return false;
                continue;
            }
            ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
            starting_.insert(thread);
        }
        return !starting_.empty();
    }

    int run() {
        while (true) {
            int status = 0;
            const pid_t thread = waitpid(-1, &status, __WALL);
            if (asked_to_end != 0 && struck_.empty()) return let_go();
            if (thread < 0 && errno == ECHILD) {
                say(struck_.empty() ? "gone" : "killed " + std::to_string(count_) + " " + struck_);
                return 0;
            }
            if (thread > 0 && WIFSTOPPED(status)) stopped(thread, status);
        }
    }

private:
    void stopped(pid_t thread, int status) {
        const int signal = WSTOPSIG(status);
        const int event = status >> 16;
        int deliver = 0;
        if (signal == (SIGTRAP | 0x80))
            syscall_stop(thread);
        else if (event == 0)
            deliver = signal;
        if (event == PTRACE_EVENT_STOP && starting_.erase(thread) > 0 && starting_.empty())
            attached_ = true;
        ptrace(PTRACE_SYSCALL, thread, nullptr, deliver);
        if (attached_ && !said_attached_) {
            said_attached_ = true;
            say("attached");
        }
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
        std::error_code gone;
        for (const auto& task :
             fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task", gone)) {
            const auto thread = static_cast<pid_t>(std::stol(task.path().filename().string()));
            ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
            int status = 0;
            while (waitpid(thread, &status, __WALL) < 0 && errno == EINTR) {
            }
            const bool own_signal =
                WIFSTOPPED(status) && (status >> 16) == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80);
            ptrace(PTRACE_DETACH, thread, nullptr, own_signal ? WSTOPSIG(status) : 0);
        }
        say("counted " + std::to_string(count_));
        return 0;
    }

    pid_t pid_;
    int strike_at_;
    int count_ = 0;
    bool attached_ = false;
    bool said_attached_ = false;
    std::string struck_;
    std::set<pid_t> starting_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: kill_at PID N\n", stderr);
        return 64;
    }
    struct sigaction end {};
    end.sa_handler = [](int) { asked_to_end = 1; };
    sigaction(SIGTERM, &end, nullptr);  // without SA_RESTART: it ends the wait
    Watch watch(std::atoi(argv[1]), std::atoi(argv[2]));
    if (!watch.attach()) {
        std::perror("cannot attach");
        return 1;
    }
    return watch.run();
}
