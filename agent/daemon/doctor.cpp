#include "agent/daemon/doctor.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "base/path_text.h"
#include "platform/secure_file.h"
#include "platform/system_parts.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

Place look_at(std::string what, const std::filesystem::path& path) {
    Place place{std::move(what), path, {}, {}};
    if (auto sound = platform::ensure_private_directory(path); !sound)
        place.problem = std::move(sound.error());
    std::error_code unknown;
    const auto space = std::filesystem::space(path, unknown);
    if (!unknown) place.free_bytes = space.available;
    return place;
}

std::vector<Place> places_of(const platform::Paths& paths) {
    return {look_at("state", paths.state_dir), look_at("second copy", paths.anchor_dir),
            look_at("inbox", paths.inbox_dir)};
}

/// One manifest for each different way to a key server.
std::vector<licensing::Manifest> servers_of(const Desk& desk) {
    std::map<std::tuple<std::string, std::string, std::string, std::string>, licensing::Manifest>
        different;
    for (const auto& [product, manifest] : desk.manifests) {
        const auto server = desk.server(manifest);
        different.emplace(std::tuple(manifest.publisher, server.url, server.ca_file, server.proxy),
                          manifest);
    }
    std::vector<licensing::Manifest> chosen;
    for (auto& [way, manifest] : different) chosen.push_back(std::move(manifest));
    return chosen;
}

std::set<std::string> publishers_of(const Desk& desk) {
    std::set<std::string> publishers;
    for (const auto& [product, manifest] : desk.manifests) publishers.insert(manifest.publisher);
    return publishers;
}

asio::awaitable<Contact> reach(Desk& desk, licensing::Manifest manifest) {
    Contact contact{manifest.publisher, {}, {}, {}};
    auto caller = desk.caller(manifest);
    if (!caller) {
        contact.problem = std::move(caller.error());
        co_return contact;
    }
    auto server = desk.server(manifest);
    server.way = &contact.way;
    const auto answer = co_await desk.client.time(server, *caller);
    if (!answer) {
        contact.problem = answer.error().problem;
        co_return contact;
    }
    contact.clock_ahead =
        desk.runner.wall().time_since_epoch() - answer->fresh.server_time.time_since_epoch();
    if (auto kept = desk.learn(answer->fresh); !kept) contact.problem = std::move(kept.error());
    co_return contact;
}

/// All at once, so that a dead server costs the time of one.
struct Round {
    explicit Round(const asio::any_io_executor& executor) : bell(executor) {}
    asio::steady_timer bell;
    std::vector<Contact> contacts;
    std::size_t open = 0;
};

asio::awaitable<void> reach_into(std::shared_ptr<Round> round, std::size_t place, Desk& desk,
                                 licensing::Manifest manifest) {
    round->contacts[place] = co_await reach(desk, std::move(manifest));
    if (--round->open == 0) round->bell.cancel();
}

asio::awaitable<std::vector<Contact>> reach_all(Desk& desk) {
    const auto servers = servers_of(desk);
    const auto round = std::make_shared<Round>(desk.executor);
    round->contacts.resize(servers.size());
    round->open = servers.size();
    round->bell.expires_at(asio::steady_timer::time_point::max());
    for (std::size_t i = 0; i < servers.size(); ++i)
        asio::co_spawn(desk.executor, reach_into(round, i, desk, servers[i]), asio::detached);
    boost::system::error_code rung;
    if (round->open > 0)
        co_await round->bell.async_wait(asio::redirect_error(asio::use_awaitable, rung));
    co_return std::move(round->contacts);
}

void append(std::vector<Item>& items, std::vector<Item> more) {
    items.insert(items.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

}  // namespace

asio::awaitable<std::vector<Item>> examine(Agent& agent) {
    Desk& desk = agent.desk();
    co_await desk.machine.look(desk.runner.wall());
    agent.read_ca_files();
    const auto contacts = co_await reach_all(desk);
    std::vector<Item> items = judge(agent.status(), utf8_text(agent.config_file()));
    append(items, judge_publishers(desk.config, publishers_of(desk)));
    append(items, judge(places_of(desk.config.paths)));
    append(items, judge_system(platform::missing_system_parts()));
    for (const auto& contact : contacts) append(items, judge(contact));
    co_return items;
}

}  // namespace latchkey::daemon
