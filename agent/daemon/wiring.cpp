#include "agent/daemon/wiring.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdio>
#include <cstring>

#include "agent/daemon/ca_files.h"
#include "agent/daemon/handlers.h"
#include "agent/daemon/log.h"
#include "agent/daemon/managed.h"
#include "agent/daemon/settings_log.h"
#include "agent/daemon/unseen_files.h"
#include "base/path_text.h"
#include "platform/network/network_change.h"
#include "platform/paths.h"
#include "platform/privileges.h"
#include "platform/secure_file.h"
#include "platform/service/service_host.h"
#include "platform/service/service_user.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

std::uint64_t random_number() {
    const auto bytes = licensing::random_bytes(sizeof(std::uint64_t));
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

int give_up(const Problem& problem) {
    const LogFields fields({{}, {}, {}, problem.name()});
    spdlog::error("{} {} [{}]", problem.title(), printable(problem.detail), problem.name());
    spdlog::error("what to do: {}", printable(problem.remedy_text()));
    return static_cast<int>(problem.exit_code());
}

void note_opening(const store::OpenReport& report) {
    if (report.fresh) spdlog::info("there was no state; it was made");
    if (report.restored_from_anchor) spdlog::warn("the state was restored from the second copy");
    for (const auto& sentence : report.repaired) spdlog::warn("{}", printable(sentence));
}

/// The running daemon: endpoint, service manager, network watch around one agent.
class Daemon {
public:
    Daemon(asio::io_context& io, const World& world, Agent& agent)
        : io_(io), world_(world), agent_(agent), watchdog_(io) {}

    Result<void> open(std::unique_ptr<platform::LocalListener> listener) {
        if (auto started = agent_.start(); !started) return started;
        server_ = localapi::serve(io_.get_executor(), std::move(listener), make_handler(agent_));
        host_ = platform::connect_service_host(
            io_.get_executor(),
            {[this] { stop(); }, [this] { reload(); }, [this] { agent_.wake(); },
             [](const std::string& what) { spdlog::warn("the agent will not hear {}", what); }});
        network_ =
            platform::watch_network(io_.get_executor(), [this] { agent_.network_changed(); });
        return {};
    }

    void announce() {
        host_->ready();
        host_->status("answering at " + utf8_text(agent_.desk().config.paths.endpoint));
        spdlog::info("ready: {} products, answering at {}", agent_.desk().manifests.size(),
                     utf8_text(agent_.desk().config.paths.endpoint));
        pat_watchdog();
        if (world_.ready) world_.ready(io_.get_executor(), agent_);
    }

private:
    void stop() {
        spdlog::info("stopping");
        host_->stopping();
        server_->stop();
        const auto kept = agent_.desk().runner.keep_time();
        if (!kept && !agent_.image())
            spdlog::error("proven time was not stored: {}", printable(kept.error().detail));
        io_.stop();
    }

    void reload() {
        host_->reloading();
        if (agent_.reload()) spdlog::info("configuration and manifests were read again");
        host_->ready();
    }

    void pat_watchdog() {
        const auto interval = host_->watchdog_interval();
        if (!interval) return;
        host_->watchdog_ping();
        watchdog_.expires_after(*interval);
        watchdog_.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) pat_watchdog();
        });
    }

    asio::io_context& io_;
    const World& world_;
    Agent& agent_;
    asio::steady_timer watchdog_;
    std::unique_ptr<localapi::Server> server_;
    std::unique_ptr<platform::ServiceHost> host_;
    std::unique_ptr<platform::NetworkWatch> network_;
};

Result<int> run(asio::io_context& io, Config config, const std::filesystem::path& config_file,
                const World& world) {
    // Before any state is made: a second agent at the same endpoint has no business with one.
    auto listener = platform::listen_local(io.get_executor(), config.paths.endpoint,
                                           std::string(localapi::kAdminGroup));
    if (!listener) return fail(std::move(listener.error()));
    const auto now = world.clock.now();
    auto opened =
        store::open_store({config.paths.state_dir, config.paths.anchor_dir, config.paths.inbox_dir},
                          now.boot_id, now.wall);
    if (!opened) return fail(std::move(opened.error()));
    note_opening(opened->report);
    if (auto inbox = platform::ensure_private_directory(config.paths.inbox_dir); !inbox)
        spdlog::warn("inbox: {}", printable(inbox.error().detail));
    const auto client = net::make_key_server_client(
        io.get_executor(), [&world] { return world.clock.now().since_boot; });
    Agent agent({io.get_executor(), world.clock, world.captures, *client, random_number,
                 std::move(config), config_file, std::move(*opened), world.tpm, world.counter});
    Daemon daemon(io, world, agent);
    if (auto open = daemon.open(std::move(*listener)); !open) return fail(std::move(open.error()));
    daemon.announce();
    io.run();
    return 0;
}

}  // namespace

int run_agent(const std::filesystem::path& config_file, const World& world) {
    start_log(LogLevel::info);
    auto config = load_config(config_file);
    if (!config) {
        // The usual remedy speaks of the last good configuration; here is none yet.
        if (config.error().remedy.empty())
            config.error().remedy = "Correct the named file and line, and start the agent again.";
        return give_up(config.error());
    }
    set_log_level(config->log_level);
    spdlog::info("latchkeyd {} starts as {}", agent_version(), platform::user_name());
    log_settings(config->settings, {});
    log_unknown_policy(config->unknown_policy, {});
    asio::io_context io(1);
    const auto done = run(io, std::move(*config), config_file, world);
    return done ? *done : give_up(done.error());
}

int check_config(const std::filesystem::path& config_file) {
    const bool is_the_services = config_file == platform::default_paths().config_file;
    const auto check = [&](const std::string& reader) {
        const auto config = load_config(config_file);
        const auto wrong = config ? check_ca_files(*config) : std::vector<Problem>{config.error()};
        for (const auto& problem : wrong)
            std::fprintf(stderr, "%s%s\n", problem.detail.c_str(), reader.c_str());
        if (config && !config->unknown_policy.empty())
            std::fprintf(stderr, "note: %s\n", words_of_unknown(config->unknown_policy).c_str());
        if (config && is_the_services)
            for (const auto& words : words_of_unseen(*config))
                std::fprintf(stderr, "note: %s\n", words.c_str());
        if (!wrong.empty()) return static_cast<int>(wrong.front().exit_code());
        std::fprintf(stdout, "%s is fine%s.\n", utf8_text(config_file).c_str(), reader.c_str());
        return 0;
    };
    // What an administrator can read says nothing about the service. Another file than the
    // service's is a draft, which may lie where only its author gets at it.
    if (is_the_services) {
        const auto as_service = platform::run_as_service_user(
            [&](const std::string& user) { return check(" (read as the user " + user + ")"); });
        if (as_service) return *as_service;
    }
    return check({});
}

}  // namespace latchkey::daemon
