#include "keyserver/serve.h"

#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdio>

#include "keyserver/admin/desk.h"
#include "keyserver/console_listener.h"
#include "keyserver/http/chaos.h"
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
#include "platform/service_host.h"

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

std::size_t connections_to_allow() {
    const auto files = platform::allow_open_files(kMaxConnections + kOtherFiles);
    if (files >= kMaxConnections + kOtherFiles) return kMaxConnections;
    const auto left = files > 2 * kOtherFiles ? files - kOtherFiles : kOtherFiles;
    spdlog::warn("{} connections at once are allowed instead of {}: raise the limit of open files",
                 left, kMaxConnections);
    return left;
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

}  // namespace

Result<void> serve(const ServeOptions& options, const platform::Clock& clock) {
    const auto address = parse_listen_address(options.listen);
    if (!address) return fail(address.error());
    const auto console_at = console_address(options);
    if (!console_at) return fail(console_at.error());
    const WallTime now = clock.now().wall;
    auto premises = open_premises(options.data, options.publisher, options.database, clock);
    if (!premises) return fail(std::move(premises.error()));
    for (const auto& warning : premises->warnings) spdlog::warn("{}", warning);
    auto room = premises->keys->room();
    for (const auto& warning : warnings_about_keys(*room, as_server(now)))
        spdlog::warn("{}", warning);
    const auto tls = tls_files(options, *room, address->host, now);
    if (!tls) return fail(tls.error());
    const std::string publisher = room->publisher().id;
    room.reset();  // held on, its private keys would outlive their rotation

    boost::asio::io_context network(1);
    boost::asio::thread_pool worker(static_cast<std::size_t>(premises->store->parallel()));
    const Policy policy;
    Routes routes(*premises->store, *premises->keys, policy, clock);
    std::unique_ptr<AccessLog> access_log;
    if (!options.access_log.empty()) {
        auto opened = open_access_log(options.access_log);
        if (!opened) return fail(std::move(opened.error()));
        access_log = std::move(*opened);
        routes.log_to(*access_log);
    }
    Chaos chaos(routes, options.chaos ? kChaosShare : 0, random_share);
    if (options.chaos)
        spdlog::warn("--chaos: one request in twenty is refused or lost; not for production");
    const auto server = serve_https(network.get_executor(), worker.get_executor(), chaos, *address,
                                    *tls, connections_to_allow());
    if (!server) return fail(server.error());
    admin::Office office(*premises->store, *premises->keys, clock, options.data,
                         name_of(options.database));
    const auto desk =
        admin::open_desk(network.get_executor(), worker.get_executor(), office, options.data);
    if (!desk) return fail(desk.error());
    std::unique_ptr<ConsoleListener> console;
    if (*console_at) {
        auto opened = open_console(network.get_executor(), worker.get_executor(),
                                   {*premises->store, *premises->keys, clock, office, options.data,
                                    routes.metrics(), access_log.get()},
                                   **console_at, *tls);
        if (!opened) return fail(std::move(opened.error()));
        console = std::move(*opened);
    }

    const std::uint16_t port = (*server)->port();
    const std::string public_url = "https://" + to_text({public_host(address->host), port});
    if (auto written = admin::write_url(options.data, public_url); !written) return written;

    std::unique_ptr<platform::ServiceHost> service;
    const auto stop = [&] {
        spdlog::info("stopping");
        service->stopping();
        (*desk)->stop();
        if (console) console->stop();
        (*server)->stop();
        service.reset();
    };
    const auto reload = [&] {
        if (access_log) access_log->reopen();
        boost::asio::post(worker, [&] { read_keys_again(*premises->keys, clock); });
    };
    service = platform::connect_service_host(network.get_executor(),
                                             {.stop = stop, .reload = reload, .resume = [] {}});
    service->ready();
    spdlog::info("publisher {}, protocol {}, records in {}", publisher, licensing::kProtocolVersion,
                 options.database ? options.database->shown : "latchkey.db");
    if (console) announce("console", {(*console_at)->host, console->port()});
    announce("listening", {address->host, port});
    network.run();
    if (console) console->join();
    worker.join();
    return {};
}

}  // namespace latchkey::keyserver
