#pragma once

// Paths to and from text, which is UTF-8 on every system. Windows' paths are UTF-16, and what the
// library makes of a narrow string there depends on a code page: so nobody asks it
// (path.string(), path(std::string)).

#include <filesystem>
#include <string>
#include <string_view>

namespace latchkey {

/// Where paths are not bytes, what is no UTF-8 becomes '?'. Never throws for it.
std::filesystem::path utf8_path(std::string_view text);
std::string utf8_text(const std::filesystem::path& path);

}  // namespace latchkey
