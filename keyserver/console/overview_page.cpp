#include "keyserver/console/pages.h"
#include "keyserver/console/policy.h"
#include "keyserver/console/words.h"

namespace latchkey::keyserver::console {
namespace {

Html activate_by(const Entitlement& entitlement, ServerTime now) {
    if (!entitlement.activate_by) return text("no end");
    const Html when = day(*entitlement.activate_by);
    if (*entitlement.activate_by <= now) return when + text(" ") + badge(Mood::bad, "over");
    if (*entitlement.activate_by <= now + kSoon)
        return when + text(" ") + badge(Mood::warning, "soon");
    return when;
}

Html warning_list(const std::vector<Problem>& warnings) {
    Html items;
    for (const auto& warning : warnings)
        items +=
            element("li", badge(Mood::warning, "Look at this"), text(" "), text(warning.detail),
                    text(" "), element("span", {{"class", "remedy"}}, text(warning.remedy)));
    return element("ul", {{"class", "warnings"}}, items);
}

Html clones(const CloneList& list) {
    if (!list.rows.empty())
        return clone_table(list.rows) +
               (list.next.empty() ? Html() : paragraph("There may be more.")) +
               element("p", link("/clones", "All suspected clones"));
    if (!list.next.empty())
        return element("p",
                       text("None among the licenses looked at here; there are more to look at. "),
                       link("/clones?after=" + path_piece(list.next), "Look further"));
    return nothing_yet("No clones are suspected.",
                       "Two machines that renew one license in turns would be shown here.");
}

Html entitlements(const OverviewView& view, const Fields& query) {
    if (view.entitlements.empty() && field(query, "after").empty())
        return nothing_yet(
            "There are no entitlements yet.",
            "Add one with 'latchkey-keyserver admin product add' and 'admin entitlement add', then "
            "issue a key with 'admin key issue'.");
    std::vector<Row> rows;
    for (const auto& row : view.entitlements) {
        const auto& entitlement = row.entitlement;
        const Html use =
            row.use.keys == 0 ? text("no keys yet") : use_bar(row.use.used, row.use.limit);
        rows.push_back(
            {link(entitlement_path(entitlement.id), row.product_name), text(entitlement.program),
             text(row.organization_name), text(entitled_words(entitlement)),
             text(std::to_string(entitlement.quantity)), activate_by(entitlement, view.now), use});
    }
    return table("Entitlements and what their keys have used",
                 {{"Product"},
                  {"Program"},
                  {"Organization"},
                  {"For"},
                  {"Licenses", true},
                  {"Activate by"},
                  {"Activations"}},
                 rows) +
           pager("/", query, view.next);
}

Html cap_list(const EntitlementView& view) {
    if (view.caps.empty()) return text("none");
    Html items;
    for (const auto& cap : view.caps)
        items += element("li", text(std::to_string(cap.quantity) + " licenses " +
                                    (cap.country.empty() ? "worldwide" : "in " + cap.country)));
    return element("ul", items);
}

Html key_table(const EntitlementView& view, const Fields& query) {
    if (view.keys.items.empty() && field(query, "after").empty())
        return nothing_yet("It has no keys yet.",
                           "Issue one with 'latchkey-keyserver admin key issue --entitlement " +
                               view.row.entitlement.id + "'.");
    std::vector<Row> rows;
    for (const auto& key : view.keys.items)
        rows.push_back({key_mark(key.last5), use_bar(key.used, key.limit),
                        key.blocked ? badge(Mood::bad, "blocked") : badge(Mood::good, "usable"),
                        day(key.created_at), link(key_machines_path(key.id), "Machines"),
                        link("/receipts?key=" + path_piece(key.id), "Receipts")});
    return table("Its product keys, by their last five characters",
                 {{"Key"}, {"Activations"}, {"State"}, {"Issued"}, {"Machines"}, {"Receipts"}},
                 rows) +
           pager(entitlement_path(view.row.entitlement.id), query, view.keys.next);
}

}  // namespace

Html overview_page(const Visitor& visitor, const OverviewView& view, const Fields& query) {
    Html body;
    if (!view.warnings.empty()) body += warning_list(view.warnings);
    body += section("Entitlements", entitlements(view, query));
    body += section(
        "Activations that counted",
        trend_chart(view.trend) +
            muted("By the week they were given in, but not those that an administrator gave "
                  "back to their key."));
    body += section("Suspected clones", clones(view.clones));
    return page(visitor, "/", "Overview", body);
}

Html entitlement_page(const Visitor& visitor, const EntitlementView& view, const Fields& query) {
    const auto& entitlement = view.row.entitlement;
    const std::string title = view.row.product_name + " for " + view.row.organization_name;
    Facts about{
        {"Activations", use_bar(view.row.use.used, view.row.use.limit)},
        {"Licenses", text(std::to_string(entitlement.quantity))},
        {"Activate by", activate_by(entitlement, view.now)},
        {"Program", text(view.program.title.empty() ? view.program.id : view.program.title)},
        {"What counts", text(rule_words(view.program.rule))},
        {"Country", text(entitlement.country.empty() ? "any" : entitlement.country)},
        {"Purpose", text(name(entitlement.purpose))},
        {"Caps", cap_list(view)},
        {"Id", code(entitlement.id)}};
    if (!entitlement.location.empty())
        about.insert(about.end() - 2, {"Toolkit of", text(entitlement.location)});
    const Html machines = view.machines.empty()
                              ? nothing_yet("No machine was activated with these keys yet.",
                                            "It will be here after its first 'latchkey activate'.")
                              : machine_table(view.machines);
    const Html receipts = view.receipts.empty() ? nothing_yet("There are no receipts yet.",
                                                              "Each decision leaves one, signed.")
                                                : receipt_table(view.receipts);
    return page(visitor, "/", title,
                facts(about) + section("Keys", key_table(view, query)) +
                    section("Machines seen last", machines) + section("Latest receipts", receipts));
}

}  // namespace latchkey::keyserver::console
