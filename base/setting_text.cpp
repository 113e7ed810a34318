#include "base/setting_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace latchkey::setting_text {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// True without a port, too.
bool has_good_port(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
        return true;
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    return error == std::errc{} && stop == end && port != 0;
}

bool is_host_and_port(std::string_view text) {
    if (!has_good_port(text)) return false;
    if (text.empty() || text.starts_with(':')) return false;
    const auto good = [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    };
    return std::all_of(text.begin(), text.end(), good);
}

/// scheme://host[:port], nothing after it: no path, no user, no query.
bool is_origin(std::string_view text, std::string_view scheme) {
    if (!text.starts_with(scheme)) return false;
    text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    return is_host_and_port(text);
}

}  // namespace

std::string wrong_with(std::string_view text) {
    if (text.empty() || text.size() > kMaxBytes)
        return "must have between 1 and " + std::to_string(kMaxBytes) + " characters";
    if (std::any_of(text.begin(), text.end(), is_control)) return "holds a control character";
    if (looks_like_a_key(text))
        return "holds a product key, which everybody on this machine could read here; "
               "put the key into a file, and the file's name into key_file";
    return {};
}

bool looks_like_a_key(std::string_view text) {
    constexpr std::size_t kGroup = 5;
    constexpr std::size_t kLength = 5 * kGroup + 4;
    if (text.size() != kLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = i % (kGroup + 1) == kGroup;
        if (between ? text[i] != '-' && text[i] != ' ' : !is_alphanumeric(text[i])) return false;
    }
    return true;
}

bool is_key_server(std::string_view text) { return is_origin(text, "https://"); }

bool is_proxy(std::string_view text) {
    return text == "system" || text == "none" || is_origin(text, "http://");
}

bool is_country(std::string_view text) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == 2 && std::all_of(text.begin(), text.end(), upper);
}

}  // namespace latchkey::setting_text
