#pragma once

// What tests want of the system and each system does in its own way.

#include <cstdint>
#include <filesystem>
#include <string>

namespace latchkey::fakes {

/// This process's own environment.
void set_variable(const char* name, const std::string& value);
void unset_variable(const char* name);

/// An endpoint that nobody else has: in `directory`, where endpoints lie in directories.
std::filesystem::path new_endpoint(const std::filesystem::path& directory);

/// A directory of this user alone, with a name that nobody else has.
std::filesystem::path make_private_directory(const std::filesystem::path& in);

/// A disk on which this process's files cannot grow beyond a size: what a full one does to SQLite.
/// Windows has no such limit, and aborts.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uint64_t bytes);
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit();

private:
    std::uint64_t before_ = 0;
    void (*handler_)(int) = nullptr;
};

}  // namespace latchkey::fakes
