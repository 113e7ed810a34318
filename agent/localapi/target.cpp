#include "agent/localapi/target.h"

#include "base/encoding.h"

namespace latchkey::localapi {
namespace {

constexpr std::size_t kMaxParameters = 16;

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        std::string digits(text.substr(i + 1, 2));
        for (char& c : digits)
            if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        const auto byte = from_hex(digits);
        if (!byte || byte->size() != 1) return std::nullopt;
        out += static_cast<char>(byte->front());
        i += 2;
    }
    for (const char c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    return out;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    const auto invalid = [] { return fail(Code::request_invalid, "the request target is odd"); };
    if (!text.starts_with('/')) return invalid();
    const auto mark = text.find('?');
    const auto path = decode(text.substr(0, mark));
    if (!path) return invalid();
    Target target{*path, {}};
    if (mark == std::string_view::npos) return target;
    std::string_view rest = text.substr(mark + 1);
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const auto equals = pair.find('=');
        const auto key = decode(pair.substr(0, equals));
        const auto value =
            decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
        if (!key || !value || target.query.size() == kMaxParameters) return invalid();
        target.query.emplace_back(*key, *value);
    }
    return target;
}

}  // namespace latchkey::localapi
