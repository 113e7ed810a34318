#pragma once

// What the service manager and this process say to each other: systemd's notify socket, the Windows
// SCM, launchd. Without a manager (a terminal) everything here is quiet and signals still work.

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"

namespace latchkey::platform {

struct ServiceEvents {
    std::function<void()> stop;    ///< SIGTERM, SIGINT, SERVICE_CONTROL_STOP, shutdown
    std::function<void()> reload;  ///< SIGHUP, SERVICE_CONTROL_PARAMCHANGE
    std::function<void()> resume;  ///< the machine woke from sleep, its calendar clock was set or
                                   ///< somebody logged on: look again (where the system tells)
    std::function<void(const std::string& what)> deaf{};  ///< what will not be heard; for the log
};

class ServiceHost {
public:
    virtual ~ServiceHost() = default;
    virtual void ready() = 0;                          ///< READY=1, SERVICE_RUNNING
    virtual void status(const std::string& line) = 0;  ///< one line for the manager's status
    virtual void reloading() = 0;                      ///< RELOADING=1; ready() ends it
    virtual void stopping() = 0;
    virtual void watchdog_ping() = 0;
    virtual std::optional<Duration> watchdog_interval()
        const = 0;  ///< ping at least this often; none: never
};

/// Runs `body` and returns its exit code. Where a service manager started this process and waits
/// for an answer (Windows), it hears RUNNING before `body` works and STOPPED, with the exit code,
/// after it, and a stop that takes longer than it waits ends the process. Call it once, from main's
/// thread, within seconds of the start.
int run_for_service_manager(const std::function<int()>& body);

/// The events come on `executor`, none after the host is gone. While it lives, signals do what
/// ServiceEvents says, and SIGPIPE nothing.
std::unique_ptr<ServiceHost> connect_service_host(boost::asio::any_io_executor executor,
                                                  ServiceEvents events);

}  // namespace latchkey::platform
