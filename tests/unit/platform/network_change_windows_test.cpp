#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "platform/network/network_change.h"

namespace latchkey::platform {
namespace {

TEST(NetworkWatch, a_watch_that_is_gone_leaves_nothing_to_wait_for) {
    boost::asio::io_context io;
    auto watch = watch_network(io.get_executor(), [] { FAIL(); });
    ASSERT_TRUE(watch);
    io.poll();
    watch.reset();
    io.run();
}

}  // namespace
}  // namespace latchkey::platform
