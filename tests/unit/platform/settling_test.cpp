#include "platform/network/settling.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <thread>

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kPause{1};

TEST(Settling, a_dozen_messages_are_one_change) {
    asio::io_context io;
    int changes = 0;
    const auto settling = std::make_shared<Settling>(io.get_executor(), kPause, [&] { ++changes; });
    std::thread other([&] {
        for (int i = 0; i < 12; ++i) settling->heard();
    });
    other.join();
    io.run();
    EXPECT_EQ(changes, 1);
}

TEST(Settling, what_is_heard_while_one_is_told_is_another) {
    asio::io_context io;
    int changes = 0;
    std::shared_ptr<Settling> settling;
    settling = std::make_shared<Settling>(io.get_executor(), kPause, [&] {
        if (++changes == 1) settling->heard();
    });
    settling->heard();
    io.run();
    EXPECT_EQ(changes, 2);
}

TEST(Settling, nothing_is_told_after_the_end) {
    asio::io_context io;
    const auto settling = std::make_shared<Settling>(io.get_executor(), kPause, [] { FAIL(); });
    settling->heard();
    settling->stop();
    settling->heard();
    io.run();
}

TEST(Settling, telling_may_be_the_end) {
    asio::io_context io;
    int changes = 0;
    std::shared_ptr<Settling> settling;
    settling = std::make_shared<Settling>(io.get_executor(), kPause, [&] {
        ++changes;
        settling->stop();
        settling.reset();
    });
    settling->heard();
    io.run();
    EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace latchkey::platform
