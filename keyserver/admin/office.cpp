#include "keyserver/admin/office.h"

#include <boost/json/array.hpp>

#include "base/strict_json.h"
#include "keyserver/decisions/attempts.h"
#include "keyserver/policy.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver::admin {
namespace {

constexpr std::size_t kMaxUrlBytes = 512;
constexpr std::size_t kMaxDatabaseBytes = 4096;
constexpr std::size_t kMaxAnswerBytes = 16 * 1024 * 1024;

Failure not_a_command() {
    return fail(Code::request_invalid, "this is not an administration command");
}

Result<std::vector<std::string>> read_texts(const bj::value& value) {
    if (!value.is_array()) return not_a_command();
    std::vector<std::string> texts;
    for (const auto& item : value.get_array()) {
        if (!item.is_string()) return not_a_command();
        texts.emplace_back(item.get_string());
    }
    return texts;
}

}  // namespace

std::string to_line(const Command& command) {
    bj::object arguments;
    for (const auto& [name, values] : command.arguments) {
        bj::array array;
        for (const auto& value : values) array.emplace_back(value);
        arguments[name] = std::move(array);
    }
    bj::object line{{"verb", bj::array{command.noun, command.name}}, {"arguments", arguments}};
    if (!command.database.empty()) line["database"] = command.database;
    return json::to_text(line);
}

Result<Command> parse_command(std::string_view line) {
    const auto value = json::parse_strict(line, {.max_bytes = kMaxAdminLineBytes});
    if (!value) return fail(value.error());
    json::ObjectReader in(*value, "command");
    const auto* words = in.array("verb", 2);
    const auto* arguments = in.object("arguments");
    auto database = in.optional_string("database", kMaxDatabaseBytes).value_or("");
    if (const auto bad = in.finish(json::ObjectReader::Unknown::refused)) return fail(*bad);
    const auto verb = read_texts(*words);
    if (!verb || verb->size() != 2 || !arguments->is_object()) return not_a_command();
    Command command{(*verb)[0], (*verb)[1], {}, std::move(database)};
    for (const auto& member : arguments->get_object()) {
        auto values = read_texts(member.value());
        if (!values) return fail(std::move(values.error()));
        command.arguments[std::string(member.key())] = std::move(*values);
    }
    return command;
}

std::string to_line(const Result<bj::object>& answer) {
    if (answer) return json::to_text(bj::object{{"result", *answer}});
    const Problem& problem = answer.error();
    return json::to_text(bj::object{{"error", bj::object{{"code", problem.name()},
                                                         {"detail", problem.detail},
                                                         {"remedy", problem.remedy}}}});
}

Result<bj::object> parse_answer(std::string_view line) {
    auto value = json::parse_strict(line, {.max_bytes = kMaxAnswerBytes});
    if (!value) return fail(Code::internal, "the key server's answer cannot be read");
    json::ObjectReader in(*value, "answer");
    const auto* result = in.optional_object("result");
    const auto* error = in.optional_object("error");
    if (in.ok() && result) return result->as_object();
    if (!in.ok() || !error) return fail(Code::internal, "the key server's answer cannot be read");
    json::ObjectReader detail(*error, "error");
    Problem problem;
    problem.code = code_from_name(detail.string("code", 64)).value_or(Code::internal);
    problem.detail = detail.string("detail", 4096);
    problem.remedy = detail.string("remedy", 4096);
    return fail(std::move(problem));
}

Result<bj::object> Office::run(const Command& command) {
    const Verb* verb = find_verb(command.noun, command.name);
    if (!verb)
        return fail(Code::usage, "there is no \"" + command.noun + " " + command.name + "\"");
    if (!command.database.empty() && !database_.empty() && command.database != database_)
        return fail(Problem{Code::config_invalid,
                            "the key server that runs here keeps its records in " + database_ +
                                ", and --database names " + command.database,
                            "Leave --database out: a running key server knows its own. Another one "
                            "needs a directory of its own."});
    const auto arguments = Arguments::checked(verb->arguments, command.arguments);
    if (!arguments) return fail(arguments.error());
    return repeated([&] { return run_once(*verb, *arguments); });
}

Result<bj::object> Office::run_once(const Verb& verb, const Arguments& arguments) {
    const bool writes = verb.access != Store::Access::read;
    auto transaction = store_.begin(writes ? Store::Access::alone : Store::Access::read);
    if (!transaction) return fail(std::move(transaction.error()));
    const auto room = keys_.room();
    Context context{(*transaction)->stores(),     keys_,     *room, read_url(directory_),
                    as_server(clock_.now().wall), directory_};
    auto result = verb.run(context, arguments);
    auto ended = writes && result ? (*transaction)->commit() : (*transaction)->let_go();
    if (!ended) return fail(std::move(ended.error()));
    return result;
}

std::string read_url(const std::filesystem::path& directory) {
    auto url = platform::read_file(directory / "url", kMaxUrlBytes);
    if (!url) return {};
    while (!url->empty() && url->back() == '\n') url->pop_back();
    return *url;
}

Result<void> write_url(const std::filesystem::path& directory, const std::string& url) {
    if (read_url(directory) == url) return {};
    return platform::write_private_file(directory / "url", url + "\n");
}

}  // namespace latchkey::keyserver::admin
