#include <array>

#include "keyserver/console/pages.h"
#include "keyserver/console/words.h"

namespace latchkey::keyserver::console {
namespace {

struct Kind {
    std::string_view value, words;
};
constexpr std::array kKinds{Kind{"", "All kinds"},
                            Kind{"activation", "Activations"},
                            Kind{"release", "Releases"},
                            Kind{"returned", "Given back"},
                            Kind{"adoption", "Settled clones"},
                            Kind{"redemption", "Redeemed tokens"}};

Html kind_filter(const ReceiptFilter& filter) {
    Html items;
    for (const auto& kind : kKinds) {
        const bool here = filter.kind == kind.value && filter.key.empty() && filter.machine.empty();
        const std::string target =
            kind.value.empty() ? "/receipts" : "/receipts?kind=" + std::string(kind.value);
        items += element("li", element("a", {{"href", target}, {"aria-current", "true", here}},
                                       text(kind.words)));
    }
    return element("nav", {{"class", "filter"}, {"aria-label", "Kinds of receipts"}},
                   element("ul", items));
}

Html narrowed_to(const ReceiptFilter& filter) {
    if (!filter.machine.empty())
        return element("p", text("Of the machine "),
                       link(machine_path(filter.machine), filter.machine), text(" alone."));
    if (!filter.key.empty())
        return element("p", text("Of one product key alone: "),
                       link(key_machines_path(filter.key), "its machines"), text("."));
    return {};
}

Html counted_badge(const ReceiptRecord& record) {
    return badge(record.counted > 0 ? Mood::note : Mood::good, what_happened(record));
}

Html component_table(const licensing::Receipt& receipt) {
    std::vector<Row> rows;
    for (const auto& finding : receipt.components)
        rows.push_back({text(hwid::title(finding.kind)), text(hwid::name(finding.outcome)),
                        text(finding.why)});
    if (rows.empty()) return {};
    return section("What was compared", table("Each component as the matcher saw it",
                                              {{"Component"}, {"Outcome"}, {"Why"}}, rows));
}

Html said_in(const licensing::Receipt& receipt) {
    Html reasons;
    for (const auto& reason : receipt.reasons) reasons += element("li", text(reason));
    Html about =
        facts({{"Product", text(receipt.product)},
               {"Program", text(receipt.program)},
               {"Rule", text(rule_words(receipt.rule))},
               {"Organization", text(receipt.organization)},
               {"Activations", text(use_words(receipt).empty() ? "none" : use_words(receipt))}});
    if (!reasons.empty()) about += section("Why", element("ul", reasons));
    return about + component_table(receipt);
}

}  // namespace

Html receipt_table(const std::vector<ReceiptRow>& receipts) {
    std::vector<Row> rows;
    for (const auto& row : receipts) {
        const auto& record = row.record;
        const bool about_machine = !record.machine.empty();
        rows.push_back(
            {element("a", {{"href", "/receipts/" + path_piece(record.id)}}, moment(record.at)),
             counted_badge(record), text(judged_words(record)), key_mark(row.key_last5),
             about_machine ? link(machine_path(record.machine), record.machine)
                           : text("none: a token")});
    }
    return table("Receipts", {{"Receipt of"}, {"What"}, {"Judged"}, {"Key"}, {"Machine"}}, rows);
}

Html receipts_page(const Visitor& visitor, const ReceiptListView& view, const Fields& query) {
    Html body = kind_filter(view.filter) + narrowed_to(view.filter);
    if (view.receipts.items.empty() && field(query, "after").empty())
        body += nothing_yet("There are no such receipts yet.",
                            "Each decision leaves one, signed; choose another kind above.");
    else
        body += receipt_table(view.receipts.items);
    return page(visitor, "/receipts", "Receipts",
                body + muted("Newest first.") + pager("/receipts", query, view.receipts.next));
}

Html receipt_page(const Visitor& visitor, const ReceiptRow& row) {
    const auto& record = row.record;
    const Html machine = record.machine.empty()
                             ? text("none: a token was redeemed")
                             : link(machine_path(record.machine), record.machine);
    Html body = facts({{"What", counted_badge(record)},
                       {"When", moment(record.at)},
                       {"Machine", machine},
                       {"Key", key_mark(row.key_last5)},
                       {"License", code(record.license)},
                       {"Recognition", text(recognition_words(record))},
                       {"Device key", code(record.device_key.substr(0, 8) + "…")}});
    if (row.said)
        body += said_in(*row.said);
    else
        body += muted("Its signature does not verify with the key set of today.");
    body += element("details", element("summary", text("The signed document")),
                    element("p", {{"class", "jws"}}, code(record.jws)));
    return page(visitor, "/receipts", "Receipt " + record.id, body);
}

}  // namespace latchkey::keyserver::console
