#include "platform/endpoint/local_endpoint.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <vector>

#include "platform/endpoint/line.h"
#include "platform/endpoint/peer_account_posix.h"
#include "platform/endpoint/peercred_posix.h"
#include "platform/socket_address_posix.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr mode_t kEveryone = 0666;
constexpr mode_t kOwner = 0600;
constexpr mode_t kDirectoryMode = 0755;
constexpr int kBacklog = 64;

class PosixConnection final : public LocalConnection {
public:
    PosixConnection(stream_protocol::socket socket, Peer peer)
        : line_(std::make_shared<SocketLine>(std::move(socket))), peer_(std::move(peer)) {}
    PosixConnection(const PosixConnection&) = delete;
    PosixConnection& operator=(const PosixConnection&) = delete;
    ~PosixConnection() override { line_->shut(); }

    const Peer& peer() const override { return peer_; }

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into,
                                                   Duration deadline) override {
        const auto line = line_;
        error_code error;
        const std::size_t got = co_await line->read_some(into, deadline, error);
        if (error == asio::error::eof) co_return std::size_t{0};
        if (error) co_return failure(*line, error);
        co_return got;
    }

    asio::awaitable<Result<void>> write(std::span<const std::uint8_t> bytes,
                                        Duration deadline) override {
        const auto line = line_;
        error_code error;
        co_await line->write(bytes, deadline, error);
        if (error) co_return failure(*line, error);
        co_return Result<void>{};
    }

    void close() override { line_->shut(); }

private:
    using SocketLine = Line<stream_protocol::socket>;

    static Failure failure(const SocketLine& line, error_code error) {
        return fail(Code::agent_unreachable, line.expired() ? kSilentTooLong : error.message());
    }

    std::shared_ptr<SocketLine> line_;
    Peer peer_;
};

/// As the kernel describes it; `unanswered` where it leaves open whether the group makes it an
/// administrator.
Peer describe_peer(int socket, std::optional<gid_t> admin_group, bool& unanswered) {
    Peer peer;
    unanswered = false;
    const auto found = peer_credentials(socket);
    if (!found) return peer;  // nobody's rights
    peer.user_id = found->uid;
    peer.group_id = found->gid;
    peer.process_id = found->pid;
    peer.administrator = found->uid == 0 || found->uid == ::geteuid();
    if (!peer.administrator && admin_group) {
        const auto [groups, complete] = peer_groups(socket);
        peer.administrator = found->gid == *admin_group ||
                             std::find(groups.begin(), groups.end(), *admin_group) != groups.end();
        unanswered = !peer.administrator && !complete;
    }
    return peer;
}

class PosixListener final : public LocalListener {
public:
    PosixListener(stream_protocol::acceptor acceptor, fs::path path, UniqueFd claim,
                  std::optional<gid_t> group)
        : acceptor_(std::move(acceptor)),
          path_(std::move(path)),
          claim_(std::move(claim)),
          admin_group_(group) {
        struct stat info {};
        if (::lstat(path_.c_str(), &info) == 0) inode_ = info.st_ino;
    }
    PosixListener(const PosixListener&) = delete;
    PosixListener& operator=(const PosixListener&) = delete;
    ~PosixListener() override { close(); }

    asio::awaitable<Result<std::unique_ptr<LocalConnection>>> accept() override {
        error_code error;
        stream_protocol::socket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return failure(error);
        bool unanswered = false;
        Peer peer = describe_peer(socket.native_handle(), admin_group_, unanswered);
        const auto account = co_await accounts_.look_up(static_cast<uid_t>(peer.user_id),
                                                        unanswered ? admin_group_ : std::nullopt);
        peer.user_name = account.name;
        peer.administrator = peer.administrator || account.is_member;
        // Closed meanwhile?
        if (!acceptor_.is_open()) co_return failure(asio::error::operation_aborted);
        co_return std::make_unique<PosixConnection>(std::move(socket), std::move(peer));
    }

    void close() override {
        if (!acceptor_.is_open()) return;
        // Only what we bound ourselves: a successor may already have put its own there.
        struct stat info {};
        if (::lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) ::unlink(path_.c_str());
        error_code ignored;
        acceptor_.close(ignored);
        claim_ = UniqueFd();
    }

private:
    static Failure failure(error_code error) {
        const bool exhausted = error == boost::system::errc::too_many_files_open ||
                               error == boost::system::errc::too_many_files_open_in_system ||
                               error == boost::system::errc::not_enough_memory ||
                               error == boost::system::errc::no_buffer_space;
        return fail(exhausted ? Code::rate_limited : Code::agent_unreachable,
                    "accept: " + error.message());
    }

    stream_protocol::acceptor acceptor_;
    fs::path path_;
    UniqueFd claim_;
    std::optional<gid_t> admin_group_;
    ino_t inode_ = 0;
    PeerAccounts accounts_;
};

Failure storage_failure(std::string_view what, const fs::path& path, int error) {
    return fail(Code::storage_failed, errno_text(what, path.native(), error));
}

Result<void> make_directory(const fs::path& directory) {
    std::error_code error;
    if (!fs::exists(directory, error)) {
        fs::create_directories(directory.parent_path(), error);
        if (::mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST)
            return storage_failure("cannot create", directory, errno);
        ::chmod(directory.c_str(), kDirectoryMode);  // whatever the umask was
    }
    UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return storage_failure("cannot open", directory, errno);
    if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0)
        return fail(
            Code::not_permitted,
            directory.native() + " can be changed by everybody; nobody could trust a socket there");
    return {};
}

/// Held by whoever listens at `path`, for as long as it does. A refused connection alone does not
/// tell that nobody does: macOS refuses also while the queue of who waits is full (unp_connect in
/// XNU's uipc_usrreq.c).
Result<UniqueFd> claim(const fs::path& path) {
    const std::string lock = path.native() + ".lock";
    UniqueFd fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kOwner));
    if (!fd) return storage_failure("cannot open", lock, errno);
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK)
            return fail(Code::state_locked, path.native() + " is served by another process");
        return storage_failure("cannot lock", lock, errno);
    }
    return fd;
}

/// Makes room for a new socket at `path`, which the caller has claimed. Who answers there without
/// a claim is no agent of ours, or an older one.
Result<void> clear_stale_socket(const fs::path& path, const SocketAddress& address) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return {};
        return storage_failure("cannot look at", path, errno);
    }
    if (!S_ISSOCK(info.st_mode))
        return fail(Code::not_permitted, path.native() + " is there and is not a socket");
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (!probe) return storage_failure("cannot probe", path, errno);
    ::fcntl(probe.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(probe.get(), F_SETFL, O_NONBLOCK);
    if (::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED)
        return fail(Code::state_locked, path.native() + " is served by another process");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return storage_failure("cannot remove the stale socket", path, errno);
    return {};
}

std::optional<gid_t> gid_of_group(const std::string& name) {
    if (name.empty()) return std::nullopt;
    std::vector<char> buffer(1024);
    group entry{};
    group* found = nullptr;
    while (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE)
        buffer.resize(buffer.size() * 2);
    return found != nullptr ? std::optional(found->gr_gid) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<LocalListener>> listen_local(asio::any_io_executor executor,
                                                    const fs::path& endpoint,
                                                    const std::string& admin_group, Reach reach) {
    const auto address = socket_address(endpoint.native(), false);
    if (!address)
        return fail(Code::config_invalid,
                    "the socket's path is too long or empty: " + endpoint.native());
    if (auto made = make_directory(endpoint.has_parent_path() ? endpoint.parent_path() : ".");
        !made)
        return fail(std::move(made.error()));
    auto claimed = claim(endpoint);
    if (!claimed) return fail(std::move(claimed.error()));
    if (auto cleared = clear_stale_socket(endpoint, *address); !cleared)
        return fail(std::move(cleared.error()));

    error_code error;
    stream_protocol::acceptor acceptor(executor);
    acceptor.open(stream_protocol{}, error);
    if (!error) acceptor.bind(stream_protocol::endpoint(endpoint.native()), error);
    if (error)
        return fail(Code::storage_failed,
                    "cannot bind " + endpoint.native() + ": " + error.message());
    if (::chmod(endpoint.c_str(), reach == Reach::everyone ? kEveryone : kOwner) != 0)
        return storage_failure("cannot set the mode of", endpoint, errno);
    acceptor.listen(kBacklog, error);
    if (error)
        return fail(Code::storage_failed,
                    "cannot listen at " + endpoint.native() + ": " + error.message());
    return std::make_unique<PosixListener>(std::move(acceptor), endpoint, std::move(*claimed),
                                           gid_of_group(admin_group));
}

}  // namespace latchkey::platform
