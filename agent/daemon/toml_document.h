#pragma once

// One TOML file as a flat list of (dotted name, value, line): all that config.* needs, and the only
// place that knows the TOML library.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace latchkey::daemon {

/// A value of a kind that no setting has (a date, a float, a nested array).
struct OtherKind {};

using SettingValue = std::variant<std::string, bool, std::int64_t, OtherKind>;

struct TomlEntry {
    std::vector<std::string> path;  ///< {"publisher", "example.org", "url"}
    std::size_t element = 0;        ///< which of an array of tables, counted from 1; 0 outside one
    SettingValue value;
    std::size_t line = 0;

    std::string dotted() const;
};

/// {"publisher", "example.org", "url"} as publisher."example.org".url
std::string dotted(const std::vector<std::string>& path);

/// Fails with Code::config_invalid naming file and line.
Result<std::vector<TomlEntry>> parse_toml(std::string_view text, const std::string& origin);

}  // namespace latchkey::daemon
