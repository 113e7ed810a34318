// latchkey status: the table; never touches the network, and needs no rights.

#include <algorithm>

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/status_text.h"
#include "agent/cli/terminal.h"
#include "platform/clock.h"

namespace latchkey::cli {
namespace {

constexpr Duration kWatchInterval = seconds{2};
constexpr std::string_view kClear = "\x1b[2J";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kToEndOfLine = "\x1b[K";
constexpr std::string_view kToEndOfScreen = "\x1b[J";
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

Result<std::string> text_of(std::string_view document, const std::string& product,
                            const Look& look) {
    const auto status = json::parse_strict(
        document, {.max_bytes = document.size(), .max_depth = 16, .allow_doubles = true});
    if (!status || !status->is_object()) return not_a_status();
    const WallTime now = platform::calendar_time();
    if (product.empty()) return status_picture(*status, now, look);
    const View found = find_product(*status, product);
    if (found.is_null()) return unknown_product(product);
    return product_details(*status, found, now, look);
}

Result<int> show(Call& call, const std::string& product) {
    const auto document = ask_text(call.common, "GET", "/v1/status");
    if (!document) return fail(document.error());
    if (call.common.json) return print_json(call, *document, product);
    const auto text = text_of(*document, product, look_of(call.console));
    if (!text) return fail(text.error());
    out(call.console, *text);
    return kDone;
}

/// `text` over what is there, so that nothing flickers; what does not fit is counted, because a
/// picture that scrolls cannot be drawn over.
std::string frame(std::string_view text, const Window& window) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t room = window.rows > 1 ? window.rows - 1 : lines;
    const std::size_t drawn = lines <= room ? lines : room - 1;
    std::string picture(kHome);
    for (std::size_t i = 0; i < drawn; ++i) {
        const std::size_t end = text.find('\n');
        picture.append(text.substr(0, end)).append(kToEndOfLine).append("\n");
        text.remove_prefix(end + 1);
    }
    if (drawn < lines)
        picture.append("  and " + std::to_string(lines - drawn) + " lines more")
            .append(kToEndOfLine)
            .append("\n");
    return picture.append(kToEndOfScreen);
}

/// An agent that restarts meanwhile is part of what there is to watch.
Result<int> watch_on_terminal(Call& call, const std::string& product) {
    out(call.console, kClear);
    do {
        const auto document = ask_text(call.common, "GET", "/v1/status");
        const auto text = document ? text_of(*document, product, look_of(call.console))
                                   : Result<std::string>(fail(document.error()));
        if (!text && text.error().code != Code::agent_unreachable) return fail(text.error());
        const std::string footer = "\n  every two seconds; any key ends it\n";
        out(call.console, frame((text ? *text : problem_text(text.error())) + footer,
                                call.console.window(Stream::out).value_or(Window{})));
    } while (call.console.pause(kWatchInterval));
    return kDone;
}

Result<int> watch(Call& call, const std::string& product) {
    if (call.console.is_terminal(Stream::out) && !call.common.json)
        return watch_on_terminal(call, product);
    do {
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
