#include "service-install/perform_posix.h"

#include <unistd.h>

#include <cerrno>

#include "platform/secure_file.h"

namespace latchkey::service_install {

namespace fs = std::filesystem;

constexpr mode_t kProgramMode = 0755;
constexpr mode_t kPrivateMode = 0700;

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

Result<Outcome> make_private_directory(const fs::path& path) {
    // Its parents are not private.
    if (auto made = make_directory(path.parent_path()); !made) return made;
    struct stat info {};
    const bool was_there = ::stat(path.c_str(), &info) == 0;
    if (auto safe = platform::ensure_private_directory(path); !safe)
        return fail(std::move(safe.error()));
    if (was_there && (info.st_mode & 07777u) == kPrivateMode) return Outcome::unchanged;
    if (::chmod(path.c_str(), kPrivateMode) != 0)
        return file_failure("cannot set the mode of", path, {errno, std::generic_category()});
    return Outcome::done;
}

Result<Outcome> see_guarded(const Action& action, const std::string& root) {
    std::string at;
    for (const auto& part : fs::path(action.target).relative_path()) {
        at += "/" + part.native();
        const fs::path directory = place(root, at);
        std::error_code error;
        const auto kind = fs::symlink_status(directory, error).type();
        if (kind == fs::file_type::not_found) break;
        if (kind != fs::file_type::directory)
            return fail(Problem{Code::not_permitted, directory.native() + " is not a directory",
                                "Put a directory in its place that root alone may change."});
        if (auto safe = platform::check_unchangeable_by_others(directory); !safe)
            return fail(std::move(safe.error()));
    }
    return Outcome::unchanged;
}

Result<Outcome> make_link(const Action& action, const fs::path& path) {
    std::error_code error;
    if (fs::read_symlink(path, error) == action.content && !error) return Outcome::unchanged;
    if (action.keep_existing && fs::exists(fs::symlink_status(path, error)))
        return Outcome::not_needed;
    if (auto made = make_directory(path.parent_path()); !made) return made;
    fs::remove(path, error);
    fs::create_symlink(action.content, path, error);
    if (error) return file_failure("cannot link", path, error);
    return Outcome::done;
}

Result<Outcome> remove_link(const Action& action, const fs::path& path) {
    std::error_code error;
    const bool ours = fs::read_symlink(path, error) == action.content && !error;
    return ours ? remove_file(path) : Result<Outcome>(Outcome::unchanged);
}

Result<Outcome> remove_file(const fs::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return Outcome::unchanged;
    if (auto removed = platform::remove_file(path); !removed)
        return fail(std::move(removed.error()));
    return Outcome::done;
}

Result<Outcome> perform_common(const Action& action, const std::string& root) {
    const fs::path path = place(root, action.target);
    switch (action.kind) {
        case Kind::make_directory:
            return make_directory(path);
        case Kind::guard_directory:
            return make_private_directory(path);
        case Kind::write_file:
            return write_file(action, path);
        case Kind::copy_file:
            return copy_program(action.content, path);
        case Kind::see_guarded:
            return see_guarded(action, root);
        case Kind::make_link:
            return make_link(action, path);
        case Kind::remove_link:
            return remove_link(action, path);
        case Kind::remove_file:
            return remove_file(path);
        case Kind::remove_directory:
            return remove_directory(path);
        case Kind::run:
            return run(action);
        case Kind::make_group:
        case Kind::make_user:
        case Kind::join_group:
        case Kind::remove_group:
        case Kind::remove_user:
        case Kind::register_service:
        case Kind::tune_service:
        case Kind::remove_service:
        case Kind::see_stopped:
            break;
    }
    return fail(Code::internal,
                std::string(kind_name(action.kind)) + " is no step of this system's");
}

}  // namespace latchkey::service_install
