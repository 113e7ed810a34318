#include "licensing/fields.h"

#include <algorithm>

namespace latchkey::licensing::fields {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool in_any(char c, std::initializer_list<std::string_view> sets) {
    return std::any_of(sets.begin(), sets.end(),
                       [c](auto set) { return set.find(c) != std::string_view::npos; });
}

bool all_in(std::string_view text, std::initializer_list<std::string_view> sets) {
    return std::all_of(text.begin(), text.end(), [&](char c) { return in_any(c, sets); });
}

/// An id that may become part of a path or a URL: never "..", never an option.
bool is_id(std::string_view text, std::string_view marks) {
    return !text.empty() && text.size() <= kMaxIdBytes && in_any(text.front(), {kLower, kDigits}) &&
           all_in(text, {kLower, kDigits, marks});
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

}  // namespace

bool is_publisher_id(std::string_view text) { return is_id(text, ".-"); }
bool is_product_id(std::string_view text) { return is_id(text, "._-"); }

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= kMaxIdBytes &&
           all_in(text, {kLower, kUpper, kDigits, "._-"});
}

bool is_country(std::string_view text) {
    return text.empty() || (text.size() == 2 && all_in(text, {kUpper}));
}

bool is_last5(std::string_view text) { return text.size() == 5 && all_in(text, {kUpper, kDigits}); }

bool is_platform(std::string_view text) {
    return text == "linux" || text == "windows" || text == "mac";
}

bool is_request_path(std::string_view text) {
    return text.starts_with('/') && text.size() <= 256 &&
           all_in(text, {kLower, kUpper, kDigits, "-._~/?=&%:@"});
}

bool is_method(std::string_view text) {
    return !text.empty() && text.size() <= 8 && all_in(text, {kUpper});
}

std::string text(ObjectReader& in, std::string_view name, std::size_t max_bytes,
                 bool (*fits)(std::string_view)) {
    auto value = in.string(name, max_bytes);
    if (in.ok() && !fits(value)) in.refuse(name, "is not of the form it must have");
    return in.ok() ? std::move(value) : std::string{};
}

std::string optional_text(ObjectReader& in, std::string_view name, std::size_t max_bytes) {
    return in.optional_string(name, max_bytes).value_or(std::string{});
}

std::string record_id(ObjectReader& in, std::string_view name, std::string_view prefix) {
    auto value = in.string(name, kMaxIdBytes);
    if (!in.ok()) return {};
    const std::string_view text = value;
    const bool fits = text.starts_with(prefix) && text.size() > prefix.size() &&
                      all_in(text.substr(prefix.size()), {kLower, kUpper, kDigits, "-_"});
    if (!fits) {
        in.refuse(name, "is not an id beginning with " + std::string(prefix));
        return {};
    }
    return value;
}

PublicKey key(ObjectReader& in, std::string_view name) {
    const auto value = in.string(name, 43);
    if (!in.ok()) return {};
    const auto key = public_key_from_text(value);
    if (!key) in.refuse(name, "must be 32 bytes in base64url");
    return key.value_or(PublicKey{});
}

std::int64_t count(ObjectReader& in, std::string_view name) {
    return in.integer(name, 0, kMaxCount);
}

std::vector<std::string> texts(ObjectReader& in, std::string_view name, std::size_t max_elements,
                               std::size_t max_bytes) {
    std::vector<std::string> out;
    const auto* array = in.array(name, max_elements);
    if (!array) return out;
    for (const auto& element : *array) {
        const auto* value = element.if_string();
        if (!value || value->size() > max_bytes ||
            has_control_characters({value->data(), value->size()})) {
            in.refuse(name, "holds something else than texts of at most " +
                                std::to_string(max_bytes) + " bytes");
            return {};
        }
        out.emplace_back(value->data(), value->size());
    }
    return out;
}

ServerTime time(ObjectReader& in, std::string_view name) { return as_server(in.time(name)); }

std::optional<ServerTime> optional_time(ObjectReader& in, std::string_view name) {
    const auto value = in.optional_time(name);
    if (!value) return std::nullopt;
    return as_server(*value);
}

bj::value json_text(std::string_view text) { return bj::string(text.data(), text.size()); }

bj::value json_time(ServerTime time) { return json_text(format_rfc3339(time)); }

bj::value json_time(std::optional<ServerTime> time) {
    return time ? json_time(*time) : bj::value(nullptr);
}

bj::array json_texts(const std::vector<std::string>& texts) {
    bj::array out;
    out.reserve(texts.size());
    for (const auto& text : texts) out.push_back(json_text(text));
    return out;
}

}  // namespace latchkey::licensing::fields
