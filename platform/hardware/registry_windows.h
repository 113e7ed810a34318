#pragma once

// Single values of the machine's registry, read without fear of their type or size. Internal to the
// Windows files of platform/.

#include <windows.h>

#include <cstdint>
#include <optional>

#include "hwid/raw.h"

namespace latchkey::platform {

/// A REG_SZ, in UTF-8; another type counts as failed. Without a `key` the value is the root's own.
hwid::RawText registry_text(HKEY root, const wchar_t* key, const wchar_t* name);

/// nullopt for whatever is not a REG_DWORD.
std::optional<std::uint32_t> registry_number(HKEY root, const wchar_t* key, const wchar_t* name);

}  // namespace latchkey::platform
