#include "agent/daemon/toml_document.h"

#include <toml++/toml.h>

namespace latchkey::daemon {
namespace {

using Path = std::vector<std::string>;

constexpr std::size_t kMaxEntries = 4096;

std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

class Flattener {
public:
    std::vector<TomlEntry> entries;

    void table(const toml::table& table, const Path& path, std::size_t element) {
        for (const auto& [key, node] : table) {
            Path inner = path;
            inner.emplace_back(key.str());
            visit(node, inner, element);
        }
        // An empty [section] is still one to recognise or refuse.
        if (table.empty() && !path.empty())
            entries.push_back({path, element, OtherKind{}, line_of(table)});
    }

private:
    void visit(const toml::node& node, const Path& path, std::size_t element) {
        if (entries.size() > kMaxEntries) return;
        if (const auto* inner = node.as_table()) return table(*inner, path, element);
        if (const auto* array = node.as_array(); array && array->is_array_of_tables()) {
            std::size_t number = 0;
            for (const auto& one : *array) table(*one.as_table(), path, ++number);
            return;
        }
        TomlEntry entry{path, element, OtherKind{}, line_of(node)};
        if (const auto* text = node.as_string()) entry.value = text->get();
        if (const auto* flag = node.as_boolean()) entry.value = flag->get();
        if (const auto* number = node.as_integer()) entry.value = number->get();
        entries.push_back(std::move(entry));
    }
};

}  // namespace

std::string TomlEntry::dotted() const { return daemon::dotted(path); }

std::string dotted(const std::vector<std::string>& path) {
    std::string text;
    for (const auto& part : path) {
        if (!text.empty()) text += '.';
        text += part.find('.') == std::string::npos ? part : '"' + part + '"';
    }
    return text;
}

Result<std::vector<TomlEntry>> parse_toml(std::string_view text, const std::string& origin) {
    const auto at = [&](std::size_t line) { return origin + ":" + std::to_string(line) + ": "; };
    try {
        const toml::table root = toml::parse(text, origin);
        Flattener flattener;
        flattener.table(root, {}, 0);
        if (flattener.entries.size() > kMaxEntries)
            return fail(Code::config_invalid, origin + ": too many settings");
        return std::move(flattener.entries);
    } catch (const toml::parse_error& error) {
        return fail(Code::config_invalid,
                    at(error.source().begin.line) + std::string(error.description()));
    }
}

}  // namespace latchkey::daemon
