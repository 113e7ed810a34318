#include "keyserver/serve.h"

#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdio>

#include "keyserver/admin/desk.h"
#include "keyserver/console_listener.h"
#include "keyserver/http/chaos.h"
#include "keyserver/http/connection_limit.h"
#include "keyserver/http/http_server.h"
#include "keyserver/keys/certificates.h"
#include "keyserver/keys/key_warnings.h"
#include "keyserver/policy.h"
#include "keyserver/premises.h"
#include "keyserver/remedies.h"
#include "keyserver/routes.h"
#include "licensing/crypto.h"
#include "platform/open_files.h"
#include "platform/privileges.h"
#include "platform/service/service_host.h"

namespace latchkey::keyserver {
namespace {

bool is_wildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

/// How agents name this server: an address that means "all of them" is nobody's name.
std::string public_host(const std::string& host) {
    if (!is_wildcard(host)) return host;
    const std::string name = platform::host_name();
    return name.empty() ? "localhost" : name;
}

Result<TlsFiles> tls_files(const ServeOptions& options, const KeyRoom& room,
                           const std::string& host, WallTime now) {
    if (options.certificate.empty() != options.key.empty())
        return fail(Code::usage, "--tls-certificate and --tls-key belong together");
    if (!options.certificate.empty()) return TlsFiles{options.certificate, options.key};
    auto files =
        ensure_server_certificate(options.data, room.publisher().id, public_host(host), now);
    if (!files) return fail(of_data_directory(std::move(files.error())));
    return files;
}

/// SIGHUP: an administrator put newer keys into the directory, and asks to hear what became of it.
void read_keys_again(KeyKeeper& keys, const platform::Clock& clock) {
    const auto newer = keys.refresh(as_server(clock.now().wall));
    if (!newer)
        spdlog::error("the key files were not taken up: {}", newer.error().detail);
    else if (!*newer)
        spdlog::info("the directory holds no newer keys than those in force");
}

Result<std::size_t> connections_to_allow() {
    constexpr std::size_t kWanted = kMaxConnections + kOtherFiles;
    const auto files = platform::allow_open_files(kWanted);
    auto allowed = connections_within(files);
    if (allowed && *allowed < kMaxConnections)
        spdlog::warn(
            "this process may have {} files open, so that {} connections at once are answered "
            "instead of {}; for all of them it needs {} (LimitNOFILE= in a systemd unit, 'ulimit "
            "-n' in a shell)",
            files, *allowed, kMaxConnections, kWanted);
    return allowed;
}

/// In [0, 1).
double random_share() {
    const Bytes bytes = licensing::random_bytes(4);
    std::uint32_t number = 0;
    for (const auto byte : bytes) number = number << 8 | byte;
    return static_cast<double>(number) / 4294967296.0;
}

void announce(const char* what, const ListenAddress& address) {
    const std::string url = "https://" + to_text(address);
    if (std::printf("%s %s\n", what, url.c_str()) < 0 || std::fflush(stdout) != 0)
        spdlog::warn("standard output could not be written; {} {}", what, url);
}

/// std::nullopt: there shall be none.
Result<std::optional<ListenAddress>> console_address(const ServeOptions& options) {
    if (options.console.empty()) return std::nullopt;
    auto address = parse_listen_address(options.console);
    if (!address) return fail(std::move(address.error()));
    return *address;
}

/// What is checked, and where there is something to say about keys, said before anything listens.
struct House {
    ListenAddress address;
    std::optional<ListenAddress> console_at;
    std::size_t connections = 0;
    Premises premises;
    TlsFiles tls;
    std::string publisher;
};

Result<House> open_house(const ServeOptions& options, const platform::Clock& clock) {
    auto address = parse_listen_address(options.listen);
    if (!address) return fail(std::move(address.error()));
    auto console_at = console_address(options);
    if (!console_at) return fail(std::move(console_at.error()));
    const auto connections = connections_to_allow();
    if (!connections) return fail(connections.error());
    const WallTime now = clock.now().wall;
    auto premises = open_premises(options.data, options.publisher, options.database, clock);
    if (!premises) return fail(std::move(premises.error()));
    for (const auto& warning : premises->warnings) spdlog::warn("{}", warning);
    // Held on, its private keys would outlive their rotation.
    const auto room = premises->keys->room();
    for (const auto& warning : warnings_about_keys(*room, as_server(now)))
        spdlog::warn("{}", warning);
    auto tls = tls_files(options, *room, address->host, now);
    if (!tls) return fail(std::move(tls.error()));
    return House{std::move(*address),  std::move(*console_at), *connections,
                 std::move(*premises), std::move(*tls),        room->publisher().id};
}

/// Everything that answers: agents, the administrator's verbs, browsers. Opened in that order;
/// members are destroyed in the reverse one, after their threads have come home.
class Service {
public:
    Service(const ServeOptions& options, House& house, const platform::Clock& clock)
        : options_(options),
          house_(house),
          clock_(clock),
          worker_(static_cast<std::size_t>(house.premises.store->parallel())),
          routes_(*house.premises.store, *house.premises.keys, policy_, clock),
          chaos_(routes_, options.chaos ? kChaosShare : 0, random_share),
          office_(*house.premises.store, *house.premises.keys, clock, options.data,
                  name_of(options.database)) {}
    ~Service() { worker_.join(); }

    Result<void> open();
    /// Until the service manager, or whoever started it, says to stop.
    void run();

private:
    Result<void> open_log();
    Result<void> open_server();
    Result<void> open_browsers_door();
    std::string url() const;
    void stop();
    void reload();

    const ServeOptions& options_;
    House& house_;
    const platform::Clock& clock_;
    const Policy policy_;
    std::unique_ptr<AccessLog> access_log_;
    boost::asio::io_context network_{1};
    boost::asio::thread_pool worker_;
    Routes routes_;
    Chaos chaos_;
    admin::Office office_;
    std::shared_ptr<HttpServer> server_;
    std::shared_ptr<admin::Desk> desk_;
    std::unique_ptr<ConsoleListener> console_;
    std::unique_ptr<platform::ServiceHost> host_;
};

Result<void> Service::open_log() {
    if (options_.access_log.empty()) return {};
    auto opened = open_access_log(options_.access_log);
    if (!opened) return fail(std::move(opened.error()));
    access_log_ = std::move(*opened);
    routes_.log_to(*access_log_);
    return {};
}

Result<void> Service::open_server() {
    if (options_.chaos)
        spdlog::warn("--chaos: one request in twenty is refused or lost; not for production");
    auto server = serve_https(
        network_.get_executor(), worker_.get_executor(), chaos_,
        [this] { return clock_.now().wall; }, house_.address, house_.tls, house_.connections);
    if (!server) return fail(std::move(server.error()));
    server_ = std::move(*server);
    return {};
}

Result<void> Service::open_browsers_door() {
    if (!house_.console_at) return {};
    auto opened = open_console(network_.get_executor(), worker_.get_executor(),
                               {*house_.premises.store, *house_.premises.keys, clock_, office_,
                                options_.data, routes_.metrics(), access_log_.get()},
                               *house_.console_at, house_.tls);
    if (!opened) return fail(std::move(opened.error()));
    console_ = std::move(*opened);
    return {};
}

Result<void> Service::open() {
    if (auto opened = open_log(); !opened) return opened;
    if (auto opened = open_server(); !opened) return opened;
    auto desk =
        admin::open_desk(network_.get_executor(), worker_.get_executor(), office_, options_.data);
    if (!desk) return fail(std::move(desk.error()));
    desk_ = std::move(*desk);
    if (auto opened = open_browsers_door(); !opened) return opened;
    return admin::write_url(options_.data, url());
}

std::string Service::url() const {
    return "https://" + to_text({public_host(house_.address.host), server_->port()});
}

void Service::stop() {
    spdlog::info("stopping");
    host_->stopping();
    desk_->stop();
    if (console_) console_->stop();
    server_->stop();
    host_.reset();
}

void Service::reload() {
    if (access_log_) access_log_->reopen();
    boost::asio::post(worker_, [this] { read_keys_again(*house_.premises.keys, clock_); });
}

void Service::run() {
    host_ = platform::connect_service_host(
        network_.get_executor(),
        {.stop = [this] { stop(); }, .reload = [this] { reload(); }, .resume = [] {}});
    host_->ready();
    spdlog::info("publisher {}, protocol {}, records in {}", house_.publisher,
                 licensing::kProtocolVersion,
                 options_.database ? options_.database->shown : "latchkey.db");
    if (console_) announce("console", {house_.console_at->host, console_->port()});
    announce("listening", {house_.address.host, server_->port()});
    network_.run();
    if (console_) console_->join();
    worker_.join();
}

}  // namespace

Result<void> serve(const ServeOptions& options, const platform::Clock& clock) {
    auto house = open_house(options, clock);
    if (!house) return fail(std::move(house.error()));
    Service service(options, *house, clock);
    if (auto opened = service.open(); !opened) return opened;
    service.run();
    return {};
}

}  // namespace latchkey::keyserver
