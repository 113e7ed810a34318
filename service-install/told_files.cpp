#include "service-install/told_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "base/path_text.h"
#include "platform/secure_file.h"
#include "service-install/perform.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSettings = 1u << 20;

fs::path before(const fs::path& path) { return utf8_path(utf8_text(path) + ".before"); }
fs::path none(const fs::path& path) { return utf8_path(utf8_text(path) + ".none"); }

Result<void> put_aside(const fs::path& path) {
    std::error_code error;
    if (fs::exists(before(path), error) || fs::exists(none(path), error)) return {};
    if (auto made = make_directory(path.parent_path()); !made) return fail(made.error());
    if (!fs::exists(path, error)) return platform::write_private_file(none(path), {});
    // Beside it, so that it inherits who may read it: a key stays as private as it was.
    fs::copy_file(path, before(path), error);
    if (error) return file_failure("cannot put aside", path, error);
    return {};
}

/// Inherits who may read it from the directory, which lets in the agent and administrators alone.
Result<void> write_secret(const fs::path& to, const std::string& content) {
    const fs::path fresh = utf8_path(utf8_text(to) + ".new");
    std::error_code error;
    fs::remove(fresh, error);
    std::ofstream file(fresh, std::ios::binary);
    file << content;
    file.close();
    if (!file) return fail(Code::storage_failed, "cannot write " + utf8_text(fresh));
    fs::rename(fresh, to, error);
    if (error) return file_failure("cannot put in place", to, error);
    return {};
}

bool is_taken_over(const fs::path& path) {
    const auto old = platform::read_file(path, kMaxSettings);
    return old && !old->starts_with(told_heading());
}

template <class Visit>
void for_each_target(const ToldFiles& files, Visit visit) {
    if (!files.text.empty()) visit(utf8_path(files.path));
    for (const auto& copy : files.copies) visit(utf8_path(copy.to));
}

}  // namespace

Result<void> lay_files(const ToldFiles& files) {
    const fs::path settings = utf8_path(files.path);
    for (const auto& copy : files.copies) {
        const fs::path to = utf8_path(copy.to);
        if (auto aside = put_aside(to); !aside) return aside;
        auto done = copy.secret ? write_secret(to, copy.content)
                                : platform::write_public_file(to, copy.content);
        if (!done) return done;
    }
    if (files.text.empty() || is_taken_over(settings)) return {};
    if (auto aside = put_aside(settings); !aside) return aside;
    return platform::write_public_file(settings, files.text);
}

void take_back_files(const ToldFiles& files) {
    for_each_target(files, [](const fs::path& path) {
        std::error_code error;
        if (fs::exists(before(path), error)) {
            fs::rename(before(path), path, error);
        } else if (fs::exists(none(path), error)) {
            (void)platform::scrub_file(path);
            fs::remove(none(path), error);
        }
    });
}

void keep_files(const ToldFiles& files) {
    for_each_target(files, [](const fs::path& path) {
        (void)platform::scrub_file(before(path));
        std::error_code error;
        fs::remove(none(path), error);
    });
}

}  // namespace latchkey::service_install
