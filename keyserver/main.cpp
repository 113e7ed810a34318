// latchkey-keyserver: `serve` answers agents, `admin` manages. Thin: everything is in the library.

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>

#include "keyserver/admin/ceremony.h"
#include "keyserver/admin/desk.h"
#include "keyserver/admin/present.h"
#include "keyserver/command_line.h"
#include "keyserver/premises.h"
#include "keyserver/receipt_check.h"
#include "keyserver/remedies.h"
#include "keyserver/store/move_store.h"
#include "platform/terminal.h"

namespace {

using namespace latchkey;
using namespace latchkey::keyserver;

constexpr std::size_t kMaxInputFileBytes = 64 * 1024;
constexpr std::size_t kMaxReceiptsBytes = 32 * 1024 * 1024;

/// True: all of it was taken, by more than our own buffer.
bool print(std::FILE* to, const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0;
}

int report(const Problem& said, bool json) {
    const Problem problem = with_remedy(said);
    if (!json || !print(stdout, admin::as_json(problem))) print(stderr, admin::as_text(problem));
    return static_cast<int>(problem.exit_code());
}

void log_to_stderr(const std::string& level) {
    auto logger = std::make_shared<spdlog::logger>(
        "keyserver", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::from_str(level));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->set_error_handler([](const std::string&) {});  // a full disk must not stop the server
    spdlog::set_default_logger(std::move(logger));
}

/// Where a verb takes a file, its content travels: the server reads no path of ours.
Result<void> read_files(AdminInvocation& invocation) {
    for (const auto& rule : invocation.verb->arguments) {
        if (rule.kind != admin::ArgumentKind::file) continue;
        const auto given = invocation.command.arguments.find(rule.name);
        if (given == invocation.command.arguments.end()) continue;
        for (auto& value : given->second) {
            const bool asked = value == "-" && rule.name == "password-file";
            auto content = asked ? platform::read_hidden_line("Password: ", kMaxInputFileBytes)
                                 : platform::read_file(value, kMaxInputFileBytes);
            if (!content) return fail(Code::input_unreadable, content.error().detail);
            value = std::move(*content);
        }
    }
    return {};
}

/// Through the running server, or, where there is none, at the database itself.
Result<admin::bj::object> ask(const AdminInvocation& invocation, const admin::Command& command) {
    auto answer = admin::ask_desk(invocation.data, command);
    if (answer || answer.error().code != Code::agent_unreachable) return answer;
    const auto clock = platform::system_clock();
    auto premises =
        open_premises(invocation.data, invocation.publisher, invocation.database, *clock,
                      admin::may_begin(*invocation.verb) ? WhereNew::make : WhereNew::refuse);
    if (!premises) return fail(std::move(premises.error()));
    for (const auto& warning : premises->warnings) print(stderr, "warning: " + warning + "\n");
    admin::Office office(*premises->store, *premises->keys, *clock, invocation.data);
    return office.run(command);
}

Result<admin::bj::object> carry_out(const AdminInvocation& invocation) {
    if (!admin::needs_root(invocation.command)) return ask(invocation, invocation.command);
    return admin::hold_ceremony(
        invocation.command, invocation.data,
        [&](const admin::Command& command) { return ask(invocation, command); });
}

/// A manifest goes to a file or alone to stdout.
Result<void> write_output(const AdminInvocation& invocation, admin::bj::object& result) {
    const auto* manifest = result.if_contains("manifest");
    if (!manifest || invocation.output.empty()) return {};
    if (auto written =
            platform::write_public_output(invocation.output, std::string(manifest->as_string()));
        !written)
        return fail(Problem{written.error().code, written.error().detail,
                            "Check folder, permissions and free space, or name another file with "
                            "-o. The manifest's version is not used up."});
    result.erase("manifest");
    result["file"] = invocation.output.string();
    return {};
}

/// A manifest that reached nobody must not use up its version.
void take_back(AdminInvocation invocation, const admin::bj::object& result) {
    const auto* version = result.if_contains("manifest_version");
    if (!version || !result.contains("manifest")) return;
    invocation.command.arguments[std::string(admin::kUnwritten)] = {
        std::to_string(version->to_number<std::int64_t>())};
    (void)carry_out(invocation);
}

std::string shown(const AdminInvocation& invocation, const admin::bj::object& result) {
    if (invocation.json) return admin::as_json(result);
    if (invocation.csv) return admin::as_csv(*invocation.verb, result);
    if (const auto* manifest = result.if_contains("manifest"))
        return std::string(manifest->as_string()) + "\n";
    return admin::as_text(*invocation.verb, result);
}

void warn_of_password(const DatabaseChoice& database, std::string_view option) {
    if (const auto warning = warning_about_password(database, option); !warning.empty())
        print(stderr, "warning: " + warning + "\n");
}

int run_admin(AdminInvocation invocation) {
    warn_of_password(invocation.database, "--database");
    if (auto read = read_files(invocation); !read) return report(read.error(), invocation.json);
    auto result = carry_out(invocation);
    if (!result) return report(result.error(), invocation.json);
    if (auto written = write_output(invocation, *result); !written) {
        take_back(invocation, *result);
        return report(written.error(), invocation.json);
    }
    if (!print(stdout, shown(invocation, *result))) {
        take_back(invocation, *result);
        return report(admin::not_shown(*invocation.verb, *result, invocation.data), false);
    }
    if (!invocation.json) print(stderr, admin::word_on_secret(*invocation.verb, *result));
    return 0;
}

/// What is told on a terminal while it goes on.
MoveProgress progress_line() {
    if (!platform::errors_are_watched()) return [](const MovedTable&) {};
    return [](const MovedTable& table) {
        print(stderr,
              "\r" + std::string(table.name) + ": " + std::to_string(table.rows) + "\033[K");
    };
}

Result<admin::bj::object> migrate(const MigrateInvocation& invocation) {
    const auto clock = platform::system_clock();
    auto premises = open_premises(invocation.data, {}, {}, *clock, WhereNew::refuse);
    if (!premises) return fail(std::move(premises.error()));
    const auto room = premises->keys->room();
    const StoreOwner owner{room->publisher().id, room->pepper().check_value()};
    premises->store.reset();  // at the newest schema now
    auto moved =
        move_to_postgres(invocation.data / "latchkey.db", invocation.to, owner, progress_line());
    if (!moved) return fail(std::move(moved.error()));
    admin::bj::array tables;
    for (const auto& table : *moved)
        tables.push_back(admin::bj::object{{"table", table.name}, {"rows", table.rows}});
    return admin::bj::object{{"database", invocation.to.shown}, {"tables", std::move(tables)}};
}

int run_migrate(const MigrateInvocation& invocation) {
    warn_of_password(invocation.to, "--to");
    const auto result = migrate(invocation);
    if (!result) return report(result.error(), invocation.json);
    if (invocation.json) return print(stdout, admin::as_json(*result)) ? 0 : 1;
    std::int64_t rows = 0;
    for (const auto& table : result->at("tables").as_array()) rows += table.at("rows").as_int64();
    const std::string place(result->at("database").as_string());
    print(stdout, "Moved " + std::to_string(rows) + " rows to " + place +
                      ", each checked there.\nServe them with --database " + place +
                      "; latchkey.db is kept and is not served any more.\n");
    return 0;
}

Result<std::string> read_input(const std::filesystem::path& file) {
    auto text = platform::read_file(file == "-" ? "/dev/stdin" : file, kMaxReceiptsBytes);
    if (!text) return fail(Code::input_unreadable, text.error().detail);
    return text;
}

Result<std::vector<CheckedReceipt>> check_all(const VerifyInvocation& invocation) {
    const auto keys = read_input(invocation.keys);
    if (!keys) return fail(keys.error());
    auto manifest = Result<std::string>("");
    if (!invocation.manifest.empty()) manifest = read_input(invocation.manifest);
    if (!manifest) return fail(manifest.error());
    const auto trusted = trust_in(*keys, *manifest);
    if (!trusted) return fail(trusted.error());
    const auto text = read_input(invocation.receipt);
    if (!text) return fail(text.error());
    const auto receipts = receipts_in(*text);
    if (!receipts) return fail(receipts.error());
    std::vector<CheckedReceipt> checked;
    for (const auto& receipt : *receipts)
        checked.push_back(check_receipt(receipt, *trusted->key_set));
    return checked;
}

int run_verify(const VerifyInvocation& invocation) {
    const auto checked = check_all(invocation);
    if (!checked) return report(checked.error(), invocation.json);
    std::string shown = invocation.json ? admin::as_json(as_json(*checked)) : std::string();
    bool good = true;
    for (const auto& receipt : *checked) {
        good = good && receipt.receipt;
        if (!invocation.json) shown += words_of(receipt);
    }
    if (!print(stdout, shown)) return report(admin::not_written(), false);
    return static_cast<int>(good ? ExitCode::ok : ExitCode::verification_failed);
}

int run_serve(const ServeInvocation& invocation) {
    log_to_stderr(invocation.log_level);
    warn_of_password(invocation.options.database, "--database");
    const auto clock = platform::system_clock();
    const auto served = serve(invocation.options, *clock);
    return served ? 0 : report(served.error(), false);
}

int run(const Message& message) {
    if (message.exit == ExitCode::ok) {
        if (print(stdout, message.text)) return 0;
        return report(admin::not_written(), false);
    }
    return report({Code::usage, message.text, message.remedy}, message.json);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto invocation = parse_command_line(argc, argv);
        if (const auto* serve = std::get_if<ServeInvocation>(&invocation)) return run_serve(*serve);
        if (auto* admin = std::get_if<AdminInvocation>(&invocation))
            return run_admin(std::move(*admin));
        if (const auto* migrate = std::get_if<MigrateInvocation>(&invocation))
            return run_migrate(*migrate);
        if (const auto* verify = std::get_if<VerifyInvocation>(&invocation))
            return run_verify(*verify);
        return run(std::get<Message>(invocation));
    } catch (const std::exception& e) {
        return report({Code::internal, e.what(), {}}, false);
    }
}
