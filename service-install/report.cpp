#include "service-install/report.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <string_view>

namespace latchkey::service_install {
namespace {

namespace bj = boost::json;

constexpr const char* kSchemaVersion = "1.0";

/// A word as a shell would need it.
std::string quoted(const std::string& word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+*()\\";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    return word.find('"') == std::string::npos ? "\"" + word + "\"" : "'" + word + "'";
}

std::string command_line(const Action& action) {
    std::string line;
    for (const auto& word : action.command) line += (line.empty() ? "" : " ") + quoted(word);
    return line;
}

std::string condition(const Action& action) {
    if (action.only_if_changed) return " (only if something changed)";
    if (!action.needs.empty()) return " (only if there is " + action.needs + ")";
    return {};
}

void append_block(std::string& text, std::string_view content) {
    while (!content.empty()) {
        const auto line = content.substr(0, content.find('\n'));
        text.append("       | ").append(line).append("\n");
        content.remove_prefix(std::min(content.size(), line.size() + 1));
    }
}

std::string_view outcome_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return "done";
        case Outcome::unchanged:
            return "unchanged";
        case Outcome::not_needed:
            return "not_needed";
    }
    return "";
}

bj::object action_to_json(const Action& action) {
    bj::array command;
    for (const auto& word : action.command) command.emplace_back(word);
    return {{"kind", kind_name(action.kind)}, {"summary", action.summary},
            {"target", action.target},        {"content", action.content},
            {"command", std::move(command)},  {"only_if_changed", action.only_if_changed}};
}

}  // namespace

std::string describe_plan(const std::vector<Step>& steps) {
    std::string text;
    int number = 0;
    for (const auto& step : steps) {
        const Action& action = step.act;
        const std::string index = std::to_string(++number);
        text += std::string(index.size() < 2 ? 2 - index.size() : 0, ' ') + index + ". " +
                action.summary + condition(action) + "\n";
        if (!action.command.empty()) text += "       $ " + command_line(action) + "\n";
        if (action.kind == Kind::copy_file) text += "       from " + action.content + "\n";
        if (action.kind == Kind::make_link)
            text += "       " + action.target + " -> " + action.content + "\n";
        if (action.kind == Kind::write_file || action.kind == Kind::tune_service ||
            action.kind == Kind::guard_directory)
            append_block(text, action.content);
    }
    return text;
}

std::string describe_outcomes(const std::vector<Record>& records) {
    std::string text;
    for (const auto& record : records) {
        switch (record.outcome) {
            case Outcome::done:
                text += "done       ";
                break;
            case Outcome::unchanged:
                text += "unchanged  ";
                break;
            case Outcome::not_needed:
                text += "not needed ";
                break;
        }
        text += record.action.summary + "\n";
    }
    return text;
}

bj::value plan_to_json(const std::vector<Step>& steps) {
    bj::array list;
    for (const auto& step : steps) {
        auto entry = action_to_json(step.act);
        entry["outcome"] = nullptr;
        list.push_back(std::move(entry));
    }
    return bj::object{
        {"schema_version", kSchemaVersion}, {"dry_run", true}, {"steps", std::move(list)}};
}

bj::value outcomes_to_json(const std::vector<Record>& records) {
    bj::array list;
    for (const auto& record : records) {
        auto entry = action_to_json(record.action);
        entry["outcome"] = outcome_name(record.outcome);
        list.push_back(std::move(entry));
    }
    return bj::object{
        {"schema_version", kSchemaVersion}, {"dry_run", false}, {"steps", std::move(list)}};
}

std::string describe_status(const Status& status) {
    const auto line = [](std::string_view what, bool is) {
        return std::string(what) + (is ? "yes\n" : "no\n");
    };
    return line("installed   ", status.installed) + line("enabled     ", status.enabled) +
           line("active      ", status.active) + line("answers     ", status.answers) +
           line("has state   ", status.has_state) + "definition  " + status.definition + "\n";
}

bj::value status_to_json(const Status& status) {
    return bj::object{{"schema_version", kSchemaVersion}, {"installed", status.installed},
                      {"enabled", status.enabled},        {"active", status.active},
                      {"answers", status.answers},        {"has_state", status.has_state},
                      {"definition", status.definition}};
}

bj::value sources_to_json(const std::vector<std::string>& sources) {
    bj::array list;
    for (const auto& source : sources) list.emplace_back(source);
    return bj::object{
        {"schema_version", kSchemaVersion}, {"dry_run", true}, {"steps", std::move(list)}};
}

bj::value problem_to_json(const Problem& problem) {
    return bj::object{{"schema_version", kSchemaVersion},
                      {"error", bj::object{{"code", problem.name()},
                                           {"title", problem.title()},
                                           {"detail", problem.detail},
                                           {"retryable", problem.retryable()},
                                           {"remedy", problem.remedy_text()}}}};
}

}  // namespace latchkey::service_install
