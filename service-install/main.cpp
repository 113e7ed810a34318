// latchkey-service: puts the agent under the system's service manager, and takes it away again.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest_word.h"
#include "base/strict_json.h"
#include "platform/arguments.h"
#include "platform/privileges.h"
#include "service-install/apply.h"
#include "service-install/plan.h"
#include "service-install/report.h"
#include "service-install/version.h"

namespace latchkey::service_install {
namespace {

struct Arguments {
    Options options;
    std::string root;
    bool dry_run = false;
    bool json = false;
};

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

void print_json(const boost::json::value& value) {
    print(stdout, json::to_pretty_text(value) + "\n");
}

int report(const Problem& problem, bool as_json) {
    if (as_json) {
        print_json(problem_to_json(problem));
    } else {
        print(stderr, "latchkey-service: " + std::string(problem.title()) + "\n");
        if (!problem.detail.empty()) print(stderr, "  " + problem.detail + "\n");
        print(stderr, "  " + std::string(problem.remedy_text()) + "\n");
    }
    return static_cast<int>(problem.exit_code());
}

/// Paths end up in unit files and commands: nothing with a meaning of its own there is accepted.
std::optional<Problem> check_path(const std::string& option, const std::string& path) {
    if (path.empty() || is_plain_path(this_manager(), path)) return std::nullopt;
    return Problem{Code::usage, option + " wants an absolute path without quotes, $, % or ;", {}};
}

using Planner = std::vector<Step> (*)(const Options&, const Facts&);

int carry_out(const Arguments& arguments, Planner planner) {
    const auto facts = current_facts(arguments.root);
    const auto refused = refusal(facts);
    const auto steps = planner(arguments.options, facts);
    if (arguments.dry_run) {
        // The steps are still worth seeing: packages take their unit from them.
        if (refused)
            print(stderr,
                  "latchkey-service: without --dry-run it is refused: " + refused->detail + "\n");
        if (arguments.json)
            print_json(plan_to_json(steps));
        else
            print(stdout, describe_plan(steps));
        return 0;
    }
    if (arguments.root.empty() && !platform::is_elevated())
        return report({Code::not_permitted,
                       "installing a service is the administrator's; --dry-run shows the steps",
                       administrators_remedy(this_manager())},
                      arguments.json);
    if (refused) return report(*refused, arguments.json);
    const auto records = apply_steps(steps, arguments.root);
    if (!records) return report(records.error(), arguments.json);
    if (arguments.json)
        print_json(outcomes_to_json(*records));
    else
        print(stdout, describe_outcomes(*records));
    return 0;
}

int show_status(const Arguments& arguments) {
    if (arguments.dry_run) {
        if (arguments.json)
            print_json(sources_to_json(status_sources()));
        else
            for (const auto& source : status_sources()) print(stdout, source + "\n");
        return 0;
    }
    const auto status = read_status(arguments.root);
    if (arguments.json)
        print_json(status_to_json(status));
    else
        print(stdout, describe_status(status));
    return 0;
}

void add_common(CLI::App& verb, Arguments& arguments) {
    verb.add_flag("--dry-run", arguments.dry_run, "print the steps and do nothing");
    verb.add_flag("--json", arguments.json, "JSON alone on standard output, errors included");
    if (has_other_roots(this_manager()))
        verb.add_option(
            "--root", arguments.root,
            "another system's root directory, such as an image; nothing is started there");
}

void add_places(CLI::App& verb, Arguments& arguments, std::string& prefix) {
    auto* const bindir =
        verb.add_option("--bindir", arguments.options.bindir,
                        "where the programs belong (" + bindir_hint(this_manager()) + ")");
    verb.add_option("--prefix", prefix,
                    "the same as --bindir PREFIX" + path_separator(this_manager()) + "bin")
        ->excludes(bindir);
}

/// Names the word that is no verb, which CLI11 does not.
Problem usage_problem(const CLI::App& app, const CLI::ParseError& error) {
    Problem problem{Code::usage, error.what(), "See 'latchkey-service --help'."};
    const auto unread = app.remaining();
    if (!app.get_subcommands().empty() || unread.empty() || unread.front().starts_with('-'))
        return problem;
    std::vector<std::string_view> verbs;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        verbs.push_back(verb->get_name());
    problem.detail = no_such_verb(unread.front(), verbs);
    return problem;
}

int run(const std::vector<std::string>& words) {
    Arguments arguments;
    std::string prefix;
    CLI::App app("Puts the Latchkey agent under the system's service manager.", "latchkey-service");
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);

    auto* const install =
        app.add_subcommand("install", "install or update the service and start it");
    add_common(*install, arguments);
    add_places(*install, arguments, prefix);
    install->add_flag("!--no-start", arguments.options.start, "start it at the next boot, not now");

    auto* const uninstall = app.add_subcommand(
        "uninstall", "stop and remove the service; configuration and state stay");
    add_common(*uninstall, arguments);
    add_places(*uninstall, arguments, prefix);
    uninstall->add_flag("--remove-state", arguments.options.remove_state,
                        "remove licenses, state, second copy, user and group too");

    auto* const status =
        app.add_subcommand("status", "say whether it is installed, enabled, running");
    add_common(*status, arguments);

    try {
        // CLI11 takes them last one first, and without the program's name.
        app.parse(std::vector<std::string>(words.rbegin(), words.rend() - 1));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        // The flag itself may stand behind the mistake.
        const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
        return report(usage_problem(app, error), json);
    }
    if (!prefix.empty()) arguments.options.bindir = prefix + path_separator(this_manager()) + "bin";
    while (arguments.root.size() > 1 && arguments.root.back() == '/') arguments.root.pop_back();
    if (arguments.root == "/") arguments.root.clear();
    for (const auto& [option, path] :
         {std::pair("--bindir", arguments.options.bindir), std::pair("--root", arguments.root)})
        if (const auto bad = check_path(option, path)) return report(*bad, arguments.json);

    if (install->parsed()) return carry_out(arguments, plan_install);
    if (uninstall->parsed()) return carry_out(arguments, plan_uninstall);
    return show_status(arguments);
}

}  // namespace
}  // namespace latchkey::service_install

int main(int argc, char** argv) {
    try {
        return latchkey::service_install::run(latchkey::platform::start_program(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "latchkey-service: %s\n", error.what());
        return 1;
    }
}
