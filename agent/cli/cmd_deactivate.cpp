// latchkey deactivate: end the license on this machine.

#include <vector>

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/terminal.h"
#include "agent/cli/words.h"
#include "agent/localapi/problem_json.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::string_view kAbout =
    "End the license on this machine. Activations are consumed, not lent: they come back only "
    "under a program that says so.";

std::string refund_words(View outcome) {
    if (const auto at = outcome["returns_at"].text(); !at.empty())
        return "the activation will be given back on " + date_of(at) +
               "; activating again before then uses another one";
    return outcome["returned"].truth() ? "the activation was given back"
                                       : "the activation stays used (it is consumed, not lent)";
}

std::string outcome_text(View outcome, bool local) {
    if (const auto note = outcome["note"].text(); !note.empty())
        return printable(outcome["product"].text()) + ": " + state_words(outcome["state"].text()) +
               ". " + printable(note) + "\n";
    const std::string refund = local
                                   ? "the key server was not told: there the activation stays used"
                                   : refund_words(outcome);
    return printable(outcome["product"].text()) + ": " + state_words(outcome["state"].text()) +
           "; " + refund + "\n";
}

Result<bj::value> deactivate(const Common& common, std::string_view product, bool local) {
    bj::value body(bj::object{});
    if (local) body.as_object()["local"] = true;
    return ask(common, "POST", product_path(product, "deactivate"), &body);
}

Result<int> one(Call& call, const std::string& product, bool local) {
    const auto outcome = deactivate(call.common, product, local);
    if (!outcome) return fail(outcome.error());
    if (call.common.json)
        print_document(call.console, *outcome);
    else
        show(call.console, outcome_text(*outcome, local));
    return kDone;
}

bool holds_a_license(View product) {
    const auto state = product["state"].text();
    return state != "unlicensed" && state != "not_required" && !product["license"].is_null();
}

/// Goes on after a failure: the first one gives the exit code.
Result<int> all(Call& call, bool local) {
    const auto status = ask(call.common, "GET", "/v1/status");
    if (!status) return fail(status.error());
    bj::array outcomes;
    int exit_code = kDone;
    for (const auto& product : View(*status)["products"].items()) {
        if (!holds_a_license(product)) continue;
        const auto id = View(product)["id"].text();
        auto outcome = deactivate(call.common, id, local);
        if (outcome) {
            if (!call.common.json) show(call.console, outcome_text(*outcome, local));
            outcomes.push_back(*std::move(outcome));
            continue;
        }
        Problem problem = outcome.error();
        if (exit_code == kDone) exit_code = static_cast<int>(problem.exit_code());
        bj::value failed = localapi::error_json(problem);
        failed.as_object()["product"] = id;
        outcomes.push_back(std::move(failed));
        problem.detail = std::string(id) + ": " + problem.detail;
        if (!call.common.json) print_problem(call.console, problem, false);
    }
    if (call.common.json)
        print_document(call.console, {{"schema_version", "1.0"}, {"products", outcomes}});
    else if (outcomes.empty())
        show(call.console, "No product holds a license on this machine.\n");
    return exit_code;
}

}  // namespace

Result<int> cmd_deactivate(Call& call) {
    std::string product;
    bool everything = false;
    bool local = false;
    Options options("deactivate", kAbout);
    options.text("--product", product, "which product");
    options.flag("--all", everything, "every product that holds a license");
    options.flag("--local", local, "end it here only, without telling the key server");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    if (product.empty() == !everything)
        return fail(Code::usage, "name one product with --product, or take --all");
    return everything ? all(call, local) : one(call, product, local);
}

}  // namespace latchkey::cli
