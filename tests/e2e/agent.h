#pragma once

// A real latchkeyd on a machine of the test's choosing, and `latchkey` talking to it. The machine
// is shown by tests/e2e/machine.sh: a mount namespace with other /sys and /proc contents, so that
// the shipped program needs no seam. Needs root.

#include <map>
#include <memory>
#include <string>

#include "tests/e2e/key_server.h"
#include "tests/e2e/world.h"

namespace latchkey::e2e {

/// The hardware machine.sh shows. The defaults are one desktop; change what the story changes.
struct Machine {
    std::string serial = "9BK5V33";
    std::string uuid = "4c4c4544-0042-4b10-8035-b9c04f563333";
    std::string mac = "a4:bb:6d:12:34:56";
    std::string disk = "S5GXNX0T123456";
    std::string machine_id = "0123456789abcdef0123456789abcdef";
    std::string boot_id = {};  ///< empty: the host's own boot

    /// Another unit of the same model: every serial differs, nothing else does.
    static Machine twin();
    /// The same unit after a new main board: its own identity and its onboard network card changed.
    Machine with_new_board() const;
    /// One that shows no serial, no disk and no network card.
    static Machine nameless();
    /// Unit number `n` of a fleet.
    static Machine unit(int n);
    std::map<std::string, std::string> environment() const;
};

class Agent {
public:
    /// Its places are in the world's folder `name`. Configured, not started.
    explicit Agent(const World& world, Machine machine = {}, std::string name = "agent");

    Machine machine;
    std::string role = "workstation";
    std::string extra_config;             ///< appended to agent.toml
    std::vector<std::string> privileges;  ///< a wrapper such as setpriv, before latchkeyd

    /// Installs the product's manifest and says where its publisher's server is.
    void know(const KeyServer& server, const std::string& product);
    /// The same with another address or CA than the publisher's own.
    void know_at(const KeyServer& server, const std::string& product, const std::string& url,
                 const fs::path& ca_file);

    /// Writes agent.toml and starts; returns when the agent says that it is ready.
    void start();
    /// Starts and waits for the end instead: exit code and log of a start that must fail.
    Finished start_and_fail();
    int stop() { return process_->stop(); }
    void kill() { process_->kill(); }
    void restart();
    /// What reinstalling the system does: state, second copy and machine-id are gone; hardware,
    /// configuration and manifests are as before. Started again.
    void reimage();
    /// Powered off, a part changed, powered on.
    void become(Machine changed);

    Finished cli(Words words) const;
    /// The --json answer; throws unless the exit code is the expected one.
    Json ask(Words words, int expected_exit = 0) const;
    Json status() const { return ask({"status"}); }
    /// The status entry of one product.
    Json product(const std::string& id) const;
    /// `activate --product ID --key-file F`; the answer, or the error document.
    Json activate(const std::string& product, const std::string& key, int expected_exit = 0,
                  const Words& more = {}) const;

    fs::path state_dir() const { return home_ / "state"; }
    fs::path anchor_dir() const { return home_ / "anchor"; }
    fs::path config_file() const { return home_ / "agent.toml"; }
    fs::path socket() const { return home_ / "run" / "agent.sock"; }
    fs::path products_dir() const { return home_ / "products.d"; }
    pid_t daemon_pid() const { return process_->find("latchkeyd"); }
    Process& process() { return *process_; }

    void write_config() const;
    Command command() const;

private:
    fs::path home_;
    fs::path log_;
    std::map<std::string, std::string> servers_;  ///< publisher -> its TOML table
    std::unique_ptr<Process> process_;
};

}  // namespace latchkey::e2e
