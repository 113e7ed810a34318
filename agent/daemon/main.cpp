// latchkeyd: the agent, in the foreground or under the service manager. Real clock, real hardware,
// and no way to say otherwise.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "agent/daemon/wiring.h"
#include "base/path_text.h"
#include "platform/arguments.h"
#include "platform/paths.h"
#include "platform/service/service_host.h"
#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_counter.h"

namespace {

constexpr int kUsage = static_cast<int>(latchkey::ExitCode::usage);

int run(const std::string& config) {
    const auto clock = latchkey::platform::system_clock();
    const auto captures = latchkey::daemon::hardware_captures(latchkey::platform::tpm_reader());
    return latchkey::daemon::run_agent(latchkey::utf8_path(config),
                                       {*clock,
                                        *captures,
                                        {},
                                        latchkey::platform::tpm_prover(),
                                        latchkey::platform::tpm_counter()});
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Latchkey's agent: says whether the software on this machine is activated.");
    app.set_version_flag("--version", "latchkeyd " LATCHKEY_VERSION);
    app.require_subcommand(1);
    std::string config = latchkey::utf8_text(latchkey::platform::default_paths().config_file);
    auto* run_verb = app.add_subcommand("run", "Run in the foreground until told to stop");
    auto* check_verb =
        app.add_subcommand("check-config", "Read the configuration and say what is wrong");
    for (auto* verb : {run_verb, check_verb})
        verb->add_option("--config", config, "The configuration file")->capture_default_str();
    const auto words = latchkey::platform::start_program(argc, argv);
    try {
        // CLI11 takes them last one first, and without the program's name.
        app.parse(std::vector<std::string>(words.rbegin(), words.rend() - 1));
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kUsage;
    }
    return check_verb->parsed()
               ? latchkey::daemon::check_config(latchkey::utf8_path(config))
               : latchkey::platform::run_for_service_manager([&config] { return run(config); });
}
