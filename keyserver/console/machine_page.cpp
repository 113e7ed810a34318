#include "keyserver/console/pages.h"
#include "keyserver/console/words.h"

namespace latchkey::keyserver::console {
namespace {

Html state_badges(const MachineRow& row) {
    Html out = row.machine.state == MachineState::active ? badge(Mood::good, "active")
                                                         : badge(Mood::plain, "released");
    if (row.suspected_clone) out += text(" ") + badge(Mood::warning, "suspected clone");
    return out;
}

Html reasons_of(const ReceiptRow& row) {
    if (!row.said)
        return muted(
            "Its signature does not verify with the key set of today; ask for the "
            "receipt with 'admin receipt list'.");
    Html items;
    for (const auto& reason : row.said->reasons) items += element("li", text(reason));
    return items.empty() ? Html() : element("ul", items);
}

Html decision(const ReceiptRow& row) {
    const Mood mood = row.record.counted > 0 ? Mood::note : Mood::good;
    Html about =
        element("h3", badge(mood, what_happened(row.record)), text(" "), moment(row.record.at));
    std::string words = recognition_words(row.record);
    if (row.said && !use_words(*row.said).empty()) words += " " + use_words(*row.said) + ".";
    return element("article", about, paragraph(words), reasons_of(row),
                   element("p", link("/receipts/" + path_piece(row.record.id), "Receipt")));
}

Html decisions(const MachineView& view, const Fields& query) {
    if (view.receipts.items.empty() && field(query, "after").empty())
        return nothing_yet("There are no decisions yet.",
                           "Each one will be here with its reasons.");
    Html out;
    for (const auto& row : view.receipts.items) out += decision(row);
    return out + pager(machine_path(view.row.machine.id), query, view.receipts.next);
}

Html license_table(const MachineView& view) {
    if (view.licenses.empty())
        return nothing_yet("It has no license.", "Its next activation gives it one.");
    std::vector<Row> rows;
    for (const auto& row : view.licenses) {
        const auto& license = row.license;
        const Html end = license.expires_at ? day(*license.expires_at) : text("never");
        const Html state =
            license.ended ? badge(Mood::plain, "ended")
            : row.forks.empty()
                ? badge(Mood::good, "goes on")
                : badge(Mood::warning,
                        license.adopt_next ? "settled at its next renewal" : "disputed");
        rows.push_back({code(license.id), state, text(std::to_string(license.lease_sequence)),
                        day(license.issued_at), end});
    }
    Html out = table("Licenses of this machine",
                     {{"License"}, {"State"}, {"Newest lease", true}, {"Issued"}, {"Ends"}}, rows);
    if (view.more_licenses > 0)
        out += muted(std::to_string(view.more_licenses) + " older ones are not shown.");
    return out;
}

Html holder_table(const MachineView& view) {
    std::vector<Row> rows;
    for (const auto& holder : view.holders)
        rows.push_back({code(holder.device_key.substr(0, 8) + "…"), moment(holder.first_seen_at),
                        moment(holder.last_seen_at)});
    Html out = table("Device keys that have held this record; a reimage adds one",
                     {{"Device key"}, {"First seen"}, {"Last seen"}}, rows);
    if (view.more_holders > 0)
        out += muted(std::to_string(view.more_holders) + " more were there before.");
    return out;
}

Html fork_words_of(const MachineView& view) {
    Html items;
    for (const auto& license : view.licenses)
        for (const auto& fork : license.forks)
            items += element("li", text(fork_words(fork)),
                             license.license.adopt_next
                                 ? text(" It was resolved for the other one; the next renewal "
                                        "settles it.")
                                 : Html());
    return items.empty() ? items : element("ul", {{"class", "warnings"}}, items);
}

Html actions(const MachineView& view) {
    const std::string path = machine_path(view.row.machine.id);
    Html out;
    if (view.row.machine.state == MachineState::active)
        out += button_link(path + "/release", "Release …");
    out += button_link(path + "/resolve", "Resolve …");
    return element("p", {{"class", "actions"}}, out);
}

/// What a confirmation is about.
Html subject(const MachineView& view) {
    const auto& machine = view.row.machine;
    return facts({{"Machine", code(machine.id)},
                  {"Key", key_mark(view.key.last5)},
                  {"Product", text(view.product_name)},
                  {"Platform", text(platform_words(machine.platform))},
                  {"Last seen", moment(machine.last_seen_at)},
                  {"State", state_badges(view.row)}});
}

Html or_leave(const Html& button, const std::string& path) {
    return element("div", {{"class", "actions"}}, button, button_link(path, "Leave it as it is"));
}

Html choice(std::string_view value, std::string_view words) {
    return element("label", {{"class", "choice"}},
                   element("input", {{"type", "radio"},
                                     {"name", "goes_on"},
                                     {"value", std::string(value)},
                                     {"required", ""}}),
                   element("span", text(words)));
}

}  // namespace

Html machine_table(const std::vector<MachineRow>& machines) {
    std::vector<Row> rows;
    for (const auto& row : machines) {
        const auto& machine = row.machine;
        rows.push_back({link(machine_path(machine.id), machine.id), key_mark(row.key_last5),
                        state_badges(row), text(std::to_string(machine.counted)),
                        text(platform_words(machine.platform)), moment(machine.last_seen_at)});
    }
    return table("Machines",
                 {{"Machine"}, {"Key"}, {"State"}, {"Counted", true}, {"Platform"}, {"Last seen"}},
                 rows);
}

Html machines_page(const Visitor& visitor, const MachineListView& view, const Fields& query) {
    Html body = element(
        "form", {{"class", "find"}, {"method", "get"}, {"action", "/machines"}},
        element("label", {{"for", "id"}}, text("Find a machine by its id")),
        element("input", {{"id", "id"}, {"name", "id"}, {"maxlength", "64"}, {"required", ""}}),
        element("button", {{"type", "submit"}}, text("Show")));
    if (view.key)
        body += element("p", text("Of the key " + key_words(view.key->last5) + " alone. "),
                        link("/machines", "All machines"));
    if (view.machines.items.empty() && field(query, "after").empty())
        body += nothing_yet("There are no machines yet.",
                            "A machine will be here after its first 'latchkey activate'.");
    else
        body += machine_table(view.machines.items);
    return page(
        visitor, "/machines", "Machines",
        body + muted("Newest records first.") + pager("/machines", query, view.machines.next));
}

Html machine_page(const Visitor& visitor, const MachineView& view, const Fields& query) {
    const auto& machine = view.row.machine;
    Html about =
        facts({{"State", state_badges(view.row)},
               {"Product", link(entitlement_path(view.entitlement.id), view.product_name)},
               {"Key", link(key_machines_path(view.key.id), key_words(view.key.last5))},
               {"Organization", text(view.entitlement.organization)},
               {"Activations it used", text(std::to_string(machine.counted))},
               {"Platform", text(platform_words(machine.platform))},
               {"Evidence", text(hwid::name(hwid::strength(machine.matching_baseline)))},
               {"First seen", moment(machine.created_at)},
               {"Last seen", moment(machine.last_seen_at)},
               {"Resolved", machine.resolved_at ? moment(*machine.resolved_at) : text("never")}});
    if (machine.return_due)
        about += element("p", text("An activation goes back to the key on "),
                         day(*machine.return_due), text("."));
    return page(visitor, "/machines", "Machine " + machine.id,
                fork_words_of(view) + about + actions(view) +
                    section("Decisions and why", decisions(view, query)) +
                    section("Licenses", license_table(view)) +
                    section("Who holds it", holder_table(view)));
}

Html release_page(const Visitor& visitor, const MachineView& view) {
    const std::string path = machine_path(view.row.machine.id);
    return page(
        visitor, "/machines", "Release this machine?",
        subject(view) +
            paragraph("Its licenses end: it gets no further lease, and its next activation counts "
                      "again. Activations it used stay used. This cannot be undone.") +
            post_form(visitor, path + "/release", {},
                      or_leave(button("Release it", Weight::grave), path)));
}

Html resolve_page(const Visitor& visitor, const MachineView& view) {
    const std::string path = machine_path(view.row.machine.id);
    Html fields;
    if (view.row.suspected_clone)
        fields =
            element("fieldset", element("legend", text("Which of the two goes on?")),
                    choice("other",
                           "The one that is refused now. It goes on at its next renewal; the one "
                           "that was there first is refused from then on."),
                    choice("first", "The one that was there first. The other stays refused."));
    const Html effect = view.row.suspected_clone
                            ? fork_words_of(view)
                            : paragraph(
                                  "No two machines dispute a license of this record. "
                                  "Activations that did not count are forgiven up to now.");
    return page(
        visitor, "/machines", "Resolve this machine?",
        subject(view) + effect +
            post_form(visitor, path + "/resolve", fields, or_leave(button("Resolve it"), path)));
}

}  // namespace latchkey::keyserver::console
