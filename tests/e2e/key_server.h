#pragma once

// A real latchkey-keyserver on loopback, and its administrator's verbs. Port 0 at the first start;
// a restart takes the same port again, as a server does.

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/world.h"

namespace latchkey::e2e {

using Words = std::vector<std::string>;
Words operator+(Words first, const Words& second);

struct Use {
    std::int64_t used = 0;
    std::int64_t limit = 0;
    friend bool operator==(const Use&, const Use&) = default;
};

class KeyServer {
public:
    /// Keeps its data in the world's folder `folder` (its publisher's id unless named), its records
    /// in `database`; started.
    KeyServer(const World& world, std::string publisher, std::string folder = {},
              std::string database = "sqlite");

    /// From the next start on.
    void keep_in(std::string database) { database_ = std::move(database); }
    void serve_with(Words more) { more_ = std::move(more); }

    /// From the next start on, with a console on a port of its own.
    void open_console() { console_ = true; }
    const std::string& console_url() const { return console_url_; }

    void start();
    /// Starts and waits for the end instead: exit code and log of a start that must fail.
    Finished start_and_fail();
    int stop() { return process_->stop(); }
    void kill() { process_->kill(); }
    Process& process() { return *process_; }

    const std::string& publisher() const { return publisher_; }
    const std::string& url() const { return url_; }
    fs::path ca_file() const { return data_ / "ca.pem"; }
    fs::path data() const { return data_; }

    /// `latchkey-keyserver` with these words, which needs no server.
    static Finished run_program(const Words& words);
    Finished admin_raw(Words words) const;
    /// What the verb answers with --json; throws unless it succeeds.
    Json admin(Words words) const;

    void add_product(const std::string& id, const std::string& name, const Words& more = {}) const;
    /// The signed manifest's text.
    std::string manifest(const std::string& product) const;
    /// The entitlement's id.
    std::string add_entitlement(const std::string& product, const std::string& program,
                                int activations, const Words& more = {}) const;
    std::string issue_key(const std::string& entitlement) const;
    /// Activations of the entitlement's one key, as the administrator sees them.
    Use use(const std::string& entitlement) const;

private:
    Command command() const;

    std::string publisher_;
    std::string database_;
    Words more_;
    fs::path data_;
    fs::path log_;
    std::string url_;
    bool console_ = false;
    std::string console_url_;
    std::string listen_ = "127.0.0.1:0";
    std::unique_ptr<Process> process_;
};

}  // namespace latchkey::e2e
