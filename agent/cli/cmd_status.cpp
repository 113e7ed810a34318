// latchkey status: the table; never touches the network, and needs no rights.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/status_text.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr Duration kWatchInterval = seconds{2};
constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J";
/// How every document of the agent begins; it need not be parsed to be passed on.
constexpr std::string_view kDocumentStart = R"({"schema_version")";

Failure unknown_product(std::string_view id) {
    return fail(Code::product_unknown, "the agent knows no product '" + std::string(id) + "'");
}

Failure not_a_status() {
    return fail(Code::agent_unreachable, "what answers there is not the agent");
}

/// The document with this product alone.
Result<bj::value> only_product(const bj::value& status, std::string_view id) {
    const View product = find_product(status, id);
    if (product.is_null()) return unknown_product(id);
    bj::value narrowed = status;
    bj::array kept;
    for (const auto& item : View(status)["products"].items())
        if (View(item)["id"].text() == id) kept.push_back(item);
    narrowed.as_object()["products"] = std::move(kept);
    return narrowed;
}

Result<int> print_json(Call& call, std::string_view text, const std::string& product) {
    if (product.empty() && text.starts_with(kDocumentStart)) {
        print_document_text(call.console, text);
        return kDone;
    }
    const auto status = json::parse_strict(
        text, {.max_bytes = text.size(), .max_depth = 16, .allow_doubles = true});
    if (!status || !status->is_object()) return not_a_status();
    if (product.empty()) {
        print_document(call.console, *status);
        return kDone;
    }
    const auto narrowed = only_product(*status, product);
    if (!narrowed) return fail(narrowed.error());
    print_document(call.console, *narrowed);
    return kDone;
}

Result<int> print_text(Call& call, std::string_view text, const std::string& product) {
    const auto status = json::parse_strict(
        text, {.max_bytes = text.size(), .max_depth = 16, .allow_doubles = true});
    if (!status || !status->is_object()) return not_a_status();
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    if (product.empty()) {
        out(call.console, status_table(*status, color));
        return kDone;
    }
    const View found = find_product(*status, product);
    if (found.is_null()) return unknown_product(product);
    out(call.console, product_details(*status, found, color));
    return kDone;
}

Result<int> show(Call& call, const std::string& product) {
    const auto text = ask_text(call.common, "GET", "/v1/status");
    if (!text) return fail(text.error());
    return call.common.json ? print_json(call, *text, product) : print_text(call, *text, product);
}

/// An agent that restarts meanwhile is part of what there is to watch.
Result<int> watch(Call& call, const std::string& product) {
    const bool clears = call.console.is_terminal(Stream::out) && !call.common.json;
    do {
        if (clears) out(call.console, kClearScreen);
        const auto shown = show(call, product);
        if (!shown && shown.error().code != Code::agent_unreachable) return shown;
        if (!shown) print_problem(call.console, shown.error(), call.common.json);
    } while (call.console.pause(kWatchInterval));
    return kDone;
}

}  // namespace

Result<int> cmd_status(Call& call) {
    std::string product;
    bool repeats = false;
    Options options("status", "What is activated on this machine; never touches the network.");
    options.text("--product", product, "details of this product only");
    options.flag("--watch", repeats, "repeat every two seconds, until a key is pressed");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    return repeats ? watch(call, product) : show(call, product);
}

}  // namespace latchkey::cli
