#pragma once

// The fields that documents and messages share, each read in one way, with one limit. Internal to
// licensing/. Every reader takes part in ObjectReader's "first failure wins": after a failure it
// returns an empty value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "licensing/crypto.h"

namespace latchkey::licensing::fields {

namespace bj = json::bj;
using json::ObjectReader;

inline constexpr std::int64_t kMaxCount = 1'000'000'000;
inline constexpr std::int64_t kMaxVersion = (std::int64_t{1} << 53) - 1;  ///< exact in JavaScript
inline constexpr std::size_t kMaxIdBytes = 64;
inline constexpr std::size_t kMaxNameBytes = 128;

/// Parses what an id, a token and the like look like.
bool is_publisher_id(std::string_view text);  ///< [a-z0-9][a-z0-9.-]{0,63}
bool is_product_id(std::string_view text);    ///< [a-z0-9][a-z0-9._-]{0,63}; programs too
bool is_token(std::string_view text);         ///< [A-Za-z0-9._-]{1,64}
bool is_country(std::string_view text);       ///< empty, or ISO 3166-1 alpha-2 in upper case
bool is_last5(std::string_view text);         ///< five of [0-9A-Z]
bool is_platform(std::string_view text);      ///< "linux", "windows", "mac"
bool is_request_path(std::string_view text);  ///< "/v1/…", at most 256 bytes of URL characters
bool is_method(std::string_view text);        ///< [A-Z]{1,8}

/// A text of at most `max_bytes` that `fits`.
std::string text(ObjectReader& in, std::string_view name, std::size_t max_bytes,
                 bool (*fits)(std::string_view));
/// A text that may be left out: empty then.
std::string optional_text(ObjectReader& in, std::string_view name, std::size_t max_bytes);
/// "lic_" and kin: the prefix and up to 60 characters of base64url.
std::string record_id(ObjectReader& in, std::string_view name, std::string_view prefix);
/// Base64url of exactly 32 bytes.
PublicKey key(ObjectReader& in, std::string_view name);
std::int64_t count(ObjectReader& in, std::string_view name);
/// A list of texts without control characters.
std::vector<std::string> texts(ObjectReader& in, std::string_view name, std::size_t max_elements,
                               std::size_t max_bytes);

ServerTime time(ObjectReader& in, std::string_view name);
std::optional<ServerTime> optional_time(ObjectReader& in, std::string_view name);

template <class T>
T choice(ObjectReader& in, std::string_view name, std::optional<T> (*from_name)(std::string_view)) {
    const auto spelling = in.string(name, kMaxIdBytes);
    if (!in.ok()) return T{};
    const auto value = from_name(spelling);
    if (!value) in.refuse(name, "has a value this version does not know");
    return value.value_or(T{});
}

/// Reads a part by its own parser; a failure inside becomes a failure of the whole.
template <class T>
T part(ObjectReader& in, std::string_view name, const bj::value& value,
       Result<T> (*read)(const bj::value&)) {
    auto result = read(value);
    if (!result) {
        in.refuse(name, "is not valid: " + result.error().detail);
        return T{};
    }
    return std::move(*result);
}

template <class T>
T nested(ObjectReader& in, std::string_view name, Result<T> (*read)(const bj::value&)) {
    const auto* value = in.object(name);
    return value ? part(in, name, *value, read) : T{};
}

template <class T>
std::optional<T> optional_nested(ObjectReader& in, std::string_view name,
                                 Result<T> (*read)(const bj::value&)) {
    const auto* value = in.optional_object(name);
    if (!value) return std::nullopt;
    return part(in, name, *value, read);
}

template <class T>
std::vector<T> list(ObjectReader& in, std::string_view name, std::size_t max_elements,
                    Result<T> (*read)(const bj::value&)) {
    std::vector<T> out;
    const auto* array = in.array(name, max_elements);
    if (!array) return out;
    out.reserve(array->size());
    for (const auto& element : *array) {
        out.push_back(part(in, name, element, read));
        if (!in.ok()) return {};
    }
    return out;
}

/// For writing.
bj::value json_text(std::string_view text);
bj::value json_time(ServerTime time);
bj::value json_time(std::optional<ServerTime> time);  ///< null where there is none
bj::array json_texts(const std::vector<std::string>& texts);

template <class T>
bj::array json_list(const std::vector<T>& values) {
    bj::array out;
    out.reserve(values.size());
    for (const auto& value : values) out.push_back(to_json(value));
    return out;
}

}  // namespace latchkey::licensing::fields
