#include "agent/daemon/spawn.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>

#include "agent/daemon/log.h"

namespace latchkey::daemon {

void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(executor, std::move(work), [](const std::exception_ptr& escaped) {
        if (!escaped) return;
        try {
            std::rethrow_exception(escaped);
        } catch (const std::exception& error) {
            spdlog::error("unexpected: {}", printable(error.what()));
        } catch (...) {
            spdlog::error("unexpected");
        }
    });
}

}  // namespace latchkey::daemon
