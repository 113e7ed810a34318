#include "tests/e2e/agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace latchkey::e2e {
namespace {

/// The service manager's end of sd_notify: hears "READY=1".
class ReadySocket {
public:
    explicit ReadySocket(const fs::path& path) {
        fs::remove(path);
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        if (fd_ < 0 || bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot listen on " + path.string());
        // An unprivileged agent must be able to say it, too.
        fs::permissions(path, fs::perms::all);
    }
    ~ReadySocket() { close(fd_); }
    ReadySocket(const ReadySocket&) = delete;
    ReadySocket& operator=(const ReadySocket&) = delete;

    void wait(Process& sender) const {
        using Clock = std::chrono::steady_clock;
        const auto end = Clock::now() + kDeadline;
        while (Clock::now() < end && !sender.ended()) {
            pollfd word{fd_, POLLIN, 0};
            // Short turns, because a program that ends without a word sends nothing to wake us.
            if (poll(&word, 1, 50) <= 0) continue;
            std::array<char, 512> text{};
            const auto size = recv(fd_, text.data(), text.size() - 1, 0);
            if (size > 0 && std::string_view(text.data()).find("READY=1") != std::string::npos)
                return;
        }
        throw std::runtime_error("the agent did not become ready:\n" + sender.log_text());
    }

private:
    int fd_ = -1;
};

std::string quoted(const fs::path& path) { return "\"" + path.string() + "\""; }

std::string hex(int n, int digits) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%0*x", digits, static_cast<unsigned>(n));
    return text.data();
}

}  // namespace

Machine Machine::twin() {
    Machine other;
    other.serial = "7QX2M44";
    other.uuid = "4c4c4544-0051-5810-8032-b7c04f4d3434";
    other.mac = "a4:bb:6d:98:76:54";
    other.disk = "S5GXNX0T987654";
    other.machine_id = "fedcba9876543210fedcba9876543210";
    return other;
}

Machine Machine::with_new_board() const {
    Machine changed = *this;
    changed.serial = "5TR8W22";
    changed.uuid = "4c4c4544-0054-5210-8038-b5c04f573232";
    changed.mac = "a4:bb:6d:5f:0e:71";
    return changed;
}

Machine Machine::nameless() {
    Machine one;
    one.serial = one.uuid = one.mac = one.disk = "";
    return one;
}

Machine Machine::unit(int n) {
    Machine one;
    one.serial = "8CK" + hex(0x1000 + n * 7, 4);
    one.uuid = "4c4c4544-0042-4b10-8035-" + hex(0xb9c0 + n, 4) + hex(0x4f560000 + n * 13, 8);
    one.mac = "a4:bb:6d:" + hex((n >> 8) & 0xff, 2) + ":" + hex(n & 0xff, 2) + ":3d";
    one.disk = "S5GXNX0T7" + hex(0x10000 + n * 11, 5);
    one.machine_id = "0123456789abcdef01234567" + hex(0x10000000 + n, 8);
    return one;
}

std::map<std::string, std::string> Machine::environment() const {
    std::map<std::string, std::string> shown{{"SERIAL", serial},
                                             {"UUID", uuid},
                                             {"MAC", mac},
                                             {"DISK", disk},
                                             {"MACHINE_ID", machine_id}};
    if (!boot_id.empty()) shown["BOOT_ID"] = boot_id;
    // Otherwise the board's serial holds the system's, which is empty, among other letters.
    if (serial.empty()) shown["BOARD_SERIAL"] = "";
    return shown;
}

Agent::Agent(const World& world, Machine shown, std::string name)
    : machine(std::move(shown)), home_(world.path(name)), log_(world.path(name + ".log")) {
    fs::create_directories(products_dir());
}

void Agent::know(const KeyServer& server, const std::string& product) {
    know_at(server, product, server.url(), server.ca_file());
}

void Agent::know_at(const KeyServer& server, const std::string& product, const std::string& url,
                    const fs::path& ca_file) {
    write_file(products_dir() / (server.publisher() + "." + product + ".jws"),
               server.manifest(product));
    servers_[server.publisher()] = "[publisher.\"" + server.publisher() + "\"]\nurl = \"" + url +
                                   "\"\nca_file = " + quoted(ca_file) + "\nproxy = \"none\"\n";
}

void Agent::write_config() const {
    std::string text = "[agent]\nrole = \"" + role + "\"\nlog_level = \"debug\"\n";
    text += "[paths]\nstate = " + quoted(state_dir()) + "\nanchor = " + quoted(anchor_dir()) +
            "\nsocket = " + quoted(socket()) + "\nproducts = " + quoted(products_dir()) +
            "\ninbox = " + quoted(home_ / "inbox") + "\n";
    for (const auto& [publisher, table] : servers_) text += table;
    write_file(config_file(), text + extra_config);
}

Command Agent::command() const {
    Command command;
    command.argv = {"/bin/bash", source_file("tests/e2e/machine.sh").string()};
    command.argv.insert(command.argv.end(), privileges.begin(), privileges.end());
    for (const auto& word : {program("latchkeyd"), std::string("run"), std::string("--config"),
                             config_file().string()})
        command.argv.push_back(word);
    command.environment = machine.environment();
    return command;
}

void Agent::start() {
    write_config();
    process_.reset();
    const ReadySocket ready(home_ / "notify");
    auto with_notify = command();
    with_notify.environment["NOTIFY_SOCKET"] = (home_ / "notify").string();
    process_ = std::make_unique<Process>(with_notify, log_);
    ready.wait(*process_);
}

Finished Agent::start_and_fail() { return run(command()); }

void Agent::restart() {
    if (process_) process_->stop();
    start();
}

void Agent::reimage() {
    if (process_) process_->stop();
    fs::remove_all(state_dir());
    fs::remove_all(anchor_dir());
    machine.machine_id = machine.machine_id.substr(8) + machine.machine_id.substr(0, 8);
    start();
}

void Agent::become(Machine changed) {
    if (process_) process_->stop();
    machine = std::move(changed);
    start();
}

Finished Agent::cli(Words words) const {
    Words argv{program("latchkey")};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(argv.end(), {"--socket", socket().string()});
    return run({argv, {}, {}});
}

Json Agent::ask(Words words, int expected_exit) const {
    words.push_back("--json");
    const auto done = cli(words);
    if (done.exit_code != expected_exit)
        throw std::runtime_error("latchkey " + words[0] + " exits " +
                                 std::to_string(done.exit_code) + " instead of " +
                                 std::to_string(expected_exit) + "\n" + done.out + done.err +
                                 "\nagent's log:\n" + (process_ ? process_->log_text() : ""));
    return parse_json(done.out);
}

Json Agent::product(const std::string& id) const {
    const auto document = status();
    for (const auto& product : at(document, "products").as_array())
        if (text_at(product, "id") == id) return product;
    throw std::runtime_error("no product " + id + " in " + boost::json::serialize(document));
}

Json Agent::activate(const std::string& product, const std::string& key, int expected_exit,
                     const Words& more) const {
    const auto file = home_ / (product + ".key");
    write_file(file, key + "\n");
    Words words{"activate", "--product", product, "--key-file", file.string()};
    words.insert(words.end(), more.begin(), more.end());
    return ask(words, expected_exit);
}

}  // namespace latchkey::e2e
