// latchkey activate: install a key and activate; prints the decision and the count.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/explain_text.h"
#include "agent/cli/key_input.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {

Result<int> cmd_activate(Call& call) {
    std::string product;
    bool accept_count = false;
    KeyOptions key_options;
    Options options("activate", "Install a product key and activate.");
    options.text("--product", product, "which product", true);
    options.flag("--accept-count", accept_count, "go on where an activation would be used");
    key_options.declare(options);
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;

    const auto key = key_for_product(key_options, call, product);
    if (!key) return fail(key.error());
    bj::object body{{"accept_count", accept_count}};
    if (*key) body["key"] = **key;
    const bj::value request(std::move(body));
    const auto outcome = ask(call.common, "POST", product_path(product, "activate"), &request);
    if (!outcome) return fail(outcome.error());
    if (call.common.json) {
        print_document(call.console, *outcome);
        return kDone;
    }
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    show(call.console, activation_text(*outcome, color));
    return kDone;
}

}  // namespace latchkey::cli
