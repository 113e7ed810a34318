#pragma once

// What a POSIX service hears: signals, and that the calendar clock jumped. Internal to the POSIX
// files of platform/.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <memory>

#include "platform/service/service_host.h"

namespace latchkey::platform {

/// Shared with its handlers: one may already be queued when the host goes. Used on the executor.
class ServiceWatches : public std::enable_shared_from_this<ServiceWatches> {
public:
    ServiceWatches(boost::asio::any_io_executor executor, ServiceEvents events);

    void start();
    void stop();  ///< no event comes from here on

private:
    void wait_for_signal();
    void wait_for_clock_jump();
    void hear_clock_jump(boost::system::error_code error);
    void give_up_clock_jumps(const std::string& why);

    const ServiceEvents events_;
    bool stopped_ = false;
    boost::asio::signal_set signals_;
    boost::asio::posix::stream_descriptor clock_jumps_;
};

}  // namespace latchkey::platform
