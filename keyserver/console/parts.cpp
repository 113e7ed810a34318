#include "keyserver/console/parts.h"

#include <array>

namespace latchkey::keyserver::console {
namespace {

struct Entry {
    std::string_view target, words;
};
constexpr std::array kEntries{Entry{"/", "Overview"}, Entry{"/machines", "Machines"},
                              Entry{"/receipts", "Receipts"}, Entry{"/clones", "Suspected clones"}};

Html navigation(const Visitor& visitor, std::string_view here) {
    Html entries;
    for (const auto& entry : kEntries)
        entries += element("li", element("a",
                                         {{"href", std::string(entry.target)},
                                          {"aria-current", "page", entry.target == here}},
                                         text(entry.words)));
    return element("nav", {{"aria-label", "Main"}}, element("ul", entries)) +
           post_form(visitor, "/sign-out", {}, button("Sign out"));
}

Html head(std::string_view title) {
    return element(
        "head", element("meta", {{"charset", "utf-8"}}),
        element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
        element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
        element("title", text(std::string(title) + " · Latchkey")),
        element("link", {{"rel", "stylesheet"}, {"href", "/style.css"}}),
        element("link", {{"rel", "icon"}, {"href", "/icon.svg"}, {"type", "image/svg+xml"}}));
}

/// The sign that goes with the colour.
std::string_view sign(Mood mood) {
    switch (mood) {
        case Mood::plain:
            return "○";
        case Mood::note:
            return "+";
        case Mood::good:
            return "✓";
        case Mood::warning:
            return "!";
        case Mood::bad:
            return "✕";
    }
    return "";
}

std::string_view name(Mood mood) {
    switch (mood) {
        case Mood::plain:
            return "plain";
        case Mood::note:
            return "note";
        case Mood::good:
            return "good";
        case Mood::warning:
            return "warning";
        case Mood::bad:
            return "bad";
    }
    return "";
}

}  // namespace

Html page(const Visitor& visitor, std::string_view here, std::string_view title, const Html& body) {
    const Html brand =
        element("p", {{"class", "brand"}}, element("a", {{"href", "/"}}, text("Latchkey")),
                element("span", text(visitor.publisher)));
    Html notice;
    if (!visitor.notice.empty())
        notice = element("p", {{"class", "notice"}, {"role", "status"}}, text(visitor.notice));
    return document(element(
        "html", {{"lang", "en"}}, head(title),
        element("body", {{"class", "narrow", !visitor.signed_in}},
                element("a", {{"class", "skip"}, {"href", "#main"}}, text("Skip to the content")),
                element("header", brand, visitor.signed_in ? navigation(visitor, here) : Html()),
                element("main", {{"id", "main"}, {"tabindex", "-1"}}, notice,
                        element("h1", text(title)), body))));
}

Html table(std::string_view caption, const std::vector<Column>& columns,
           const std::vector<Row>& rows) {
    // Roles are said aloud because narrow screens show rows as cards, which takes them away.
    Html head;
    for (const auto& column : columns)
        head += element(
            "th", {{"scope", "col"}, {"role", "columnheader"}, {"class", "number", column.number}},
            text(column.title));
    Html body;
    for (const auto& row : rows) {
        Html cells;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Attributes label{{"data-label", std::string(columns[i].title)},
                                   {"class", "number", columns[i].number},
                                   {"role", i == 0 ? "rowheader" : "cell"},
                                   {"scope", "row", i == 0}};
            const Html value = element("div", row[i]);
            cells += i == 0 ? element("th", label, value) : element("td", label, value);
        }
        body += element("tr", {{"role", "row"}}, cells);
    }
    return element("table", {{"role", "table"}},
                   element("caption", {{"class", "unseen"}}, text(caption)),
                   element("thead", {{"role", "rowgroup"}}, element("tr", {{"role", "row"}}, head)),
                   element("tbody", {{"role", "rowgroup"}}, body));
}

Html section(std::string_view title, const Html& body) {
    return element("section", element("h2", text(title)), body);
}

Html facts(const Facts& facts) {
    Html list;
    for (const auto& [name, value] : facts)
        list += element("div", element("dt", text(name)), element("dd", value));
    return element("dl", list);
}

Html paragraph(std::string_view words) { return element("p", text(words)); }
Html muted(std::string_view words) { return element("p", {{"class", "muted"}}, text(words)); }

Html nothing_yet(std::string_view what, std::string_view todo) {
    return element("p", {{"class", "nothing"}}, element("strong", text(what)), text(" "),
                   text(todo));
}

Html link(const std::string& target, std::string_view words) {
    return element("a", {{"href", target}}, text(words));
}

Html button_link(const std::string& target, std::string_view words) {
    return element("a", {{"class", "button"}, {"href", target}}, text(words));
}

Html post_form(const Visitor& visitor, const std::string& target, const Html& fields,
               const Html& buttons) {
    return element(
        "form", {{"method", "post"}, {"action", target}},
        element("input",
                {{"type", "hidden"}, {"name", "form_token"}, {"value", visitor.form_token}}),
        fields, buttons);
}

Html button(std::string_view words, Weight weight) {
    return element("button", {{"type", "submit"}, {"class", "grave", weight == Weight::grave}},
                   text(words));
}

Html badge(Mood mood, std::string_view word) {
    return element("span", {{"class", "badge " + std::string(name(mood))}},
                   element("span", {{"aria-hidden", "true"}}, text(sign(mood))), text(" "),
                   text(word));
}

Html moment(ServerTime time) {
    const std::string exact = format_rfc3339(time);
    return element("time", {{"datetime", exact}},
                   text(exact.substr(0, 10) + " " + exact.substr(11, 5) + " UTC"));
}

Html day(ServerTime time) {
    const std::string exact = format_rfc3339(time);
    return element("time", {{"datetime", exact}}, text(exact.substr(0, 10)));
}

Html key_mark(std::string_view last5) {
    return element("span", {{"class", "key"}}, text("…-" + std::string(last5)));
}

Html code(std::string_view value) { return element("code", text(value)); }

Html pager(const std::string& path, Fields query, const std::string& next) {
    Html out;
    const bool further_on = !field(query, "after").empty();
    query.erase("after");
    if (further_on) {
        const std::string rest = encode_fields(query);
        out += button_link(rest.empty() ? path : path + "?" + rest, "Back to the start");
    }
    if (!next.empty()) {
        query["after"] = next;
        out += button_link(path + "?" + encode_fields(query), "Further");
    }
    if (out.empty()) return out;
    return element("nav", {{"class", "pager"}, {"aria-label", "Pages"}}, out);
}

std::string machine_path(std::string_view id) { return "/machines/" + path_piece(id); }
std::string entitlement_path(std::string_view id) { return "/entitlements/" + path_piece(id); }
std::string key_machines_path(std::string_view key) { return "/machines?key=" + path_piece(key); }

}  // namespace latchkey::keyserver::console
