#include <algorithm>
#include <array>
#include <charconv>

#include "keyserver/admin/countries.h"
#include "keyserver/admin/verb.h"
#include "keyserver/policy.h"

namespace latchkey::keyserver::admin {
namespace {

constexpr std::size_t kMaxTextBytes = 256;
constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::int64_t kMaxNumber = 1'000'000'000;
constexpr std::size_t kMaxRepeats = 64;

std::optional<std::int64_t> read_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > kMaxNumber)
        return std::nullopt;
    return value;
}

std::optional<ServerTime> read_date(std::string_view text) {
    auto parsed = text.size() <= 10 ? parse_date(text) : parse_wall_time(text);
    if (!parsed) return std::nullopt;
    return as_server(*parsed);
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_text(std::string_view text) {
    return !text.empty() && text.size() <= kMaxTextBytes &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

bool to_country(std::string& text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return is_assigned_country(text);
}

bool to_platform(std::string& text) {
    if (text == "macos" || text == "darwin") text = "mac";
    constexpr std::array<std::string_view, 3> kPlatforms{"linux", "windows", "mac"};
    return std::find(kPlatforms.begin(), kPlatforms.end(), text) != kPlatforms.end();
}

/// What is wrong with the value; empty: nothing. May rewrite it to its one spelling.
std::string judge(ArgumentKind kind, std::string& value) {
    switch (kind) {
        case ArgumentKind::text:
            return is_text(value) ? "" : "must be 1 to 256 bytes without control characters";
        case ArgumentKind::id:
            return is_id(value) ? "" : "must be 1 to 64 of a-z, 0-9, '.', '_' and '-'";
        case ArgumentKind::new_id:
            return is_id(value) && is_letter_or_digit(value.front())
                       ? ""
                       : "must be 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter "
                         "or a digit";
        case ArgumentKind::new_name:
            return wrong_with_new_name(value);
        case ArgumentKind::number:
            return read_number(value) ? "" : "must be a whole number, 0 to 1000000000";
        case ArgumentKind::page: {
            const auto size = read_number(value).value_or(0);
            return size >= 1 && size <= kMaxPage
                       ? ""
                       : "must be a whole number, 1 to " + std::to_string(kMaxPage);
        }
        case ArgumentKind::date:
            return read_date(value) ? "" : "must be a date such as 2027-06-30";
        case ArgumentKind::country:
            return to_country(value) ? ""
                                     : "must be a country's code of ISO 3166-1, such as DE (the "
                                       "United Kingdom is GB)";
        case ArgumentKind::platform:
            return to_platform(value) ? "" : "must be linux, windows or mac";
        case ArgumentKind::flag:
            return "takes no value";
        case ArgumentKind::file:
            return value.size() <= kMaxFileBytes ? "" : "is too large";
        case ArgumentKind::path:
            return !value.empty() && value.size() <= kMaxPathBytes ? "" : "must name a file";
    }
    return "";
}

std::string shown(const ArgumentRule& rule) {
    return (rule.positional ? "" : "--") + std::string(rule.name);
}

}  // namespace

std::string wrong_with_new_name(std::string_view text) {
    const bool good =
        !text.empty() && text.size() <= 64 && is_letter_or_digit(text.front()) &&
        std::all_of(text.begin(), text.end(), [](char c) {
            return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == ':';
        });
    if (good) return {};
    return "must be 1 to 64 letters, digits, '.', '_', '-' and ':', beginning with a letter or a "
           "digit";
}

Result<Arguments> Arguments::checked(std::span<const ArgumentRule> rules, RawArguments raw) {
    for (const auto& rule : rules) {
        const auto given = raw.find(rule.name);
        if (given == raw.end()) {
            if (rule.required) return fail(Code::usage, shown(rule) + " is required");
            continue;
        }
        auto& values = given->second;
        if (rule.kind == ArgumentKind::flag && values.empty()) continue;
        if (values.empty() || values.size() > (rule.repeated ? kMaxRepeats : 1))
            return fail(Code::usage, shown(rule) + " is given too often");
        for (auto& value : values)
            if (const auto wrong = judge(rule.kind, value); !wrong.empty())
                return fail(Code::usage, shown(rule) + " " + wrong);
    }
    for (const auto& given : raw)
        if (std::none_of(rules.begin(), rules.end(),
                         [&](const auto& rule) { return rule.name == given.first; }))
            return fail(Code::usage, "there is no --" + given.first + " here");
    Arguments arguments;
    arguments.values_ = std::move(raw);
    return arguments;
}

std::string Arguments::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::string() : found->second.front();
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::int64_t Arguments::number(std::string_view name, std::int64_t fallback) const {
    return read_number(text(name)).value_or(fallback);
}

std::optional<ServerTime> Arguments::date(std::string_view name) const {
    const auto value = text(name);
    return value.empty() ? std::nullopt : read_date(value);
}

Page Arguments::page() const { return {number("limit", kDefaultPage), text("cursor")}; }

ArgumentRule limit_rule() {
    return {"limit", ArgumentKind::page, false, "At most so many (1 to 1000, default 100)"};
}
ArgumentRule cursor_rule() {
    return {"cursor", ArgumentKind::text, false, "Go on where the last answer's next_cursor says"};
}

bj::value time_or_null(const std::optional<ServerTime>& time) {
    if (!time) return nullptr;
    return bj::value(format_rfc3339(*time));
}

bj::value text_or_null(std::string_view text) {
    if (text.empty()) return nullptr;
    return bj::value(text);
}

}  // namespace latchkey::keyserver::admin
