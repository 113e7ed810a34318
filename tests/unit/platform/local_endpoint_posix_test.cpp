// The local endpoint as a socket: its file, its folder, and whom the kernel shows.

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "platform/socket_address_posix.h"
#include "platform/unique_fd_posix.h"
#include "tests/unit/platform/local_endpoint_fixture.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

TEST_F(LocalEndpoint, the_kernel_says_who_asked) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    ask_during("hello", echo_once(**listener, peer));
    EXPECT_EQ(peer.user_id, static_cast<std::int64_t>(::geteuid()));
    EXPECT_EQ(peer.group_id, static_cast<std::int64_t>(::getegid()));
    EXPECT_EQ(peer.process_id, static_cast<std::int64_t>(::getpid()));
}

TEST_F(LocalEndpoint, everyone_may_connect_and_only_the_agent_may_replace_the_socket) {
    const mode_t before = ::umask(077);
    const auto listener = listen();
    ::umask(before);
    ASSERT_TRUE(listener) << listener.error().detail;
    EXPECT_EQ(mode_of(endpoint), 0666u);
    EXPECT_EQ(mode_of(endpoint.parent_path()), 0755u);
}

TEST_F(LocalEndpoint, another_user_is_no_administrator) {
    if (::geteuid() != 0) return;  // only root can become somebody else
    ASSERT_EQ(::chmod(dir.path().c_str(), 0755), 0);
    auto listener = listen_local(io.get_executor(), endpoint, "daemon");
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    asio::co_spawn(io, echo_once(**listener, peer), asio::detached);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool nobody =
            ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0;
        ::_exit(nobody && ask(endpoint, "hi") == "you said: hi" ? 0 : 1);
    }
    io.run();
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "an endpoint served by root is trusted by everybody";
    EXPECT_EQ(peer.user_id, 65534);
    EXPECT_EQ(peer.process_id, child);
    EXPECT_FALSE(peer.administrator);
}

TEST_F(LocalEndpoint, a_member_of_the_admin_group_is_an_administrator) {
    if (::geteuid() != 0) return;  // only root can become somebody else
    const gid_t daemon_group = 1;  // "daemon" on every Linux; any existing group would do
    ASSERT_EQ(::chmod(dir.path().c_str(), 0755), 0);
    auto listener = listen_local(io.get_executor(), endpoint, "daemon");
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    asio::co_spawn(io, echo_once(**listener, peer), asio::detached);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool member =
            ::setgroups(1, &daemon_group) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0;
        ::_exit(member && ask(endpoint, "hi") == "you said: hi" ? 0 : 1);
    }
    io.run();
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(peer.user_id, 65534);
    EXPECT_TRUE(peer.administrator);
}

/// A socket at which nobody listens any more.
void leave_dead_socket(const fs::path& endpoint) {
    const auto address = socket_address(endpoint.native(), false);
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(dead.get(), address->get(), address->size), 0);
    ASSERT_EQ(::listen(dead.get(), 1), 0);
}

TEST_F(LocalEndpoint, a_stale_socket_is_replaced) {
    fs::create_directory(endpoint.parent_path());
    leave_dead_socket(endpoint);
    ASSERT_TRUE(fs::exists(endpoint));
    EXPECT_EQ(connect_local(endpoint, kAmple).error().code, Code::agent_unreachable);
    const auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    EXPECT_TRUE(connect_local(endpoint, kAmple));
}

// macOS does so while more clients wait than its queue holds.
TEST_F(LocalEndpoint, an_agent_whose_socket_refuses_connections_keeps_it_while_it_lives) {
    auto first = listen();
    ASSERT_TRUE(first) << first.error().detail;
    fs::remove(endpoint);
    leave_dead_socket(endpoint);
    const auto second = listen();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
    (*first)->close();
    EXPECT_TRUE(listen());
}

TEST_F(LocalEndpoint, a_file_in_its_place_is_left_alone) {
    fs::create_directory(endpoint.parent_path());
    std::ofstream(endpoint) << "precious";
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Code::not_permitted);
    EXPECT_EQ(fs::file_size(endpoint), 8u);
}

TEST_F(LocalEndpoint, a_directory_that_everybody_may_change_is_refused) {
    fs::create_directory(endpoint.parent_path());
    ASSERT_EQ(::chmod(endpoint.parent_path().c_str(), 0777), 0);
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Code::not_permitted);
}

TEST_F(LocalEndpoint, closing_removes_the_socket) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    (*listener)->close();
    EXPECT_FALSE(fs::exists(endpoint));
    const auto client = connect_local(endpoint, kAmple);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Code::agent_unreachable);
}

TEST_F(LocalEndpoint, closing_leaves_a_successors_socket) {
    const auto first = listen();
    ASSERT_TRUE(first);
    fs::remove(endpoint);
    leave_dead_socket(endpoint);
    (*first)->close();
    EXPECT_TRUE(fs::exists(endpoint));
}

TEST_F(LocalEndpoint, the_client_refuses_an_endpoint_of_a_stranger) {
    if (::geteuid() != 0) return;  // only root can become somebody else
    ASSERT_EQ(::chmod(dir.path().c_str(), 0777), 0);
    std::array<int, 2> ready{};
    std::array<int, 2> done{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    ASSERT_EQ(::pipe(done.data()), 0);
    const fs::path forged = dir / "agent.sock";
    const pid_t child = ::fork();
    char byte = 0;
    if (child == 0) {
        ::close(done[1]);
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(1);
        const auto address = socket_address(forged.native(), false);
        const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        if (::bind(fd.get(), address->get(), address->size) != 0 || ::listen(fd.get(), 1) != 0)
            ::_exit(2);
        if (::write(ready[1], "r", 1) != 1) ::_exit(3);
        ::_exit(static_cast<int>(::read(done[0], &byte, 1)));
    }
    ::close(ready[1]);
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    const auto client = connect_local(forged, kAmple);
    EXPECT_TRUE(!client && client.error().code == Code::not_permitted);
    ::close(done[1]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    for (const int fd : {ready[0], done[0]}) ::close(fd);
}

TEST_F(LocalEndpoint, a_path_too_long_for_a_socket_is_an_error_not_a_crash) {
    const fs::path far = dir.path() / std::string(200, 'x');
    EXPECT_EQ(connect_local(far, kAmple).error().code, Code::agent_unreachable);
    EXPECT_EQ(listen(far).error().code, Code::config_invalid);
}

}  // namespace
}  // namespace latchkey::platform
