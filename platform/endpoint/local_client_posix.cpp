#include "platform/endpoint/local_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "platform/clock_ticks.h"
#include "platform/endpoint/peercred_posix.h"
#include "platform/passwd_posix.h"
#include "platform/socket_address_posix.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {
namespace {

constexpr Duration kLongestWait = hours(24);

Failure timed_out() { return fail(Code::agent_unreachable, kNoAnswerInTime); }

class PosixClient final : public LocalClient {
public:
    PosixClient(UniqueFd fd, SinceBoot deadline) : fd_(std::move(fd)), deadline_(deadline) {}

    Result<std::size_t> read_some(std::span<std::uint8_t> into) override {
        for (;;) {
            if (auto ready = wait_for(POLLIN); !ready) return fail(std::move(ready.error()));
            const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (!try_again()) return fail(Code::agent_unreachable, errno_text("read", "", errno));
        }
    }

    Result<void> write(std::span<const std::uint8_t> bytes) override {
        while (!bytes.empty()) {
            const ssize_t put =
                ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (put >= 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(put));
                continue;
            }
            if (!try_again()) return fail(Code::agent_unreachable, errno_text("write", "", errno));
            if (auto ready = wait_for(POLLOUT); !ready) return ready;
        }
        return {};
    }

private:
    static bool try_again() { return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK; }

    Result<void> wait_for(short events) {
        for (;;) {
            const Duration left = deadline_ - ticks_since_boot();
            if (left <= Duration::zero()) return timed_out();
            pollfd waited{fd_.get(), events, 0};
            const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
            if (ready > 0) return {};
            if (ready < 0 && errno != EINTR)
                return fail(Code::agent_unreachable, errno_text("poll", "", errno));
        }
    }

    UniqueFd fd_;
    SinceBoot deadline_;
};

UniqueFd open_socket(Duration deadline) {
    // macOS has no SOCK_CLOEXEC; a client that execs nothing does not miss it there.
#ifdef SOCK_CLOEXEC
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
#else
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (fd) ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
#endif
#ifdef SO_NOSIGPIPE
    // macOS' way for what MSG_NOSIGNAL is.
    const int on = 1;
    if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    // On Linux connect() waits while the agent's queue is full, and only this option bounds that;
    // on macOS it is refused.
    const auto whole = std::chrono::duration_cast<seconds>(deadline);
    timeval limit{};
    limit.tv_sec = static_cast<decltype(limit.tv_sec)>(whole.count());
    limit.tv_usec = static_cast<decltype(limit.tv_usec)>((deadline - whole).count() * 1000);
    if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

bool is_trusted_owner(uid_t uid) {
    return uid == 0 || uid == ::geteuid() || uid == uid_of_user(kAgentUser);
}

bool root_finds_the_owner_of(const std::filesystem::path& directory, uid_t uid) {
    struct stat status {};
    return ::geteuid() == 0 && ::stat(directory.c_str(), &status) == 0 && status.st_uid == uid;
}

}  // namespace

Result<std::unique_ptr<LocalClient>> connect_local(const std::filesystem::path& endpoint,
                                                   Duration deadline, TrustedOwner trusted) {
    deadline = std::clamp(deadline, Duration(1), kLongestWait);
    const SinceBoot until = ticks_since_boot() + deadline;
    const auto address = socket_address(endpoint.native(), false);
    if (!address)
        return fail(Code::agent_unreachable,
                    "the socket's path is too long or empty: " + endpoint.native());
    UniqueFd fd = open_socket(deadline);
    if (!fd) return fail(Code::agent_unreachable, errno_text("socket", "", errno));
    while (::connect(fd.get(), address->get(), address->size) != 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return timed_out();
        return fail(
            errno == EACCES || errno == EPERM ? Code::not_permitted : Code::agent_unreachable,
            errno_text("cannot connect to", endpoint.native(), errno));
    }
    const auto owner = peer_credentials(fd.get());
    if (!owner || !(is_trusted_owner(owner->uid) ||
                    (trusted == TrustedOwner::or_of_directory &&
                     root_finds_the_owner_of(endpoint.parent_path(), owner->uid))))
        return fail(Code::not_permitted,
                    endpoint.native() + " is served by another user than root, you or the agent's");
    return std::make_unique<PosixClient>(std::move(fd), until);
}

}  // namespace latchkey::platform
