#pragma once

// The steps that Linux and macOS do alike. Internal to service-install/.

#include <sys/stat.h>

#include <filesystem>

#include "service-install/perform.h"

namespace latchkey::service_install {

Result<Outcome> copy_program(const std::filesystem::path& source,
                             const std::filesystem::path& path);
/// With 0700; fails where somebody else owns it or may change it.
Result<Outcome> make_private_directory(const std::filesystem::path& path);
/// Below `root`, which itself is not looked at. Directories that are not there yet are root's to
/// make. Fails with Code::not_permitted, naming the one.
Result<Outcome> see_guarded(const Action& action, const std::string& root);
Result<Outcome> make_link(const Action& action, const std::filesystem::path& path);
Result<Outcome> remove_link(const Action& action, const std::filesystem::path& path);
Result<Outcome> remove_file(const std::filesystem::path& path);
/// What files, links and commands alone do. Fails with Code::internal at a step of an account's or
/// of the service manager's, which this system's plan has not got.
Result<Outcome> perform_common(const Action& action, const std::string& root);

/// Definitions and configuration are for everybody to read, whatever the umask was.
class ReadableByAll {
public:
    ReadableByAll() : before_(::umask(022)) {}
    ReadableByAll(const ReadableByAll&) = delete;
    ReadableByAll& operator=(const ReadableByAll&) = delete;
    ~ReadableByAll() { ::umask(before_); }

private:
    mode_t before_;
};

}  // namespace latchkey::service_install
