#include "keyserver/console_listener.h"

#include <spdlog/spdlog.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <future>

#include "keyserver/console/console.h"

namespace latchkey::keyserver {
namespace {

namespace asio = boost::asio;

/// One may compute a digest while the other shows pages.
constexpr std::size_t kThreads = 2;
/// A few administrators' browsers; of the files that agents' connections leave (kOtherFiles).
constexpr std::size_t kConsoleConnections = 64;

class Listener final : public ConsoleListener {
public:
    Listener(const asio::any_io_executor& store_worker, const ConsoleParts& parts)
        : console_(parts.store, parts.keys, parts.clock, parts.office, parts.directory,
                   [store_worker](const std::function<void()>& work) {
                       std::packaged_task<void()> task(work);
                       auto done = task.get_future();
                       asio::post(store_worker, [&task] { task(); });
                       done.get();
                   }),
          clock_(parts.clock) {
        console_.tell(parts.access_log, parts.metrics);
    }
    ~Listener() override { threads_.join(); }

    Result<void> open(asio::any_io_executor network, const ListenAddress& address,
                      const TlsFiles& tls) {
        auto server = serve_https(
            std::move(network), threads_.get_executor(), console_,
            [this] { return clock_.now().wall; }, address, tls, kConsoleConnections);
        if (!server) return fail(std::move(server.error()));
        server_ = std::move(*server);
        return {};
    }
    std::uint16_t port() const override { return server_->port(); }
    void stop() override { server_->stop(); }
    void join() override { threads_.join(); }

private:
    console::Console console_;
    const platform::Clock& clock_;
    asio::thread_pool threads_{kThreads};
    std::shared_ptr<HttpServer> server_;
};

bool is_loopback(const std::string& host) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    return not_an_address ? host == "localhost" : address.is_loopback();
}

}  // namespace

Result<std::unique_ptr<ConsoleListener>> open_console(asio::any_io_executor network,
                                                      asio::any_io_executor store_worker,
                                                      const ConsoleParts& parts,
                                                      const ListenAddress& address,
                                                      const TlsFiles& tls) {
    auto listener = std::make_unique<Listener>(store_worker, parts);
    if (auto opened = listener->open(std::move(network), address, tls); !opened) {
        opened.error().remedy = "Name a free address and port of this machine with --console.";
        return fail(std::move(opened.error()));
    }
    if (!is_loopback(address.host))
        spdlog::warn("the console listens on {}, which other machines may reach (docs/console.md)",
                     to_text(address));
    const auto credential = console::read_credential(parts.directory);
    if (!credential)
        spdlog::error("console: {}", credential.error().detail);
    else if (!*credential)
        spdlog::warn(
            "the console has no password yet: 'latchkey-keyserver admin console password'");
    return listener;
}

}  // namespace latchkey::keyserver
