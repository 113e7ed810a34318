#pragma once

// Files and directories that belong to one user alone: 0600/0700 on POSIX, an explicit ACL on
// Windows. Writing is atomic and durable: a reader sees the old content or the new, also after a
// power cut.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::platform {

/// Reads a whole file of at most `max_bytes`. A missing file fails with Code::record_unknown;
/// another failure with Code::input_unreadable (the detail names path and reason).
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// As read_file, and refuses a file that others may write, or (`secret`) read, or that is not a
/// regular file, with Code::not_permitted. Symbolic links are not followed.
enum class Privacy : std::uint8_t { trusted, secret };
Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t max_bytes,
                                      Privacy privacy);

/// Fails with Code::not_permitted where others than root and this user may change the file.
/// Symbolic links are followed: system certificates are. A missing file is nobody's.
Result<void> check_unchangeable_by_others(const std::filesystem::path& path);

/// Who but root and this user may do what with a file or directory.
struct FileRights {
    std::string shown;  ///< as the system writes them: "0640"
    bool others_may_read = false;
    bool others_may_change = false;
    bool belongs_to_another = false;
};
/// Symbolic links are followed; std::nullopt: there is no such file. Fails with
/// Code::input_unreadable.
Result<std::optional<FileRights>> rights_of(const std::filesystem::path& path);

/// Temporary file, fsync, rename, fsync of the directory. Fails with Code::storage_failed; the old
/// content stays then.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

/// For a path that a person named: a new or regular file is replaced as by write_private_file;
/// behind a symbolic link its target is, and the link stays. A device or pipe is written into (and
/// a pipe waits for its reader), never replaced. Fails with Code::storage_failed.
Result<void> write_private_output(const std::filesystem::path& path, std::string_view content);

/// As write_private_file, but readable by everyone (manifests, CA certificates).
Result<void> write_public_file(const std::filesystem::path& path, std::string_view content);

/// The same for what everyone may read, as write_public_file.
Result<void> write_public_output(const std::filesystem::path& path, std::string_view content);

/// A secret of this installation of the system alone, at most `max_bytes` of it. On Windows the
/// file holds it wrapped by DPAPI in machine scope; elsewhere as it is, and its rights are all that
/// keeps it. std::nullopt: there is no such file, or what is in it cannot be opened here (it came
/// from elsewhere, or the system lost its own key): it is to be made anew. Fails as
/// read_private_file does.
Result<std::optional<std::string>> read_secret_file(const std::filesystem::path& path,
                                                    std::size_t max_bytes);
/// As write_private_file.
Result<void> write_secret_file(const std::filesystem::path& path, std::string_view secret);

/// Makes the directory (and its parents) with 0700; an existing one must belong to this user and
/// not be writable by others.
Result<void> ensure_private_directory(const std::filesystem::path& path);

/// Removes a file durably; one that is not there is fine.
Result<void> remove_file(const std::filesystem::path& path);

/// Overwrites a file's bytes before it is removed, both durably, so that a copy of the disk's free
/// blocks holds none of them (as far as the file system writes in place). Not there is fine.
Result<void> scrub_file(const std::filesystem::path& path);

/// An exclusive lock held until destruction (and released by the system if the process dies).
class DirectoryLock {
public:
    virtual ~DirectoryLock() = default;
};

/// Fails with Code::state_locked, naming the holder's pid where the system tells.
Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::filesystem::path& directory);

}  // namespace latchkey::platform
