// latchkey history: what was decided, when and why.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/history_text.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::int64_t kDefaultEntries = 50;
constexpr std::int64_t kMostEntries = 200;

}  // namespace

Result<int> cmd_history(Call& call) {
    std::string product;
    std::string cursor;
    std::int64_t limit = kDefaultEntries;
    Options options("history", "The journal: what was decided, when and why; newest first.");
    options.text("--product", product, "this product only");
    options.number("--limit", limit, 1, kMostEntries, "how many entries");
    options.text("--cursor", cursor, "go on where the last page ended");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;

    std::string target = "/v1/history?limit=" + std::to_string(limit);
    if (!product.empty()) target += "&product=" + percent_encoded(product);
    if (!cursor.empty()) target += "&cursor=" + percent_encoded(cursor);
    const auto history = ask(call.common, "GET", target);
    if (!history) return fail(history.error());
    if (call.common.json)
        print_document(call.console, *history);
    else
        out(call.console, history_text(*history, look_of(call.console)));
    return kDone;
}

}  // namespace latchkey::cli
