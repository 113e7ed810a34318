#pragma once

// The user the service runs as, seen from a program that an administrator runs: what root can read
// says nothing about what the agent can.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace latchkey::platform {

/// Runs `body` with the rights of the service's user and gives back what it returned; the user's
/// name is handed to it. Only where this process is the administrator's and there is such a user;
/// otherwise std::nullopt, and `body` did not run. It runs in a process of its own: what it changes
/// in memory is lost, and no other thread may exist.
std::optional<int> run_as_service_user(const std::function<int(const std::string& user)>& body);

/// What an administrator does so that this process's user may read `file`, whether it still lies
/// somewhere else or in its place already; empty where its rights are not what is in the way.
std::string unreadable_remedy(const std::filesystem::path& file);

/// What an administrator does about a file that lies where the installed service does not see it,
/// whoever owns it; empty where it lies elsewhere. By the path alone (closed_folders.h): what this
/// process sees says nothing about the service.
std::string unseen_remedy(const std::filesystem::path& file);

}  // namespace latchkey::platform
