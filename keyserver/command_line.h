#pragma once

// The program's command line as values. Built from the table of administration verbs, so that help,
// parsing and the verbs cannot disagree.

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "base/problem.h"
#include "keyserver/admin/office.h"
#include "keyserver/serve.h"

namespace latchkey::keyserver {

struct AdminInvocation {
    std::filesystem::path data;
    std::string publisher;
    DatabaseChoice database;
    admin::Command command;
    const admin::Verb* verb = nullptr;
    bool json = false;
    bool csv = false;
    std::filesystem::path output;  ///< -o, where the verb can write a file
};

/// `admin migrate`: it works on two databases, so it is no verb of the table.
struct MigrateInvocation {
    std::filesystem::path data;
    PostgresUrl to;
    bool json = false;
};

/// Text to print and the exit code: help, the version, or what is wrong with the command line.
struct Message {
    std::string text;
    ExitCode exit = ExitCode::ok;
    bool json = false;   ///< an error, wanted as JSON
    std::string remedy;  ///< of an error; empty: the table's
};

struct ServeInvocation {
    ServeOptions options;
    std::string log_level = "info";
};

/// `verify-receipt`: needs no data directory.
struct VerifyInvocation {
    std::filesystem::path receipt;  ///< "-": standard input
    std::filesystem::path keys;
    std::filesystem::path manifest;  ///< may be empty
    bool json = false;
};

using Invocation =
    std::variant<ServeInvocation, AdminInvocation, MigrateInvocation, VerifyInvocation, Message>;

Invocation parse_command_line(int argc, const char* const* argv);

}  // namespace latchkey::keyserver
