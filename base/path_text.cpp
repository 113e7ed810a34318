#include "base/path_text.h"

namespace latchkey {
namespace {

/// What is left of a name that cannot be said.
template <class Char>
std::string plain(std::basic_string_view<Char> name) {
    std::string out;
    for (const Char c : name) out += c > 0 && c < 0x7f ? static_cast<char>(c) : '?';
    return out;
}

}  // namespace

std::filesystem::path utf8_path(std::string_view text) {
    try {
        return std::u8string(text.begin(), text.end());
    } catch (const std::filesystem::filesystem_error&) {
        const std::string said = plain(text);
        return std::u8string(said.begin(), said.end());
    }
}

std::string utf8_text(const std::filesystem::path& path) {
    try {
        const auto text = path.u8string();
        return {text.begin(), text.end()};
    } catch (const std::filesystem::filesystem_error&) {
        using Native = std::filesystem::path::value_type;
        return plain(std::basic_string_view<Native>(path.native()));
    }
}

}  // namespace latchkey
