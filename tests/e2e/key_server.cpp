#include "tests/e2e/key_server.h"

#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace latchkey::e2e {

Words operator+(Words first, const Words& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

KeyServer::KeyServer(const World& world, std::string publisher, std::string folder,
                     std::string database)
    : publisher_(std::move(publisher)),
      database_(std::move(database)),
      data_(world.path(folder.empty() ? publisher_ : folder)),
      log_(data_.string() + ".log") {
    start();
}

Command KeyServer::command() const {
    Words words{program("latchkey-keyserver"),
                "serve",
                "--data",
                data_.string(),
                "--listen",
                listen_,
                "--publisher",
                publisher_,
                "--database",
                database_};
    words = words + more_;
    if (console_) words = words + Words{"--console", "127.0.0.1:0"};
    return {words, {}, {}};
}

Finished KeyServer::start_and_fail() {
    process_.reset();
    return run(command());
}

void KeyServer::start() {
    process_.reset();
    process_ = std::make_unique<Process>(command(), log_);
    if (console_) console_url_ = process_->wait_for_line("console https://").substr(8);
    url_ = process_->wait_for_line("listening https://").substr(10);
    listen_ = url_.substr(std::string("https://").size());
}

Finished KeyServer::run_program(const Words& words) {
    return run({Words{program("latchkey-keyserver")} + words, {}, {}});
}

Finished KeyServer::admin_raw(Words words) const {
    return run_program(Words{"admin", "--data", data_.string(), "--database", database_} + words);
}

Json KeyServer::admin(Words words) const {
    words.push_back("--json");
    const auto done = admin_raw(words);
    if (done.exit_code != 0) {
        std::string said;
        for (const auto& word : words) said += word + " ";
        throw std::runtime_error("admin " + said + "exits " + std::to_string(done.exit_code) +
                                 "\n" + done.out + done.err);
    }
    return parse_json(done.out);
}

void KeyServer::add_product(const std::string& id, const std::string& name,
                            const Words& more) const {
    admin(Words{"product", "add", "--id", id, "--name", name} + more);
}

std::string KeyServer::manifest(const std::string& product) const {
    const fs::path file = data_.string() + "." + product + ".jws";
    const auto done = admin_raw({"product", "export", product, "--url", url_, "-o", file.string()});
    if (done.exit_code != 0) throw std::runtime_error("no manifest: " + done.out + done.err);
    return read_file(file);
}

std::string KeyServer::add_entitlement(const std::string& product, const std::string& program,
                                       int activations, const Words& more) const {
    const auto answer = admin(Words{"entitlement", "add", "--product", product, "--program",
                                    program, "--organization", "contoso", "--quantity", "10",
                                    "--activations", std::to_string(activations)} +
                              more);
    return text_at(answer, "id");
}

std::string KeyServer::issue_key(const std::string& entitlement) const {
    return text_at(admin({"key", "issue", "--entitlement", entitlement}), "key");
}

Use KeyServer::use(const std::string& entitlement) const {
    const auto keys = admin({"key", "list", "--entitlement", entitlement});
    if (at(keys, "keys").as_array().size() != 1)
        throw std::runtime_error("not one key but " + boost::json::serialize(keys));
    return {number_at(keys, "keys.0.activations.used"),
            number_at(keys, "keys.0.activations.limit")};
}

}  // namespace latchkey::e2e
