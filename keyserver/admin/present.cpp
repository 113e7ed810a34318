#include "keyserver/admin/present.h"

#include <boost/json/array.hpp>

#include <algorithm>

#include "base/printable.h"
#include "base/strict_json.h"

namespace latchkey::keyserver::admin {
namespace {

constexpr std::string_view kSchemaVersion = "1.0";
/// Of any answer: sentences that are shown last.
constexpr std::string_view kWarnings = "warnings";

std::string cell(const bj::value& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) return printable(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "yes" : "no";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_array()) {
        std::string joined;
        for (const auto& item : value.get_array())
            joined += (joined.empty() ? "" : ", ") + cell(item);
        return joined.empty() ? "-" : joined;
    }
    if (value.is_object()) {
        std::string joined;
        for (const auto& member : value.get_object())
            joined += (joined.empty() ? "" : ", ") + std::string(member.key()) + " " +
                      cell(member.value());
        return joined;
    }
    return json::to_text(value);
}

/// "activations.used" is the member of a member; null where there is none.
bj::value member_at(const bj::value& item, std::string_view path) {
    const auto dot = path.find('.');
    const auto* object = item.if_object();
    const auto* member = object ? object->if_contains(path.substr(0, dot)) : nullptr;
    if (!member) return nullptr;
    return dot == std::string_view::npos ? *member : member_at(*member, path.substr(dot + 1));
}

std::vector<std::vector<std::string>> rows(const Verb& verb, const bj::object& result) {
    std::vector<std::vector<std::string>> out;
    auto& head = out.emplace_back();
    for (const auto& column : verb.columns) head.emplace_back(column.title);
    for (const auto& item : result.at(verb.items).as_array()) {
        auto& row = out.emplace_back();
        for (const auto& column : verb.columns) {
            std::string shown = cell(member_at(item, column.member));
            row.push_back(!column.usual.empty() && shown == column.usual ? "-" : std::move(shown));
        }
    }
    return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns(row[i]));
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line += std::string(widths[i] - columns(row[i]) + 2, ' ');
        }
        out += line + "\n";
    }
    return out;
}

/// One of a list inside one thing; what a change made of something reads "version: 2.0 -> 3.0".
std::string nested_line(const bj::object& item) {
    const auto* what = item.if_contains("what");
    const auto* from = item.if_contains("from");
    const auto* to = item.if_contains("to");
    if (what && from && to && item.size() == 3)
        return "  " + cell(*what) + ": " + cell(*from) + " -> " + cell(*to) + "\n";
    std::string line;
    for (const auto& inner : item)
        line += "  " + std::string(inner.key()) + "=" + cell(inner.value());
    return line + "\n";
}

std::string lines(const bj::object& object) {
    std::size_t width = 0;
    for (const auto& member : object) width = std::max(width, member.key().size());
    std::string out;
    for (const auto& member : object) {
        if (member.key() == kWarnings) continue;
        out += std::string(member.key()) + ":" + std::string(width - member.key().size() + 1, ' ');
        const bool nested = member.value().is_array() && !member.value().get_array().empty() &&
                            member.value().get_array().front().is_object();
        if (!nested) {
            out += cell(member.value()) + "\n";
            continue;
        }
        out += "\n";
        for (const auto& item : member.value().get_array()) out += nested_line(item.as_object());
    }
    return out;
}

std::string warnings_in(const bj::object& result) {
    std::string out;
    if (const auto* warnings = result.if_contains(kWarnings))
        for (const auto& warning : warnings->as_array()) out += "warning: " + cell(warning) + "\n";
    return out;
}

/// What a spreadsheet would take for a formula is text (OWASP, "CSV Injection"), also behind
/// blanks, which some take away. "-" alone, which stands for nothing, is none.
std::string guarded(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == text.npos || text == "-" ||
        std::string_view("=+-@").find(text[first]) == text.npos)
        return text;
    return "'" + text;
}

std::string csv_cell(const std::string& raw) {
    const std::string text = guarded(raw);
    if (text.find_first_of("\",\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

/// One id, or as many as were issued at once.
std::string issued_ids(const bj::object& result) {
    const auto* many = result.if_contains("tokens");
    if (!many || !many->is_array()) return cell(member_at(result, "id"));
    std::string ids;
    for (const auto& one : many->get_array()) {
        if (!ids.empty()) ids += ", ";
        ids += cell(member_at(one, "id"));
    }
    return ids;
}

/// `key issue`, `token issue`: what they answer can be shown this once.
bool issues(const Verb& verb) {
    return verb.name == "issue" && (verb.noun == "key" || verb.noun == "token");
}

}  // namespace

std::string as_json(const bj::object& result) {
    bj::object out{{"schema_version", kSchemaVersion}};
    for (const auto& member : result) out[member.key()] = member.value();
    return json::to_pretty_text(out) + "\n";
}

std::string as_json(const Problem& problem) {
    return as_json(bj::object{{"error", bj::object{{"code", problem.name()},
                                                   {"title", problem.title()},
                                                   {"detail", problem.detail},
                                                   {"retryable", problem.retryable()},
                                                   {"remedy", problem.remedy_text()}}}});
}

std::string as_text(const Verb& verb, const bj::object& result) {
    if (verb.items.empty()) return lines(result) + warnings_in(result);
    if (result.at(verb.items).as_array().empty()) return "none\n";
    std::string out = table(rows(verb, result));
    if (const auto& next = result.at("next_cursor"); !next.is_null())
        out += "more: go on with --cursor " + cell(next) + "\n";
    return out + warnings_in(result);
}

std::string as_text(const Problem& problem) {
    std::string out = "latchkey-keyserver: " + std::string(problem.title()) + "\n";
    if (!problem.detail.empty()) out += "  " + printable(problem.detail) + "\n";
    return out + "  " + printable(problem.remedy_text()) + " (" + std::string(problem.name()) +
           ")\n";
}

std::string word_on_secret(const Verb& verb, const bj::object& result) {
    if (issues(verb))
        return "The " + std::string(verb.noun) +
               " is shown this once and stored only as a keyed digest: keep it safe.\n";
    if (result.contains("password"))
        return "The password is shown this once and stored only as a digest: keep it safe.\n";
    return {};
}

Problem not_written() {
    return {Code::internal, "standard output could not be written",
            "See where it goes: a full disk, or a program that ended."};
}

Problem not_shown(const Verb& verb, const bj::object& result,
                  const std::filesystem::path& directory) {
    const std::string what = not_written().detail;
    if (result.contains("password"))
        return {Code::internal,
                what + "; a password was set, but it was not shown and can never be shown again",
                "Set another with 'latchkey-keyserver admin --data " + directory.string() +
                    " console password'."};
    if (verb.access == Store::Access::read || result.contains("manifest")) return not_written();
    if (issues(verb)) {
        const bool key = verb.noun == "key";
        const auto ids = issued_ids(result);
        const std::string what_for = key ? "product key " : "token ";
        return {Code::internal,
                what + "; " + what_for + ids +
                    " was issued, but it was not shown and can never be shown again",
                "Block it with 'latchkey-keyserver admin --data " + directory.string() + " " +
                    std::string(verb.noun) + " block " + ids + "', then issue another."};
    }
    return {Code::internal,
            what + "; '" + std::string(verb.noun) + " " + std::string(verb.name) + "' was done",
            "Look at what is there now before you repeat it."};
}

std::string as_csv(const Verb& verb, const bj::object& result) {
    std::string out;
    for (const auto& row : rows(verb, result)) {
        std::string line;
        for (const auto& text : row) line += (line.empty() ? "" : ",") + csv_cell(text);
        out += line + "\r\n";
    }
    return out;
}

}  // namespace latchkey::keyserver::admin
