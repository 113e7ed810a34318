#pragma once

// One virtual machine with the whole agent on it: files, hardware, clock, power. What happens to it
// and when is decided elsewhere (life.*); this is how.

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/agent.h"
#include "agent/localapi/server.h"
#include "tests/simulator/gate.h"
#include "tests/simulator/hardware.h"
#include "tests/simulator/story.h"
#include "tests/simulator/watched_store.h"
#include "tests/simulator/weather.h"

namespace latchkey::simulator {

/// The clocks of one machine, from the world's true time.
class BoxClock final : public platform::Clock {
public:
    BoxClock(const Duration& world, std::string name) : world_(world), name_(std::move(name)) {}

    platform::ClockReading now() const override {
        return {kFirstDay + world_ + wrong - lag, since_boot(), boot_id()};
    }
    /// No two machines' boots have the same.
    std::string boot_id() const { return name_ + "-boot-" + std::to_string(boots_); }
    SinceBoot since_boot() const { return SinceBoot{world_ - booted_ + minutes{1} - lag}; }
    void boot() {
        booted_ = world_;
        ++boots_;
    }
    Duration wrong{0};  ///< how far the calendar is off
    Duration lag{0};    ///< to have the agent do now what it did so long ago

private:
    const Duration& world_;
    std::string name_;
    Duration booted_{0};
    int boots_ = 0;
};

struct Said {
    int status = 0;
    boost::json::value body;
    std::string code() const;  ///< of an error, empty where there is none
};

/// What a machine is made with. References outlive it.
struct BoxParts {
    std::string name;
    std::filesystem::path folder;
    const Duration& world;
    std::uint64_t seed = 0;
    Dice dice;
    Names& names;
    bool whole_story = false;
    net::Dialer clear_network;
    std::function<void(Duration)> pass;
    std::function<void(Fault)> note;
    std::function<void(const std::string&)> decided;
};

class Box {
public:
    explicit Box(BoxParts parts);
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;
    ~Box();

    /// Writes agent.toml; read at the next start or reload.
    void configure(const std::string& toml);
    /// Switches the machine's agent on. The problem where it cannot start.
    std::optional<std::string> start(bool boots);
    /// Drops the agent wherever it is.
    void stop();
    bool on() const { return agent_ != nullptr; }

    /// These return when everything that followed has come to rest; a machine whose fuse blew on
    /// the way is off then.
    void wake();
    void network_changed();
    Said ask(const std::string& method, const std::string& path,
             const boost::json::value& body = nullptr);
    bool died() const { return fuse.blown(); }

    /// Files, while the agent is off.
    void lose_state();                                       ///< the state directory alone
    void reimage();                                          ///< state and second copy
    void copy_state(const std::filesystem::path& to) const;  ///< state alone
    void copy_image(const std::filesystem::path& to) const;  ///< state and second copy
    void restore(const std::filesystem::path& from);         ///< whichever of both it holds
    /// Opens a copy of the state as a start would. The problem where it cannot be read whole.
    std::optional<std::string> examine_copy() const;

    std::vector<core::ProductState> rows();
    /// A golden image in the making.
    bool is_image() const { return agent_ && agent_->image() != nullptr; }
    localapi::StatusView status() { return agent_->status(); }
    /// Its agent found, since it was started, that the state is another machine's.
    bool is_foreign();
    core::Policy policy_of(const core::ProductState& row);
    ServerTime agent_now();
    std::optional<ServerTime> next_due(const core::ProductState& row);
    /// nullptr: the agent is off, or nothing was ever decided about the product.
    const core::ProductState* row(const std::string& product);

    std::string name;
    std::filesystem::path folder;
    Hardware hardware;
    std::uint64_t installation = 1;
    BoxClock clock;
    Weather weather;
    Fuse fuse;
    StoreWorld disk;
    Dice dice;
    Story story;
    std::vector<std::string> repaired;  ///< what the last start had to mend
    bool unattended = false;            ///< the configuration activates something

private:
    void rest();
    /// How many handlers ran.
    std::size_t poll_all();
    const hwid::Snapshot& what_is_seen();

    Gate gate_;
    std::optional<hwid::Snapshot> seen_;
    Hardware seen_hardware_;
    std::uint64_t seen_installation_ = 0;
    const Duration& world_;
    std::uint64_t seed_;
    std::unique_ptr<net::KeyServerClient> client_;
    std::unique_ptr<boost::asio::io_context> io_;
    std::unique_ptr<daemon::Agent> agent_;
};

}  // namespace latchkey::simulator
