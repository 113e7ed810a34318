#include "platform/passwd_posix.h"

#include <algorithm>
#include <charconv>

#include "platform/secure_file.h"

namespace latchkey::platform {
namespace {

constexpr std::size_t kMaxPasswdBytes = 4u << 20;

/// The part of a line between its `index`th colon and the next; empty where there is none.
std::string_view field(std::string_view line, int index) {
    for (; index > 0; --index) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return {};
        line.remove_prefix(colon + 1);
    }
    return line.substr(0, line.find(':'));
}

std::optional<gid_t> number_of(std::string_view text) {
    gid_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Takes the first line off the text.
std::string_view next_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

/// In a list as "one,two"?
bool lists(std::string_view members, std::string_view name) {
    while (!members.empty()) {
        const auto member = members.substr(0, members.find(','));
        if (member == name) return true;
        members.remove_prefix(std::min(members.size(), member.size() + 1));
    }
    return false;
}

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

std::optional<Account> parse_account(std::string_view passwd, std::string_view group,
                                     std::string_view name) {
    std::optional<Account> account;
    while (!account && !passwd.empty()) {
        const auto line = next_line(passwd);
        const auto entry = parse_passwd_line(line);
        const auto gid = number_of(field(line, 3));
        if (entry && entry->name == name && gid) account = Account{entry->uid, *gid, {}};
    }
    while (account && !group.empty()) {
        const auto line = next_line(group);
        const auto gid = number_of(field(line, 2));
        if (gid && lists(field(line, 3), name)) account->groups.push_back(*gid);
    }
    return account;
}

std::optional<Account> account_of(std::string_view name) {
    const auto passwd = read_file("/etc/passwd", kMaxPasswdBytes);
    const auto group = read_file("/etc/group", kMaxPasswdBytes);
    if (!passwd || !group) return std::nullopt;
    return parse_account(*passwd, *group, name);
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
