#pragma once

// Where administration commands are carried out: beside the store, in one transaction each. The
// running server has one behind DIR/admin.sock; without a server the command opens its own.

#include <filesystem>
#include <string>
#include <string_view>

#include "keyserver/admin/verb.h"
#include "platform/clock.h"

namespace latchkey::keyserver::admin {

/// One command as it travels: {"verb": ["key", "issue"], "arguments": {"entitlement": ["ent_…"]}}.
struct Command {
    std::string noun;
    std::string name;
    RawArguments arguments;
    /// Where its giver believes the records to be (name_of); empty: wherever they are.
    std::string database = {};
};
std::string to_line(const Command& command);
Result<Command> parse_command(std::string_view line);

/// An answer as it travels: {"result": {…}} or {"error": {"code", "detail", "remedy"}}.
std::string to_line(const Result<bj::object>& answer);
Result<bj::object> parse_answer(std::string_view line);

/// On as many threads as the store allows. Everything must outlive it.
class Office {
public:
    /// `database`: the name_of() its records; empty: it serves whoever asks.
    Office(Store& store, KeyKeeper& keys, const platform::Clock& clock,
           std::filesystem::path directory, std::string database = {})
        : store_(store),
          keys_(keys),
          clock_(clock),
          directory_(std::move(directory)),
          database_(std::move(database)) {}

    /// All or nothing. Fails with Code::config_invalid where the command is meant for another
    /// database.
    Result<bj::object> run(const Command& command);

private:
    Result<bj::object> run_once(const Verb& verb, const Arguments& arguments);

    Store& store_;
    KeyKeeper& keys_;
    const platform::Clock& clock_;
    std::filesystem::path directory_;
    std::string database_;
};

/// DIR/url: where agents reach this key server, for manifests. Written by `serve`.
std::string read_url(const std::filesystem::path& directory);
Result<void> write_url(const std::filesystem::path& directory, const std::string& url);

}  // namespace latchkey::keyserver::admin
