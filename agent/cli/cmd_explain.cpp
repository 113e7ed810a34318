// latchkey explain: what activating now would consume and leave, and why. Spends nothing.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/explain_text.h"
#include "agent/cli/key_input.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {

Result<int> cmd_explain(Call& call) {
    std::string product;
    KeyOptions key_options;
    Options options(
        "explain",
        "What activating now would use, and why; nothing is spent. For administrators: it asks "
        "the key server in the machine's name.");
    options.text("--product", product, "which product", true);
    key_options.declare(options);
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;

    const auto key = key_for_product(key_options, call, product);
    if (!key) return fail(key.error());
    bj::object body;
    if (*key) body["key"] = **key;
    const bj::value request(std::move(body));
    const auto preview = ask(call.common, "POST", product_path(product, "explain"), &request);
    if (!preview) return fail(preview.error());
    if (call.common.json) {
        print_document(call.console, *preview);
        return kDone;
    }
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    show(call.console, explain_text(*preview, color));
    return kDone;
}

}  // namespace latchkey::cli
