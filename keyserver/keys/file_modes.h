#pragma once

// Who else may read or change the files of a data directory (docs/keyserver.md, Files): judged at
// every start, before any of them is believed. Nothing is mended by itself.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {

enum class FileKind : std::uint8_t {
    secret,     ///< others may neither read nor change it
    document,   ///< others may read it
    directory,  ///< others may not change it, and had better not look into it
};

struct KeptFile {
    std::string_view name;  ///< in the data directory
    FileKind kind = FileKind::secret;
};
/// Every file that the key server keeps, there or not.
std::span<const KeptFile> kept_files();

struct ModeVerdict {
    std::optional<Problem> refusal;      ///< Code::config_invalid, with the chmod that mends it
    std::optional<std::string> warning;  ///< goes on, and says this
};
/// Pure.
ModeVerdict judge_mode(const std::filesystem::path& path, FileKind kind,
                       const platform::FileRights& rights);

/// The directory and every kept file in it that is there: the first refusal, or all warnings.
Result<std::vector<std::string>> check_file_modes(const std::filesystem::path& directory);

}  // namespace latchkey::keyserver
