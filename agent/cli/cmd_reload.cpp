// latchkey reload: the agent reads its configuration and manifests again.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"

namespace latchkey::cli {

Result<int> cmd_reload(Call& call) {
    Options options("reload", "Let the agent read its configuration and manifests again.");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const bj::value body(bj::object{});
    const auto outcome = ask(call.common, "POST", "/v1/reload", &body);
    if (!outcome) return fail(outcome.error());
    if (call.common.json) {
        print_document(call.console, *outcome);
        return kDone;
    }
    for (const auto& warning : View(*outcome)["warnings"].items())
        warn(call.console, View(warning).text());
    out(call.console, "The agent has read its configuration and manifests again.\n");
    return kDone;
}

}  // namespace latchkey::cli
