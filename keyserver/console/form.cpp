#include "keyserver/console/form.h"

#include <algorithm>

#include "base/encoding.h"
#include "keyserver/console/html.h"
#include "keyserver/console/policy.h"

namespace latchkey::keyserver::console {
namespace {

enum class Plus : std::uint8_t { is_space, is_plus };

std::optional<std::string> decoded(std::string_view text, Plus plus) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            std::string digits(text.substr(i + 1, 2));
            std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) {
                return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            const auto byte = from_hex(digits);
            if (!byte || byte->size() != 1) return std::nullopt;
            out += static_cast<char>(byte->front());
            i += 2;
        }
    }
    return out;
}

}  // namespace

std::string field(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::optional<Fields> parse_fields(std::string_view encoded) {
    Fields fields;
    while (!encoded.empty()) {
        const auto end = encoded.find('&');
        const auto pair = encoded.substr(0, end);
        encoded = end == std::string_view::npos ? std::string_view() : encoded.substr(end + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || fields.size() == kMaxFields) return std::nullopt;
        auto name = decoded(pair.substr(0, equals), Plus::is_space);
        auto value = decoded(pair.substr(equals + 1), Plus::is_space);
        if (!name || !value || !fields.emplace(std::move(*name), std::move(*value)).second)
            return std::nullopt;
    }
    return fields;
}

std::string encode_fields(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (value.empty()) continue;
        out += (out.empty() ? "" : "&") + path_piece(name) + "=" + path_piece(value);
    }
    return out;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    Target target;
    const auto mark = text.find('?');
    std::string_view path = text.substr(0, mark);
    while (path.size() > 1) {
        path.remove_prefix(1);
        const auto end = path.find('/');
        auto piece = decoded(path.substr(0, end), Plus::is_plus);
        if (!piece || piece->empty()) return std::nullopt;
        target.path.push_back(std::move(*piece));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    if (path == "/" && !target.path.empty()) return std::nullopt;
    if (mark == std::string_view::npos) return target;
    auto query = parse_fields(text.substr(mark + 1));
    if (!query) return std::nullopt;
    target.query = std::move(*query);
    return target;
}

bool is_local(std::string_view target) {
    if (!target.starts_with('/') || target.starts_with("//")) return false;
    return std::all_of(target.begin(), target.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/-_.~?&=%").find(c) != std::string_view::npos;
    });
}

}  // namespace latchkey::keyserver::console
