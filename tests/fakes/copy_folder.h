#pragma once

// A folder of this user's own, copied as a backup copies it: with the rights of its files. The
// standard library's copy gives a file the rights that its new folder hands down, which an agent
// rightly refuses for its secrets.

#include <filesystem>

namespace latchkey::fakes {

/// Files, folders and symbolic links below `from` into `to`, which is made where it is missing;
/// what is there already is written over. Throws std::runtime_error that names the file.
void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace latchkey::fakes
