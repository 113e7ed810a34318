#pragma once

// What a browser sends: a target, and the fields of a query or a form (URL-encoded). Strict and
// bounded: what is odd is refused whole.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::keyserver::console {

using Fields = std::map<std::string, std::string, std::less<>>;

/// The value, or empty where there is none.
std::string field(const Fields& fields, std::string_view name);

/// application/x-www-form-urlencoded. nullopt: bad escapes, a name twice, too many fields.
std::optional<Fields> parse_fields(std::string_view encoded);
std::string encode_fields(const Fields& fields);

struct Target {
    std::vector<std::string> path;  ///< {"machines", "mch_…"} of /machines/mch_…; / is empty
    Fields query;
};
std::optional<Target> parse_target(std::string_view target);

/// A place of our own to go on to after signing in: never another site's.
bool is_local(std::string_view target);

}  // namespace latchkey::keyserver::console
