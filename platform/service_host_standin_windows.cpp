#include "platform/service_host.h"

#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace latchkey::platform {
namespace {

/// A terminal's: Ctrl-C and Ctrl-Break stop; there is no manager to talk to.
class TerminalHost final : public ServiceHost {
public:
    TerminalHost(boost::asio::any_io_executor executor, ServiceEvents events)
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

    void ready() override {}
    void status(const std::string&) override {}
    void reloading() override {}
    void stopping() override {}
    void watchdog_ping() override {}
    std::optional<Duration> watchdog_interval() const override { return std::nullopt; }

private:
    struct State {
        State(boost::asio::any_io_executor executor, ServiceEvents wanted)
            : events(std::move(wanted)), signals(std::move(executor), SIGINT, SIGTERM, SIGBREAK) {}
        ServiceEvents events;
        boost::asio::signal_set signals;
        bool alive = true;
    };
    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<ServiceHost> connect_service_host(boost::asio::any_io_executor executor,
                                                  ServiceEvents events) {
    return std::make_unique<TerminalHost>(std::move(executor), std::move(events));
}

}  // namespace latchkey::platform
