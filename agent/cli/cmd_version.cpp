// latchkey version, also spelled latchkey --version

#include "agent/cli/cmd.h"
#include "agent/cli/document.h"

namespace latchkey::cli {

Result<int> cmd_version(Call& call) {
    bool spelled_as_option = false;
    Options options("version", "The version of this program.");
    options.flag("--version", spelled_as_option, "the same");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    if (call.common.json)
        print_document(call.console, {{"schema_version", "1.0"}, {"version", LATCHKEY_VERSION}});
    else
        out(call.console, "latchkey " LATCHKEY_VERSION "\n");
    return kDone;
}

}  // namespace latchkey::cli
