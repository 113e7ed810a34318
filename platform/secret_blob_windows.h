#pragma once

// DPAPI in machine scope: what is wrapped here opens on this installation of Windows alone, for
// every account of it; the file's access list keeps the others out. Internal to the Windows files
// of platform/.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::platform {

/// How much longer than the secret its wrapping is at most.
inline constexpr std::size_t kMostWrapping = 4096;

/// Fails with Code::storage_failed.
Result<std::string> wrap(std::string_view secret);

/// std::nullopt for what was wrapped elsewhere, was damaged, or whose machine key is lost.
std::optional<std::string> unwrap(std::string_view blob);

}  // namespace latchkey::platform
