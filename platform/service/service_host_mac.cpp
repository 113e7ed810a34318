#include "platform/service/service_host.h"

#include <csignal>
#include <memory>
#include <utility>

#include "platform/service/service_watches_posix.h"

namespace latchkey::platform {
namespace {

/// launchd waits for no word of readiness, shows no status and has no watchdog; it stops a service
/// by SIGTERM and kills it as many seconds later as its property list says (ExitTimeOut, twenty).
class LaunchdHost final : public ServiceHost {
public:
    LaunchdHost(boost::asio::any_io_executor executor, ServiceEvents events)
        : watches_(std::make_shared<ServiceWatches>(std::move(executor), std::move(events))) {
        std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is no reason to die
        watches_->start();
    }
    LaunchdHost(const LaunchdHost&) = delete;
    LaunchdHost& operator=(const LaunchdHost&) = delete;
    ~LaunchdHost() override { watches_->stop(); }

    void ready() override {}
    void status(const std::string&) override {}
    void reloading() override {}
    void stopping() override {}
    void watchdog_ping() override {}
    std::optional<Duration> watchdog_interval() const override { return std::nullopt; }

private:
    std::shared_ptr<ServiceWatches> watches_;
};

}  // namespace

int run_for_service_manager(const std::function<int()>& body) { return body(); }

std::unique_ptr<ServiceHost> connect_service_host(boost::asio::any_io_executor executor,
                                                  ServiceEvents events) {
    return std::make_unique<LaunchdHost>(std::move(executor), std::move(events));
}

}  // namespace latchkey::platform
