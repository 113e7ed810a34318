#include "platform/service/service_host.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>

#include "platform/service/service_manager_windows.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

/// Neither speaks of readiness (the service manager heard RUNNING long ago) nor has a watchdog.
class QuietHost : public ServiceHost {
public:
    void ready() override {}
    void status(const std::string&) override {}
    void reloading() override {}
    void stopping() override {}
    void watchdog_ping() override {}
    std::optional<Duration> watchdog_interval() const override { return std::nullopt; }
};

/// A terminal's: Ctrl-C and Ctrl-Break stop; there is no manager to talk to.
class TerminalHost final : public QuietHost {
public:
    TerminalHost(asio::any_io_executor executor, ServiceEvents events)
        : state_(std::make_shared<State>(std::move(executor), std::move(events))) {
        state_->signals.async_wait([state = state_](boost::system::error_code error, int) {
            if (!error && state->alive && state->events.stop) state->events.stop();
        });
    }
    TerminalHost(const TerminalHost&) = delete;
    TerminalHost& operator=(const TerminalHost&) = delete;
    ~TerminalHost() override {
        state_->alive = false;
        boost::system::error_code ignored;
        state_->signals.cancel(ignored);
    }

private:
    struct State {
        State(asio::any_io_executor executor, ServiceEvents wanted)
            : events(std::move(wanted)), signals(std::move(executor), SIGINT, SIGTERM, SIGBREAK) {}
        ServiceEvents events;
        asio::signal_set signals;
        bool alive = true;
    };
    std::shared_ptr<State> state_;
};

/// The service manager's: what its thread hears comes over to the executor.
class ServiceManagerHost final : public QuietHost {
public:
    ServiceManagerHost(asio::any_io_executor executor, ServiceEvents wanted)
        : events_(std::make_shared<const ServiceEvents>(std::move(wanted))) {
        hear_service_manager(
            [executor = std::move(executor), events = std::weak_ptr(events_)](ServiceCall call) {
                asio::post(executor, [events, call] {
                    if (const auto alive = events.lock()) answer(*alive, call);
                });
            });
    }
    ServiceManagerHost(const ServiceManagerHost&) = delete;
    ServiceManagerHost& operator=(const ServiceManagerHost&) = delete;
    ~ServiceManagerHost() override { hear_service_manager({}); }

    void stopping() override { tell_service_manager_stopping(); }

private:
    static void answer(const ServiceEvents& events, ServiceCall call) {
        switch (call) {
            case ServiceCall::stop:
                return run(events.stop);
            case ServiceCall::reload:
                return run(events.reload);
            case ServiceCall::look_again:
                return run(events.resume);
            case ServiceCall::nothing:
            case ServiceCall::unknown:
                return;
        }
    }
    static void run(const std::function<void()>& event) {
        if (event) event();
    }

    std::shared_ptr<const ServiceEvents> events_;
};

}  // namespace

int run_for_service_manager(const std::function<int()>& body) { return run_as_service(body); }

std::unique_ptr<ServiceHost> connect_service_host(asio::any_io_executor executor,
                                                  ServiceEvents events) {
    if (is_run_by_service_manager())
        return std::make_unique<ServiceManagerHost>(std::move(executor), std::move(events));
    return std::make_unique<TerminalHost>(std::move(executor), std::move(events));
}

}  // namespace latchkey::platform
