#include "platform/network/network_change.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

TEST(NetworkWatch, a_watch_that_is_gone_leaves_nothing_to_wait_for) {
    asio::io_context io;
    auto watch = watch_network(io.get_executor(), [] { FAIL(); });
    ASSERT_TRUE(watch);
    io.poll();
    watch.reset();
    io.run();
}

/// In a network of its own: 0 heard of it once, 2 no such network to be had, others wrong.
int change_an_address_and_count() {
    if (::unshare(CLONE_NEWNET) != 0) return 2;
    asio::io_context io;
    int heard = 0;
    std::unique_ptr<NetworkWatch> watch;
    watch = watch_network(io.get_executor(), [&] {
        ++heard;
        watch.reset();
    });
    if (!watch) return 3;
    if (std::system("ip link set lo up && ip address add 192.0.2.1/32 dev lo") != 0) return 2;
    io.run();
    return heard == 1 ? 0 : 4;
}

TEST(NetworkWatch, hears_of_a_new_address_once) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(change_an_address_and_count());
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    const bool had_no_network_of_its_own = WEXITSTATUS(status) == 2 && ::geteuid() != 0;
    EXPECT_TRUE(WEXITSTATUS(status) == 0 || had_no_network_of_its_own) << WEXITSTATUS(status);
}

}  // namespace
}  // namespace latchkey::platform
