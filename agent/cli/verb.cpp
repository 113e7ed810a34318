#include "agent/cli/verb.h"

#include <algorithm>
#include <exception>
#include <vector>

#include "agent/cli/problem_text.h"
#include "base/nearest_word.h"

namespace latchkey::cli {
namespace {

bool is_help(std::string_view argument) { return argument == "--help" || argument == "-h"; }

bool takes_value(std::string_view argument) {
    return argument == "--socket" || argument == "--config" || argument == "--timeout";
}

/// How many arguments stand before the verb: common options and their values.
Result<std::size_t> count_leading(Arguments arguments) {
    std::size_t i = 0;
    while (i < arguments.size() && !arguments[i].empty() && arguments[i].front() == '-') {
        const std::string_view argument = arguments[i];
        const auto name = argument.substr(0, argument.find('='));
        if (argument == "--json" || argument == "--version" || is_help(argument) ||
            takes_value(name)) {
            i += takes_value(argument) ? 2 : 1;
        } else {
            return fail(Code::usage, "unknown option before the verb: " + std::string(argument));
        }
    }
    return std::min(i, arguments.size());
}

bool wants_json(Arguments arguments) {
    return std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
}

int finish(const Result<int>& outcome, const Call& call) {
    if (outcome) return *outcome;
    const bool json = call.common.json || wants_json(call.arguments);
    print_problem(call.console, outcome.error(), json);
    return static_cast<int>(outcome.error().exit_code());
}

Result<int> run_guarded(std::span<const Verb> verbs, Call& call) {
    try {
        return dispatch(verbs, "latchkey", call);
    } catch (const std::exception& error) {
        return fail(Code::internal, error.what());
    }
}

const Verb* find(std::span<const Verb> verbs, std::string_view name) {
    const auto found = std::find_if(verbs.begin(), verbs.end(),
                                    [&](const Verb& verb) { return verb.name == name; });
    return found == verbs.end() ? nullptr : &*found;
}

Failure unknown_verb(std::span<const Verb> verbs, std::string_view name, std::string_view family) {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs) names.push_back(verb.name);
    return fail(Problem{Code::usage, no_such_verb(name, names),
                        "See '" + std::string(family) + " --help'."});
}

/// "help", or "help VERB ..." as "VERB ... --help".
Result<int> help(std::span<const Verb> verbs, std::string_view family, Call& call,
                 Arguments about) {
    const Verb* const verb = about.empty() ? nullptr : find(verbs, about.front());
    if (!about.empty() && (verb == nullptr || verb->function == nullptr))
        return unknown_verb(verbs, about.front(), family);
    if (verb == nullptr) {
        out(call.console, overview(verbs, family));
        return kDone;
    }
    std::vector<std::string_view> arguments(about.begin() + 1, about.end());
    arguments.push_back("--help");
    Call inner{arguments, call.console, call.common};
    return verb->function(inner);
}

}  // namespace

int run(std::span<const Verb> verbs, Arguments arguments, Console& console) {
    Call call{arguments, console, {}};
    const int exit_code = finish(run_guarded(verbs, call), call);
    if (console.flush() || exit_code != kDone) return exit_code;
    err(console, "error: standard output could not be written: " + console.trouble() + "\n");
    return static_cast<int>(ExitCode::unexpected);
}

Result<int> dispatch(std::span<const Verb> verbs, std::string_view family, Call& call) {
    const auto leading = count_leading(call.arguments);
    if (!leading) return fail(leading.error());
    const auto before = call.arguments.first(*leading);
    if (*leading == call.arguments.size()) {
        if (std::any_of(before.begin(), before.end(), is_help)) {
            out(call.console, overview(verbs, family));
            return kDone;
        }
        const Verb* const version = find(verbs, "version");
        if (version != nullptr &&
            std::find(before.begin(), before.end(), "--version") != before.end())
            return version->function(call);
        return fail(Code::usage, "a verb is missing; see '" + std::string(family) + " --help'");
    }
    const std::string_view name = call.arguments[*leading];
    const auto after = call.arguments.subspan(*leading + 1);
    if (name == kHelp.name && find(verbs, name) != nullptr) return help(verbs, family, call, after);
    const Verb* const verb = find(verbs, name);
    if (verb == nullptr) return unknown_verb(verbs, name, family);
    std::vector<std::string_view> arguments(after.begin(), after.end());
    arguments.insert(arguments.end(), before.begin(), before.end());
    Call inner{arguments, call.console, call.common};
    auto outcome = verb->function(inner);
    call.common = inner.common;
    return outcome;
}

Result<bool> parse_options(Call& call, Options& options) {
    const auto parsed = options.parse(call.arguments, call.common);
    if (!parsed) return fail(parsed.error());
    if (parsed->help_wanted) out(call.console, parsed->help);
    return !parsed->help_wanted;
}

std::string overview(std::span<const Verb> verbs, std::string_view family) {
    std::string text = "usage: " + std::string(family) +
                       " VERB [--json] [--socket PATH] [--config FILE] [--timeout SECONDS] ...\n\n";
    std::size_t width = 0;
    for (const Verb& verb : verbs) width = std::max(width, verb.name.size());
    for (const Verb& verb : verbs) {
        text.append("  ").append(verb.name).append(width - verb.name.size() + 2, ' ');
        text.append(verb.about).append("\n");
    }
    return text += "\nEvery verb explains itself: " + std::string(family) + " VERB --help\n";
}

}  // namespace latchkey::cli
