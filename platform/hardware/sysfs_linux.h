#pragma once

// Small files of /sys and /proc, with an honest word on why one could not be read. Internal to the
// Linux files of platform/.

#include <string>
#include <vector>

#include "hwid/raw.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

inline constexpr std::size_t kMaxAttributeBytes = 4096;

hwid::Access access_of_errno(int error);

/// A directory held open, so that many files of it cost no walk of its path.
class SysDirectory {
public:
    explicit SysDirectory(std::string path);

    /// Why it could not be opened; `read` where it was.
    hwid::Access access() const { return access_; }
    const std::string& path() const { return path_; }

    bool has(const char* name) const;
    /// One attribute as sysfs gives it: one read, at most kMaxAttributeBytes.
    hwid::RawText attribute(const char* name) const;
    /// The same as a number; nullopt where it is none. Understands "0x".
    std::optional<std::uint64_t> number(const char* name) const;
    /// The attribute without its line end; empty where it could not be read.
    std::string word(const char* name) const;
    /// Where a symbolic link points, as written; empty where it is none.
    std::string link(const char* name) const;
    /// The last part of link(name): "virtio_net" for "../../../bus/virtio/drivers/virtio_net".
    std::string link_name(const char* name) const;

private:
    std::string path_;
    UniqueFd fd_;
    hwid::Access access_ = hwid::Access::read;
};

/// True where the PCI attribute says that users can pull the device out while it runs
/// (Thunderbolt, ExpressCard). Kernels before 5.15 do not say.
bool is_at_open_port(const SysDirectory& directory, const char* attribute);

/// A whole file, at most `max_bytes` of it.
hwid::RawText read_text_file(const std::string& path, std::size_t max_bytes);
hwid::Source<hwid::RawBytes> read_binary_file(const std::string& path, std::size_t max_bytes);

struct ListedEntry {
    std::string name;
    std::uint64_t inode = 0;
};

/// The entries of a directory in name order, "." and ".." left out.
hwid::Access list_directory(const std::string& path, std::vector<ListedEntry>& entries);

bool exists(const char* path);

/// Where a symbolic link points, as written; empty where it is none.
std::string link_target(const std::string& path);

}  // namespace latchkey::platform
