#pragma once

// UTF-8 outside, UTF-16 towards Windows, and the system's words for its errors. Internal to the
// Windows files of platform/ and service-install/, and of the installer.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace latchkey::platform {

/// What is no UTF-8 (or UTF-16) becomes U+FFFD.
std::wstring wide(std::string_view utf8);
std::string narrow(std::wstring_view utf16);

/// As Windows' file functions want it: absolute, and beyond MAX_PATH in the form that has no limit.
std::wstring file_name(const std::filesystem::path& path);

/// "cannot open C:\x\y: Access is denied (5)"; `error` is GetLastError()'s.
std::string error_text(std::string_view what, std::string_view subject, std::uint32_t error);

}  // namespace latchkey::platform
