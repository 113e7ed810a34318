#include "service-install/perform_posix.h"

#include <unistd.h>

#include <cerrno>

#include "platform/secure_file.h"

namespace latchkey::service_install {

namespace fs = std::filesystem;

constexpr mode_t kProgramMode = 0755;

Result<Outcome> copy_program(const fs::path& source, const fs::path& path) {
    auto content = platform::read_file(source, kMaxProgramBytes);
    if (!content) {
        return fail(Code::input_unreadable, content.error().detail);
    }
    const auto old = platform::read_file(path, kMaxProgramBytes);
    if (old && *old == *content && ::access(path.c_str(), X_OK) == 0) return Outcome::unchanged;
    if (auto made = make_directory(path.parent_path()); !made) return made;
    // Written beside and renamed: a program that runs cannot be written to, and never half of one
    // is there.
    const fs::path fresh = path.native() + ".new";
    if (auto written = platform::write_public_file(fresh, *content); !written)
        return fail(std::move(written.error()));
    if (::chmod(fresh.c_str(), kProgramMode) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
        return file_failure("cannot put in place", path, {errno, std::generic_category()});
    return Outcome::done;
}

Result<Outcome> make_link(const Action& action, const fs::path& path) {
    std::error_code error;
    if (fs::read_symlink(path, error) == action.content && !error) return Outcome::unchanged;
    if (auto made = make_directory(path.parent_path()); !made) return made;
    fs::remove(path, error);
    fs::create_symlink(action.content, path, error);
    if (error) return file_failure("cannot link", path, error);
    return Outcome::done;
}

Result<Outcome> remove_file(const fs::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return Outcome::unchanged;
    if (auto removed = platform::remove_file(path); !removed)
        return fail(std::move(removed.error()));
    return Outcome::done;
}

}  // namespace latchkey::service_install
