// latchkey rearm: restart the grace; the rearms are counted on this hardware.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/terminal.h"
#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

std::string outcome_text(View outcome) {
    const View grace = outcome["grace"];
    std::string text =
        printable(outcome["product"].text()) + ": " + state_words(outcome["state"].text());
    if (const auto left = grace["remaining_s"].number(); left.value_or(0) > 0)
        text += ", " + duration_words(*left) + " left";
    if (const auto rearms = grace["rearms_left"].number())
        text += "; " + counted(*rearms, "rearm") + " left";
    if (const auto note = outcome["note"].text(); !note.empty()) text += "\n" + printable(note);
    return text + "\n";
}

}  // namespace

Result<int> cmd_rearm(Call& call) {
    std::string product;
    Options options("rearm", "Restart the grace of a product that is not activated.");
    options.text("--product", product, "which product", true);
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const bj::value body(bj::object{});
    const auto outcome = ask(call.common, "POST", product_path(product, "rearm"), &body);
    if (!outcome) return fail(outcome.error());
    if (call.common.json)
        print_document(call.console, *outcome);
    else
        show(call.console, outcome_text(*outcome));
    return kDone;
}

}  // namespace latchkey::cli
