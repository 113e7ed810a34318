#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "platform/clock_ticks.h"
#include "platform/service/notify_socket_linux.h"
#include "platform/service/service_host.h"
#include "platform/service/service_watches_posix.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Half of what systemd waits for a ping (sd_watchdog_enabled(3)); none where it waits for none of
/// this process.
std::optional<Duration> half_the_watchdog() {
    const auto process = environment("WATCHDOG_PID");
    if (!process.empty() && number(process) != static_cast<std::int64_t>(::getpid()))
        return std::nullopt;
    const auto microseconds = number(environment("WATCHDOG_USEC"));
    if (!microseconds || *microseconds <= 0) return std::nullopt;
    return std::max(Duration(1), std::chrono::duration_cast<Duration>(
                                     std::chrono::microseconds(*microseconds / 2)));
}

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return text;
}

class SystemdHost final : public ServiceHost {
public:
    SystemdHost(asio::any_io_executor executor, ServiceEvents events)
        : watches_(std::make_shared<ServiceWatches>(std::move(executor), std::move(events))),
          socket_(std::string(environment("NOTIFY_SOCKET"))),
          watchdog_(half_the_watchdog()) {
        std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is no reason to die
        watches_->start();
    }
    SystemdHost(const SystemdHost&) = delete;
    SystemdHost& operator=(const SystemdHost&) = delete;
    ~SystemdHost() override { watches_->stop(); }

    void ready() override { socket_.send("READY=1\nMAINPID=" + std::to_string(::getpid())); }
    void status(const std::string& line) override { socket_.send("STATUS=" + one_line(line)); }
    void reloading() override {
        socket_.send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
    }
    void stopping() override { socket_.send("STOPPING=1"); }
    void watchdog_ping() override { socket_.send("WATCHDOG=1"); }
    std::optional<Duration> watchdog_interval() const override { return watchdog_; }

private:
    std::shared_ptr<ServiceWatches> watches_;
    NotifySocket socket_;
    std::optional<Duration> watchdog_;
};

}  // namespace

int run_for_service_manager(const std::function<int()>& body) { return body(); }

std::unique_ptr<ServiceHost> connect_service_host(asio::any_io_executor executor,
                                                  ServiceEvents events) {
    return std::make_unique<SystemdHost>(std::move(executor), std::move(events));
}

}  // namespace latchkey::platform
