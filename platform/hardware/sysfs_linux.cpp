#include "platform/hardware/sysfs_linux.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

namespace latchkey::platform {

using hwid::Access;
using hwid::RawBytes;
using hwid::RawText;
using hwid::Source;

namespace {

/// Appends to `into` until the end, the limit or an error; returns the errno of the last.
template <class Container>
int read_into(int fd, Container& into, std::size_t max_bytes) {
    constexpr std::size_t kChunk = 64 * 1024;
    std::size_t used = 0;
    while (used < max_bytes) {
        into.resize(
            std::min(max_bytes, std::max<std::size_t>(used * 2, used + kMaxAttributeBytes)));
        const ssize_t got = ::read(fd, into.data() + used, std::min(into.size() - used, kChunk));
        if (got < 0 && errno == EINTR) continue;
        const int error = got < 0 ? errno : 0;
        if (got <= 0) {
            into.resize(used);
            return error;
        }
        used += static_cast<std::size_t>(got);
    }
    into.resize(used);
    return 0;
}

template <class Container>
Source<Container> read_whole(const std::string& path, std::size_t max_bytes) {
    Source<Container> source;
    source.origin = path;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const int error = fd ? read_into(fd.get(), source.value, max_bytes) : errno;
    source.access = access_of_errno(error);
    if (error != 0) source.value.clear();
    return source;
}

/// Where a link leads is not asked: in /sys that is a long way.
bool is_entry(int directory, const char* path) {
    struct stat status {};
    return ::fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string read_link(int directory, const char* path) {
    std::array<char, kMaxAttributeBytes> target;
    const ssize_t got = ::readlinkat(directory, path, target.data(), target.size());
    return got > 0 ? std::string(target.data(), static_cast<std::size_t>(got)) : std::string();
}

}  // namespace

Access access_of_errno(int error) {
    switch (error) {
        case 0:
            return Access::read;
        case ENOENT:
        case ENOTDIR:
        case ENODEV:
        case ENXIO:
        case EOPNOTSUPP:
            return Access::absent;
        case EACCES:
        case EPERM:
            return Access::denied;
        default:
            return Access::failed;
    }
}

SysDirectory::SysDirectory(std::string path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (!fd_) access_ = access_of_errno(errno);
}

bool SysDirectory::has(const char* name) const { return fd_ && is_entry(fd_.get(), name); }

RawText SysDirectory::attribute(const char* name) const {
    RawText text;
    text.origin.reserve(path_.size() + 24);
    text.origin.append(path_).append("/").append(name);
    if (!fd_) {
        text.access = access_;
        return text;
    }
    const UniqueFd file(::openat(fd_.get(), name, O_RDONLY | O_CLOEXEC));
    std::array<char, kMaxAttributeBytes> buffer;
    ssize_t got = -1;
    if (file) {
        do got = ::read(file.get(), buffer.data(), buffer.size());
        while (got < 0 && errno == EINTR);
    }
    text.access = access_of_errno(got < 0 ? errno : 0);
    if (got > 0) text.value.assign(buffer.data(), static_cast<std::size_t>(got));
    return text;
}

std::string SysDirectory::word(const char* name) const {
    std::string text = attribute(name).value;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
    return text;
}

std::optional<std::uint64_t> SysDirectory::number(const char* name) const {
    const std::string text = word(name);
    const bool hexadecimal = text.starts_with("0x");
    const char* const first = text.data() + (hexadecimal ? 2 : 0);
    const char* const last = text.data() + text.size();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(first, last, value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != last) return std::nullopt;
    return value;
}

std::string SysDirectory::link(const char* name) const {
    return fd_ ? read_link(fd_.get(), name) : std::string();
}

std::string SysDirectory::link_name(const char* name) const {
    const std::string target = link(name);
    const auto slash = target.rfind('/');
    return slash == std::string::npos ? target : target.substr(slash + 1);
}

bool is_at_open_port(const SysDirectory& directory, const char* attribute) {
    return directory.word(attribute) == "removable";
}

RawText read_text_file(const std::string& path, std::size_t max_bytes) {
    return read_whole<std::string>(path, max_bytes);
}

Source<RawBytes> read_binary_file(const std::string& path, std::size_t max_bytes) {
    return read_whole<RawBytes>(path, max_bytes);
}

Access list_directory(const std::string& path, std::vector<ListedEntry>& entries) {
    constexpr auto close_directory = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close_directory)> directory(::opendir(path.c_str()));
    if (!directory) return access_of_errno(errno);
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_ino});
    }
    if (errno != 0) return access_of_errno(errno);
    std::sort(entries.begin(), entries.end(),
              [](const ListedEntry& a, const ListedEntry& b) { return a.name < b.name; });
    return Access::read;
}

std::string link_target(const std::string& path) { return read_link(AT_FDCWD, path.c_str()); }

bool exists(const char* path) { return is_entry(AT_FDCWD, path); }

}  // namespace latchkey::platform
