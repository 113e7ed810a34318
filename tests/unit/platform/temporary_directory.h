#pragma once

#include <filesystem>

#include "tests/fakes/system.h"

namespace latchkey::platform {

/// A directory of this test alone (0700), removed with everything in it.
class TemporaryDirectory {
public:
    TemporaryDirectory()
        : path_(fakes::make_private_directory(std::filesystem::temp_directory_path())) {}
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

}  // namespace latchkey::platform
