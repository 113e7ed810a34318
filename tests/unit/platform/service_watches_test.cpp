#include "platform/service/service_watches_posix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <string>
#include <vector>

#include "platform/clock_jump.h"

namespace latchkey::platform {
namespace {

/// The system's part of this test, as clock_jump_mac.cpp is: a byte is a jump, the end no more.
UniqueFd jumps;

UniqueFd start_jumps() {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return {};
    jumps = UniqueFd(ends[0]);
    return UniqueFd(ends[1]);
}

class ServiceWatchesTest : public testing::Test {
protected:
    std::shared_ptr<ServiceWatches> start() {
        auto watches = std::make_shared<ServiceWatches>(
            io.get_executor(),
            ServiceEvents{{},
                          {},
                          [this] { heard.push_back("jump"); },
                          [this](const std::string& what) { heard.push_back(what); }});
        watches->start();
        return watches;
    }
    void run_until_heard(std::size_t count) {
        while (heard.size() < count && io.run_one() > 0) {
        }
    }
    boost::asio::io_context io;
    std::vector<std::string> heard;
};

const std::string kDeaf = "that the clock was set or the machine woke: ";

TEST_F(ServiceWatchesTest, each_jump_is_told) {
    const UniqueFd said = start_jumps();
    const auto watches = start();
    for (std::size_t count = 1; count < 3; ++count) {
        ASSERT_EQ(::write(said.get(), "j", 1), 1);
        run_until_heard(count);
    }
    EXPECT_EQ(heard, (std::vector<std::string>{"jump", "jump"}));
    watches->stop();
}

TEST_F(ServiceWatchesTest, the_end_of_jumps_is_told_once_and_is_a_reason_to_look) {
    UniqueFd said = start_jumps();
    const auto watches = start();
    said.reset();
    run_until_heard(2);
    io.poll();
    EXPECT_EQ(heard, (std::vector<std::string>{"jump", kDeaf + "the system stopped telling"}));
    watches->stop();
}

TEST_F(ServiceWatchesTest, a_system_that_refuses_is_told) {
    jumps.reset();
    const auto watches = start();
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_TRUE(heard.front().starts_with(kDeaf)) << heard.front();
    watches->stop();
}

/// A file is none on Linux, as a kqueue is none on macOS.
TEST_F(ServiceWatchesTest, a_descriptor_that_cannot_be_waited_for_is_told) {
    jumps = UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(jumps);
    const auto watches = start();
    for (int i = 0; heard.empty() && i < 10; ++i) io.poll();
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_TRUE(heard.front().starts_with(kDeaf)) << heard.front();
    watches->stop();
}

}  // namespace

UniqueFd open_clock_jumps() { return std::move(jumps); }

JumpHeard acknowledge_clock_jump(int fd) {
    char word = 0;
    const ssize_t got = ::read(fd, &word, 1);
    if (got == 0) return JumpHeard::no_more;
    return got > 0 ? JumpHeard::yes : JumpHeard::no;
}

}  // namespace latchkey::platform
