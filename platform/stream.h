#pragma once

// The C library's streams by a path whose name may hold any character.

#include <cstdio>
#include <filesystem>

namespace latchkey::platform {

/// For reading, bytes as they are; the caller closes it. nullptr where it cannot be opened.
std::FILE* open_stream(const std::filesystem::path& path);

}  // namespace latchkey::platform
