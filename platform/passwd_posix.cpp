#include "platform/passwd_posix.h"

#include <charconv>

#include "platform/secure_file.h"

namespace latchkey::platform {
namespace {

constexpr std::size_t kMaxPasswdBytes = 4u << 20;

template <class Wanted>
std::optional<PasswdEntry> find_entry(std::string_view text, Wanted wanted) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (const auto entry = parse_passwd_line(text.substr(0, end)); entry && wanted(*entry))
            return entry;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::nullopt;
}

}  // namespace

std::optional<PasswdEntry> parse_passwd_line(std::string_view line) {
    const auto name_end = line.find(':');
    if (name_end == std::string_view::npos || name_end == 0) return std::nullopt;
    const auto password_end = line.find(':', name_end + 1);
    if (password_end == std::string_view::npos) return std::nullopt;
    const auto uid_end = line.find(':', password_end + 1);
    if (uid_end == std::string_view::npos) return std::nullopt;
    PasswdEntry entry{line.substr(0, name_end), 0};
    const char* const first = line.data() + password_end + 1;
    const char* const last = line.data() + uid_end;
    const auto [stop, error] = std::from_chars(first, last, entry.uid);
    if (error != std::errc{} || stop != last) return std::nullopt;
    return entry;
}

std::optional<uid_t> uid_of_user(std::string_view name) {
    const auto text = read_file("/etc/passwd", kMaxPasswdBytes);
    if (!text) return std::nullopt;
    const auto entry = find_entry(*text, [&](const PasswdEntry& e) { return e.name == name; });
    return entry ? std::optional(entry->uid) : std::nullopt;
}

std::optional<std::string> user_of_uid(uid_t uid) {
    const auto text = read_file("/etc/passwd", kMaxPasswdBytes);
    if (!text) return std::nullopt;
    const auto entry = find_entry(*text, [&](const PasswdEntry& e) { return e.uid == uid; });
    return entry ? std::optional(std::string(entry->name)) : std::nullopt;
}

}  // namespace latchkey::platform
