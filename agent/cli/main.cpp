// latchkey, the admin's program: talks only to the agent's local endpoint and, for `hwid`, to the
// hardware or to files.

#include <array>
#include <vector>

#include "agent/cli/cmd.h"
#include "agent/cli/terminal.h"
#include "platform/arguments.h"

namespace {

using namespace latchkey::cli;

constexpr std::array kVerbs{
    Verb{"status", "what is activated on this machine", cmd_status},
    Verb{"check", "the same for a monitoring system: one line, exit 0 to 3", cmd_check},
    Verb{"explain", "what activating now would use, and why", cmd_explain},
    Verb{"activate", "install a product key and activate", cmd_activate},
    Verb{"deactivate", "end the license on this machine", cmd_deactivate},
    Verb{"redeem", "redeem a token for a cloud service", cmd_redeem},
    Verb{"rearm", "restart the grace of a product that is not activated", cmd_rearm},
    Verb{"generalize", "prepare a golden image: remove what belongs to this machine alone",
         cmd_generalize},
    Verb{"history", "what was decided, when and why", cmd_history},
    Verb{"doctor", "whether everything an activation needs is there", cmd_doctor},
    Verb{"config", "the agent's settings: config show", cmd_config},
    Verb{"reload", "read configuration and manifests again", cmd_reload},
    Verb{"hwid", "this machine's hardware: capture, show, report, compare", cmd_hwid},
    Verb{"version", "the version of this program", cmd_version},
    kHelp,
};

}  // namespace

int main(int argc, char** argv) {
    const auto words = latchkey::platform::start_program(argc, argv);
    const std::vector<std::string_view> arguments(words.begin() + (words.empty() ? 0 : 1),
                                                  words.end());
    const auto console = latchkey::cli::system_console();
    return run(kVerbs, arguments, *console);
}
