#include "platform/service/service_host.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>

#include "platform/clock_jump.h"
#include "platform/service/notify_socket_linux.h"
#include "platform/socket_address_posix.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

/// The service manager's end.
class Manager {
public:
    explicit Manager(std::string address) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        const auto at = socket_address(address, true);
        bound_ = at && ::bind(fd_.get(), at->get(), at->size) == 0;
        ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { ::unsetenv("NOTIFY_SOCKET"); }

    bool bound() const { return bound_; }
    std::string heard() const {
        std::array<char, 512> text{};
        const ssize_t got = ::recv(fd_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
    }

private:
    UniqueFd fd_;
    bool bound_ = false;
};

class ServiceHostTest : public testing::Test {
protected:
    void TearDown() override {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }
    std::unique_ptr<ServiceHost> connect(ServiceEvents events = {}) {
        return connect_service_host(io.get_executor(), std::move(events));
    }
    /// Runs handlers until `done`; a hang is CTest's timeout.
    void run_until(const bool& done) {
        while (!done && io.run_one() > 0) {
        }
    }
    TemporaryDirectory dir;
    asio::io_context io;
};

TEST_F(ServiceHostTest, tells_systemd_each_change_in_its_own_words) {
    const Manager manager((dir / "notify").native());
    ASSERT_TRUE(manager.bound());
    const auto host = connect();
    host->ready();
    EXPECT_EQ(manager.heard(), "READY=1\nMAINPID=" + std::to_string(::getpid()));
    host->status("licensed");
    EXPECT_EQ(manager.heard(), "STATUS=licensed");
    host->watchdog_ping();
    EXPECT_EQ(manager.heard(), "WATCHDOG=1");
    host->stopping();
    EXPECT_EQ(manager.heard(), "STOPPING=1");
}

TEST_F(ServiceHostTest, a_reload_carries_the_monotonic_clock) {
    const Manager manager((dir / "notify").native());
    const auto host = connect();
    host->reloading();
    const auto heard = manager.heard();
    EXPECT_TRUE(heard.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << heard;
    EXPECT_GT(heard.size(), std::string("RELOADING=1\nMONOTONIC_USEC=").size());
}

TEST_F(ServiceHostTest, an_abstract_socket_works_too) {
    const Manager manager("@latchkey-test-" + dir.path().filename().native());
    ASSERT_TRUE(manager.bound());
    connect()->watchdog_ping();
    EXPECT_EQ(manager.heard(), "WATCHDOG=1");
}

TEST_F(ServiceHostTest, a_status_can_never_become_another_assignment) {
    const Manager manager((dir / "notify").native());
    connect()->status("a\nREADY=1\rb");
    EXPECT_EQ(manager.heard(), "STATUS=a READY=1 b");
}

TEST_F(ServiceHostTest, without_a_manager_everything_is_quiet) {
    for (const char* address : {"", "/no/such/socket", "@nobody-listens-here"}) {
        ::setenv("NOTIFY_SOCKET", address, 1);
        const auto host = connect();
        host->ready();
        host->stopping();
        EXPECT_FALSE(host->watchdog_interval());
    }
    NotifySocket(std::string(300, 'x')).send("READY=1");
}

TEST_F(ServiceHostTest, the_watchdog_is_pinged_twice_as_often_as_systemd_asks) {
    ::setenv("WATCHDOG_USEC", "600000000", 1);
    EXPECT_EQ(connect()->watchdog_interval(), Duration(minutes(5)));
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(connect()->watchdog_interval(), Duration(minutes(5)));
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(connect()->watchdog_interval(), std::nullopt) << "meant for another process";
}

TEST_F(ServiceHostTest, a_senseless_watchdog_is_none) {
    for (const char* value : {"", "0", "-5", "soon", "12s"}) {
        ::setenv("WATCHDOG_USEC", value, 1);
        EXPECT_EQ(connect()->watchdog_interval(), std::nullopt) << value;
    }
    ::setenv("WATCHDOG_USEC", "1", 1);
    EXPECT_EQ(connect()->watchdog_interval(), Duration(1)) << "never busy";
}

TEST_F(ServiceHostTest, signals_become_events) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        bool stop = false;
        bool reload = false;
        const auto host = connect({[&] { stop = true; }, [&] { reload = true; }, {}});
        ASSERT_EQ(::raise(signal), 0);
        run_until(signal == SIGHUP ? reload : stop);
        EXPECT_EQ(reload, signal == SIGHUP);
        EXPECT_EQ(stop, signal != SIGHUP);
    }
}

TEST_F(ServiceHostTest, an_event_may_end_the_host) {
    std::unique_ptr<ServiceHost> host;
    bool stopped = false;
    host = connect({[&] {
                        host.reset();
                        stopped = true;
                    },
                    {},
                    {}});
    ASSERT_EQ(::raise(SIGTERM), 0);
    run_until(stopped);
    io.run();  // nothing is left to wait for
    EXPECT_TRUE(stopped);
}

TEST(ClockJump, nothing_is_heard_while_the_clock_goes_on) {
    const UniqueFd jumps = open_clock_jumps();
    ASSERT_TRUE(jumps);
    EXPECT_EQ(acknowledge_clock_jump(jumps.get()), JumpHeard::no);
}

}  // namespace
}  // namespace latchkey::platform
