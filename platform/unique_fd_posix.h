#pragma once

// A file descriptor that is closed when its owner goes, and the words for an errno. POSIX files of
// platform/ only.

#include <unistd.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace latchkey::platform {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }
    void reset() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_ = -1;
};

/// "cannot open /x/y: Permission denied"
inline std::string errno_text(std::string_view what, std::string_view path, int error) {
    std::string text(what);
    if (!path.empty()) text.append(" ").append(path);
    return text + ": " + std::generic_category().message(error);
}

}  // namespace latchkey::platform
