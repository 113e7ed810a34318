// A look at the hardware may take seconds; the agent answers meanwhile.

#include "agent/daemon/machine.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

class Whereabouts final : public CaptureSource {
public:
    Capture take(WallTime) override {
        taken_on = std::this_thread::get_id();
        return {};
    }
    std::thread::id taken_on;
};

TEST(Machine, is_looked_at_on_another_thread_and_understood_on_its_own) {
    asio::io_context io;
    Whereabouts source;
    Machine machine(io.get_executor(), source);
    std::thread::id came_back_on;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            co_await machine.look(WallTime{});
            came_back_on = std::this_thread::get_id();
        },
        [](const std::exception_ptr& escaped) { EXPECT_FALSE(escaped); });
    io.run();
    EXPECT_TRUE(machine.was_seen());
    EXPECT_NE(source.taken_on, std::this_thread::get_id()) << "it held the whole agent up";
    EXPECT_EQ(came_back_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace latchkey::daemon
