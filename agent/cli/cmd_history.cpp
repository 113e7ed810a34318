// latchkey history: what was decided, when and why.

#include <map>
#include <set>

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::int64_t kDefaultEntries = 50;
constexpr std::int64_t kMostEntries = 200;

/// Product ids that more than one publisher on this page uses.
std::set<std::string> shared_ids(View history) {
    std::map<std::string, std::set<std::string>> publishers;
    for (const auto& item : history["entries"].items())
        if (const auto publisher = View(item)["publisher"].text(); !publisher.empty())
            publishers[std::string(View(item)["product"].text())].emplace(publisher);
    std::set<std::string> shared;
    for (const auto& [product, owners] : publishers)
        if (owners.size() > 1) shared.insert(product);
    return shared;
}

std::string product_words(View entry, const std::set<std::string>& shared) {
    const std::string product(entry["product"].text());
    const std::string publisher(entry["publisher"].text());
    return shared.contains(product) && !publisher.empty() ? publisher + "/" + product : product;
}

std::string history_text(View history) {
    if (history["entries"].items().empty()) return "Nothing is recorded yet.\n";
    const auto shared = shared_ids(history);
    Table table;
    table.heading({"WHEN", "PRODUCT", "EVENT", "RECEIPT", "DETAIL"});
    for (const auto& item : history["entries"].items()) {
        const View entry(item);
        table.row({{minute_of(entry["at"].text())},
                   {product_words(entry, shared)},
                   {std::string(entry["event"].text())},
                   {std::string(entry["receipt_id"].text())},
                   {std::string(entry["detail"].text())}});
    }
    std::string text = table.text(false);
    const View next = history["next_cursor"];
    const std::string cursor =
        next.number() ? std::to_string(*next.number()) : printable(next.text());
    if (!cursor.empty()) text += "\nolder entries: --cursor " + cursor + "\n";
    return text;
}

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
        out(call.console, history_text(*history));
    return kDone;
}

}  // namespace latchkey::cli
