#include "tests/simulator/box.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>

#include "agent/daemon/handlers.h"
#include "base/problem.h"
#include "tests/fakes/copy_folder.h"

namespace latchkey::simulator {
namespace {

namespace asio = boost::asio;
namespace bj = boost::json;
namespace fs = std::filesystem;

void replace_folder(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    if (fs::exists(from)) fakes::copy_folder(from, to);
}

}  // namespace

std::string Said::code() const {
    const auto* object = body.if_object();
    const auto* error = object ? object->if_contains("error") : nullptr;
    return error ? std::string(error->at("code").as_string()) : std::string();
}

Box::Box(BoxParts parts)
    : name(std::move(parts.name)),
      folder(std::move(parts.folder)),
      clock(parts.world, name),
      dice(parts.dice),
      story(parts.names, parts.whole_story),
      gate_([this] { return what_is_seen(); }),
      world_(parts.world),
      seed_(parts.seed) {
    fs::create_directories(folder / "products.d");
    disk.fuse = &fuse;
    client_ = net::make_key_server_client(
        through(std::move(parts.clear_network), {weather, fuse, dice, std::move(parts.pass),
                                                 std::move(parts.note), std::move(parts.decided)}),
        [this] { return clock.since_boot(); });
}

Box::~Box() { stop(); }

void Box::configure(const std::string& toml) {
    std::ofstream(folder / "agent.toml")
        << toml << "\n[paths]\nstate = \"" << (folder / "state").string() << "\"\nanchor = \""
        << (folder / "anchor").string() << "\"\nproducts = \"" << (folder / "products.d").string()
        << "\"\nsocket = \"" << (folder / "agent.sock").string() << "\"\n";
}

std::optional<std::string> Box::start(bool boots) {
    if (boots) clock.boot();
    gate_.close();
    disk.lost.clear();
    auto config = daemon::load_config(folder / "agent.toml");
    if (!config) return config.error().detail;
    auto store = store::open_store({folder / "state", folder / "anchor"}, clock.boot_id());
    if (!store) return store.error().detail;
    repaired = store->report.repaired;
    store->store = std::make_unique<WatchedStore>(std::move(store->store), disk);
    io_ = std::make_unique<asio::io_context>();
    // The same number for the same moment, so that looking at the agent draws nothing away.
    const auto random = [this] {
        return mix(fingerprint_of(name, seed_), static_cast<std::uint64_t>(world_.count()));
    };
    agent_ = std::make_unique<daemon::Agent>(
        daemon::AgentParts{io_->get_executor(), clock, gate_, *client_, random, std::move(*config),
                           folder / "agent.toml", std::move(*store)});
    const auto started = agent_->start();
    rest();
    if (!started) return started.error().detail;
    return std::nullopt;
}

void Box::stop() {
    if (!agent_) return;
    gate_.open_for_good();
    agent_.reset();
    io_.reset();
}

std::size_t Box::poll_all() {
    io_->restart();
    return io_->poll();
}

const hwid::Snapshot& Box::what_is_seen() {
    if (!seen_ || seen_hardware_ != hardware || seen_installation_ != installation) {
        seen_ = snapshot_of(hardware, installation);
        seen_hardware_ = hardware;
        seen_installation_ = installation;
    }
    return *seen_;
}

/// A look of our own goes through the worker last; when it comes back alone, nobody else's is
/// under way.
void Box::rest() {
    for (;;) {
        poll_all();
        const int before = gate_.taken();
        bool done = false;
        asio::co_spawn(*io_, agent_->desk().machine.look(clock.now().wall),
                       [&done](const std::exception_ptr& escaped) {
                           if (escaped) std::rethrow_exception(escaped);
                           done = true;
                       });
        while (!done) {
            poll_all();
            if (done || !gate_.let_one_through()) continue;
            io_->restart();
            io_->run_one();
        }
        poll_all();
        if (gate_.taken() == before + 1) return;
    }
}

void Box::wake() {
    agent_->wake();
    // One handler is the earlier alarm's, which the new one cancelled; with no other, nothing was
    // begun.
    if (poll_all() > 1) rest();
}

void Box::network_changed() {
    agent_->network_changed();
    rest();
}

Said Box::ask(const std::string& method, const std::string& path, const bj::value& body) {
    localapi::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.peer.administrator = true;
    std::optional<localapi::Response> response;
    const auto handler = daemon::make_handler(*agent_);
    asio::co_spawn(*io_, handler(std::move(request)),
                   [&response](const std::exception_ptr& escaped, localapi::Response answer) {
                       if (escaped) std::rethrow_exception(escaped);
                       response = std::move(answer);
                   });
    rest();
    if (!response) return {0, nullptr};
    return {response->status, bj::parse(response->body)};
}

void Box::lose_state() { fs::remove_all(folder / "state"); }

void Box::reimage() {
    fs::remove_all(folder / "state");
    fs::remove_all(folder / "anchor");
    ++installation;
}

void Box::copy_state(const fs::path& to) const { replace_folder(folder / "state", to / "state"); }

void Box::copy_image(const fs::path& to) const {
    replace_folder(folder / "state", to / "state");
    replace_folder(folder / "anchor", to / "anchor");
}

void Box::restore(const fs::path& from) {
    for (const char* part : {"state", "anchor"})
        if (fs::exists(from / part)) replace_folder(from / part, folder / part);
}

std::optional<std::string> Box::examine_copy() const {
    const fs::path copy = folder / "examined";
    copy_image(copy);
    std::optional<std::string> trouble;
    {
        auto opened = store::open_store({copy / "state", copy / "anchor"});
        if (!opened) {
            trouble = opened.error().detail;
        } else if (!opened->report.repaired.empty()) {
            trouble = opened->report.repaired.front();
        } else {
            const auto rows = opened->store->products();
            for (const auto& row : *rows) {
                const auto known = disk.acknowledged.find({row.publisher, row.product});
                if (known != disk.acknowledged.end() && known->second != essence_of(row))
                    trouble = row.product + " is stored as " + essence_of(row) +
                              "and was acknowledged as " + known->second;
            }
        }
    }
    fs::remove_all(copy);
    return trouble;
}

std::vector<core::ProductState> Box::rows() {
    std::vector<core::ProductState> all;
    for (const auto& [product, manifest] : agent_->desk().manifests)
        if (agent_->desk().row(manifest) != nullptr)
            all.push_back(agent_->desk().runner.shown(manifest.publisher, product));
    return all;
}

const core::ProductState* Box::row(const std::string& product) {
    if (!agent_) return nullptr;
    const auto manifest = agent_->desk().manifests.find(product);
    return manifest == agent_->desk().manifests.end() ? nullptr
                                                      : agent_->desk().row(manifest->second);
}

bool Box::is_foreign() {
    const auto health = status().health;
    return std::any_of(health.begin(), health.end(),
                       [](const auto& item) { return item.id == info(Code::state_foreign).name; });
}

core::Policy Box::policy_of(const core::ProductState& row) {
    return agent_->desk().policy(agent_->desk().manifests.at(row.product));
}

ServerTime Box::agent_now() { return agent_->desk().runner.moment().now; }

std::optional<ServerTime> Box::next_due(const core::ProductState& row) {
    return core::next_due(row, agent_->desk().runner.moment(), policy_of(row));
}

}  // namespace latchkey::simulator
