#pragma once

// One machine with the whole agent on it: real store, real rules, real local API; clock, hardware
// and network are the story's. Everything happens when the story says so, on the calling thread.
//
//     Stage stage;
//     const auto key = stage.vendor.sell("suite", "ai-cloud", 10);
//     stage.install("suite");
//     EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
//     stage.reimage();
//     EXPECT_EQ(stage.activate("suite", key).at("counted"), 0);

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/daemon/agent.h"
#include "agent/localapi/server.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/machines.h"
#include "tests/scenario/props.h"
#include "tests/scenario/vendor.h"

namespace latchkey::scenario {

using fakes::day;
using fakes::hour;
using fakes::minute;

/// An answer of the local API.
struct Said {
    int status = 0;
    boost::json::value body;

    const boost::json::value& at(std::string_view name) const { return body.at(name); }
    /// The error's code, or what was answered instead.
    std::string code() const;
    std::string detail() const;
};

class Stage {
public:
    Stage();
    /// Another installation, before the same vendor, on hardware of the same make and serials.
    enum class Disk { empty, copied };  ///< what it starts from: nothing, or all the first one has
    Stage(Stage& first, Disk disk);
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    ~Stage();

    /// A snapshot of tests/machines is what this machine is from now on.
    void become(const std::string& machine);
    /// What the agent may not read of it from now on, in the words of hwid/unread.h.
    void hide(std::vector<std::string> sources);
    /// This TPM answers from now on, and the machine shows that endorsement key, its own or not.
    void fit(std::shared_ptr<platform::TpmProver> tpm, const Bytes& shown_key);
    /// Who says from now on when a TPM had its time; by the clock until then.
    void time_the_tpm_by(daemon::TpmProofs::Worker::Wait wait);
    void fit(std::shared_ptr<platform::TpmCounter> counter);
    /// The same while the agent runs and nobody tells it.
    void swap_hardware(const std::string& machine);
    /// Puts the product's manifest there and has the agent read it.
    void install(const std::string& product);
    /// Replaces agent.toml's content (the [paths] are added) and starts the agent anew.
    void configure(const std::string& toml);

    /// Stops and starts the agent, as a crash or a service restart does.
    void restart();
    /// The same with the machine off for so long by its own calendar.
    void reboot(Duration off = Duration{0});
    /// State and second copy are gone; configuration and manifests come back with the image.
    void reimage();
    /// Real time passes for everybody; the agent wakes when something is due. So does the one of
    /// `beside`, which runs at the same time.
    void pass(Duration time, Stage* beside = nullptr);
    /// Copies state and second copy aside, and puts them back.
    void back_up();
    void restore();
    /// An earlier copy of the state directory is put back while the agent is off.
    void put_back_state(const std::filesystem::path& copy);
    /// Real time passes, and what the agent does then is what it does by itself: pass() has it look
    /// at the hardware, as after a start.
    void let_be(Duration time);
    /// A cable was plugged in.
    void change_network();
    /// The same in the middle of whatever goes on.
    void change_network_meanwhile() { agent_->network_changed(); }
    /// How often the agent looked at the hardware.
    int looks() const { return captures_.taken - own_looks_; }
    /// Somebody works on the machine's disk while the agent is off: state, anchor, products.d and
    /// agent.toml lie in the folder handed in.
    void with_disk(const std::function<void(const std::filesystem::path&)>& work);
    /// The disk, as `work` (may be empty) left it, is booted in that machine.
    void boot_as(const std::string& machine,
                 const std::function<void(const std::filesystem::path&)>& work = {});
    /// Somebody works on the state while the agent is off.
    void while_off(const std::function<void(store::Store&)>& work);
    /// Lets everything under way come to its end.
    void quiet();

    Said get(const std::string& path);
    Said post(const std::string& path, const boost::json::value& body = nullptr,
              bool administrator = true);
    Said history(const std::string& product);
    Said explain(const std::string& product, const std::string& key = {});
    Said activate(const std::string& product, const std::string& key = {},
                  bool accept_count = false);
    /// The product's part of status.
    boost::json::value product(const std::string& product);
    std::string state(const std::string& product);
    std::int64_t used(const std::string& product);

    fakes::FakeClock clock;  ///< the machine's
    bool disk_full = false;
    int calls_until_failure = 0;  ///< the store call that makes it 0 fails, and no other
    Vendor& vendor() { return *vendor_; }
    const std::filesystem::path& folder() const { return folder_; }

private:
    void start();
    void stop();
    Said ask(localapi::Request request);
    void finish_work();

    std::filesystem::path folder_;
    std::shared_ptr<Vendor> vendor_;
    FakeCaptures captures_;
    std::shared_ptr<platform::TpmProver> tpm_;
    std::shared_ptr<platform::TpmCounter> counter_;
    daemon::TpmProofs::Worker::Wait tpm_wait_;
    boost::asio::io_context io_;
    std::unique_ptr<net::KeyServerClient> client_;
    std::unique_ptr<daemon::Agent> agent_;
    std::uint64_t random_ = 1;
    int own_looks_ = 0;  ///< of finish_work
};

/// What status says of the machine and its products.
std::string machine_id(Stage& stage);
/// The text of that health item; empty where there is none.
std::string health_text(Stage& stage, std::string_view id);
std::int64_t days_left(Stage& stage, const std::string& product);  ///< of its grace, whole ones
std::int64_t rearms_left(Stage& stage, const std::string& product);

}  // namespace latchkey::scenario
