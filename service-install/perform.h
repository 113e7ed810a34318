#pragma once

// One step at a time: what apply.cpp asks of the system's file, and the part of it that every
// system does alike. Internal to service-install/.

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "service-install/apply.h"
#include "service-install/run_command.h"

namespace latchkey::service_install {

/// Does one action as this system does it. Doing it again is the same as doing it once.
Result<Outcome> perform(const Action& action, const std::string& root);

inline constexpr std::size_t kMaxProgramBytes = 256u << 20;
inline constexpr std::size_t kMaxListBytes = 4u << 20;

/// The target inside the chosen root.
std::filesystem::path place(const std::string& root, const std::string& path);
Failure file_failure(std::string_view what, const std::filesystem::path& path,
                     const std::error_code& error);

/// Done, or a failure with what the program said.
Result<Outcome> answer(const Action& action, const Finished& finished);
/// Another program does it; what that says is the detail of a failure.
Result<Outcome> run(const Action& action);
Result<Outcome> make_directory(const std::filesystem::path& path);
Result<Outcome> write_file(const Action& action, const std::filesystem::path& path);
Result<Outcome> remove_directory(const std::filesystem::path& path);

}  // namespace latchkey::service_install
