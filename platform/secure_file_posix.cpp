#include "platform/secure_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/encoding.h"
#include "platform/file_rights_posix.h"
#include "platform/random.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateMode = 0600;
constexpr mode_t kPublicMode = 0644;
constexpr mode_t kPrivateDirectoryMode = 0700;
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthersRead = S_IRGRP | S_IROTH;
constexpr mode_t kOthersAnything = S_IRWXG | S_IRWXO;

fs::path directory_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Result<std::string> read_all(int fd, const fs::path& path, std::size_t max_bytes) {
    std::string content;
    std::array<char, 16384> chunk;
    for (;;) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(Code::input_unreadable, errno_text("cannot read", path.native(), errno));
        if (got == 0) return content;
        if (content.size() + static_cast<std::size_t>(got) > max_bytes)
            return fail(Code::input_unreadable,
                        path.native() + " is larger than " + std::to_string(max_bytes) + " bytes");
        content.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

Failure open_failure(const fs::path& path, int error) {
    if (error == ENOENT) return fail(Code::record_unknown, path.native() + " does not exist");
    if (error == ELOOP)
        return fail(Problem{Code::not_permitted,
                            path.native() + " is a symbolic link and is not followed",
                            "Put the file itself in its place."});
    return fail(Code::input_unreadable, errno_text("cannot open", path.native(), error));
}

Failure others_can_read(const fs::path& path) {
    return fail(Problem{Code::not_permitted, path.native() + " can be read by other users",
                        "Run 'chmod go-rwx " + path.native() + "'" + further_remedy(path) + "."});
}

Failure others_can_change(const fs::path& path) {
    return fail(Problem{Code::not_permitted, path.native() + " can be changed by other users",
                        "See that it still holds what it should, then run 'chmod go-w " +
                            path.native() + "'" + further_remedy(path) + "."});
}

Failure belongs_to_another(const fs::path& path) {
    return fail(Problem{Code::not_permitted, path.native() + " belongs to another user",
                        "Run it as that user, or give it to the right one with chown."});
}

Result<void> write_all(int fd, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0)
            return fail(Code::storage_failed, errno_text("cannot write", path.native(), errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> sync_directory(const fs::path& directory) {
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const bool synced = fd && flush_to_disk(fd.get());
    if (!synced && errno != EINVAL)  // EINVAL: this file system has nothing to sync in a directory
        return fail(Code::storage_failed, errno_text("cannot sync", directory.native(), errno));
    return {};
}

/// Removes the temporary file unless the rename took it away.
class Temporary {
public:
    explicit Temporary(fs::path path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    const fs::path& path() const { return path_; }
    void renamed() { path_.clear(); }

private:
    fs::path path_;
};

fs::path temporary_name(const fs::path& path) {
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    return directory_of(path) / ("." + path.filename().native() + "." + hex(bytes) + ".tmp");
}

Result<void> write_file(const fs::path& path, std::string_view content, mode_t mode) {
    Temporary temporary(temporary_name(path));
    const UniqueFd fd(::open(temporary.path().c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateMode));
    if (!fd) {
        const int error = errno;
        temporary.renamed();  // there is none
        return fail(Code::storage_failed, errno_text("cannot create", path.native(), error));
    }
    // Neither the umask of whoever started us nor what the directory hands down decides who reads
    // this.
    if (::fchmod(fd.get(), mode) != 0 || !drop_further_rights(fd.get()))
        return fail(Code::storage_failed,
                    errno_text("cannot set the rights of", path.native(), errno));
    if (auto written = write_all(fd.get(), content, path); !written) return written;
    if (!flush_to_disk(fd.get()))
        return fail(Code::storage_failed, errno_text("cannot sync", path.native(), errno));
    if (::rename(temporary.path().c_str(), path.c_str()) != 0)
        return fail(Code::storage_failed, errno_text("cannot replace", path.native(), errno));
    temporary.renamed();
    return sync_directory(directory_of(path));
}

/// Where a chain of symbolic links ends, whether or not anything is there.
Result<fs::path> end_of_links(fs::path path) {
    constexpr int kMostLinks = 40;  // as the kernel
    for (int followed = 0; followed < kMostLinks; ++followed) {
        std::error_code error;
        const fs::path target = fs::read_symlink(path, error);
        if (error) return path;  // not a link, or not there
        path = directory_of(path) / target;
    }
    return fail(Code::storage_failed, errno_text("cannot follow", path.native(), ELOOP));
}

Result<void> write_into(const fs::path& path, std::string_view content) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!fd) return fail(Code::storage_failed, errno_text("cannot open", path.native(), errno));
    return write_all(fd.get(), content, path);
}

class FileLock final : public DirectoryLock {
public:
    explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}

private:
    UniqueFd fd_;
};

std::string holder_of(int fd) {
    std::array<char, 24> text{};
    const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
    std::string pid;
    for (ssize_t i = 0; i < got && text[static_cast<std::size_t>(i)] >= '0' &&
                        text[static_cast<std::size_t>(i)] <= '9';
         ++i)
        pid += text[static_cast<std::size_t>(i)];
    return pid.empty() ? "another process" : "process " + pid;
}

bool still_the_same_file(int fd, const fs::path& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return open_failure(path, errno);
    return read_all(fd.get(), path, max_bytes);
}

Result<std::string> read_private_file(const fs::path& path, std::size_t max_bytes,
                                      Privacy privacy) {
    // Non-blocking, so that a pipe put in the file's place cannot hold us before we look at it.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return open_failure(path, errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0)
        return fail(Code::input_unreadable, errno_text("cannot look at", path.native(), errno));
    if (!S_ISREG(info.st_mode))
        return fail(Problem{Code::not_permitted, path.native() + " is not a regular file",
                            "Put a regular file in its place."});
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) return belongs_to_another(path);
    const FurtherRights further = further_rights(fd.get());
    if ((info.st_mode & kOthersWrite) != 0 || further.change) return others_can_change(path);
    if (privacy == Privacy::secret && ((info.st_mode & kOthersAnything) != 0 || further.read))
        return others_can_read(path);
    return read_all(fd.get(), path, max_bytes);
}

Result<void> check_unchangeable_by_others(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) return belongs_to_another(path);
    if ((info.st_mode & kOthersWrite) != 0 || further_rights(path).change)
        return others_can_change(path);
    return {};
}

Result<std::optional<FileRights>> rights_of(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return std::optional<FileRights>();
        return fail(Code::input_unreadable, errno_text("cannot look at", path.native(), errno));
    }
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", info.st_mode & 07777u);
    // Who may enter a directory may read what in it does not say otherwise.
    const mode_t reading = S_ISDIR(info.st_mode) ? kOthersAnything : kOthersRead;
    const FurtherRights further = further_rights(path);
    return FileRights{.shown = mode.data(),
                      .others_may_read = (info.st_mode & reading) != 0 || further.read,
                      .others_may_change = (info.st_mode & kOthersWrite) != 0 || further.change,
                      .belongs_to_another = info.st_uid != 0 && info.st_uid != ::geteuid()};
}

Result<void> write_private_file(const fs::path& path, std::string_view content) {
    return write_file(path, content, kPrivateMode);
}

namespace {

Result<void> write_output(const fs::path& path, std::string_view content, mode_t mode) {
    const auto target = end_of_links(path);
    if (!target) return fail(target.error());
    struct stat info {};
    // Of a link in /proc/self/fd, read_symlink gives a name that leads nowhere; stat follows it.
    const bool is_there = ::stat(path.c_str(), &info) == 0;
    if (is_there && !S_ISREG(info.st_mode)) return write_into(path, content);
    return write_file(*target, content, mode);
}

}  // namespace

Result<void> write_private_output(const fs::path& path, std::string_view content) {
    return write_output(path, content, kPrivateMode);
}

Result<void> write_public_output(const fs::path& path, std::string_view content) {
    return write_output(path, content, kPublicMode);
}

Result<void> write_public_file(const fs::path& path, std::string_view content) {
    return write_file(path, content, kPublicMode);
}

Result<std::optional<std::string>> read_secret_file(const fs::path& path, std::size_t max_bytes) {
    auto secret = read_private_file(path, max_bytes, Privacy::secret);
    if (secret) return std::move(*secret);
    if (secret.error().code == Code::record_unknown) return std::nullopt;
    return fail(std::move(secret.error()));
}

Result<void> write_secret_file(const fs::path& path, std::string_view secret) {
    return write_private_file(path, secret);
}

Result<void> ensure_private_directory(const fs::path& path) {
    std::vector<fs::path> missing;
    struct stat info {};
    for (fs::path at = path; ::stat(at.c_str(), &info) != 0; at = directory_of(at)) {
        if (errno != ENOENT)
            return fail(Code::storage_failed, errno_text("cannot look at", at.native(), errno));
        missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        if (::mkdir(at->c_str(), kPrivateDirectoryMode) != 0 && errno != EEXIST)
            return fail(Code::storage_failed, errno_text("cannot create", at->native(), errno));
        if (!drop_further_rights(*at))
            return fail(Code::storage_failed,
                        errno_text("cannot set the rights of", at->native(), errno));
        if (auto synced = sync_directory(directory_of(*at)); !synced) return synced;
    }
    if (::stat(path.c_str(), &info) != 0)
        return fail(Code::storage_failed, errno_text("cannot look at", path.native(), errno));
    if (!S_ISDIR(info.st_mode))
        return fail(Code::storage_failed, path.native() + " is not a directory");
    if (info.st_uid != ::geteuid()) return belongs_to_another(path);
    if ((info.st_mode & kOthersWrite) != 0 || further_rights(path).change)
        return others_can_change(path);
    return {};
}

Result<void> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return fail(Code::storage_failed, errno_text("cannot remove", path.native(), errno));
    }
    return sync_directory(directory_of(path));
}

Result<void> scrub_file(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!fd && errno == ENOENT) return {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return fail(Code::storage_failed, errno_text("cannot open", path.native(), errno));
    const std::string zeros(static_cast<std::size_t>(info.st_size), '\0');
    if (auto written = write_all(fd.get(), zeros, path); !written) return written;
    if (!flush_to_disk(fd.get()))
        return fail(Code::storage_failed, errno_text("cannot sync", path.native(), errno));
    return remove_file(path);
}

Result<std::unique_ptr<DirectoryLock>> lock_directory(const fs::path& directory) {
    const fs::path path = directory / "lock";
    for (;;) {
        UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivateMode));
        if (!fd) return fail(Code::storage_failed, errno_text("cannot open", path.native(), errno));
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EINTR) continue;
            if (errno == EWOULDBLOCK)
                return fail(Code::state_locked,
                            directory.native() + " is in use by " + holder_of(fd.get()));
            return fail(Code::storage_failed, errno_text("cannot lock", path.native(), errno));
        }
        // Somebody may have removed the file between open and lock: then the lock is worth nothing.
        if (!still_the_same_file(fd.get(), path)) continue;
        const std::string pid = std::to_string(::getpid()) + "\n";
        if (::ftruncate(fd.get(), 0) != 0)
            return fail(Code::storage_failed, errno_text("cannot write", path.native(), errno));
        if (auto written = write_all(fd.get(), pid, path); !written)
            return fail(std::move(written.error()));
        return std::make_unique<FileLock>(std::move(fd));
    }
}

}  // namespace latchkey::platform
