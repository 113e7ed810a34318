#pragma once

// Folders in a place where everybody may make some: C:\ProgramData. One that waits there for us may
// be somebody else's, lead elsewhere, or hold what we would take for our own. Nothing here follows
// a link, and a folder is closed before what is in it is looked at. Internal to the Windows files
// of service-install/ and the installer.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "service-install/apply.h"

namespace latchkey::service_install {

/// False: there is no such folder. Fails with Code::not_permitted where it is a link, no folder, or
/// belongs to others than the system and the administrators.
Result<bool> check_folder(const std::filesystem::path& path);

/// Makes the folder with owner and access list of the SDDL, or gives them to the one that is there.
/// Where others could change that one until now, each link and each entry of theirs in it is
/// refused with Code::not_permitted, and the folder is as it was; else they were put there by
/// administrators: links stay and are not followed, and what belongs to another is taken over.
/// Entries that others may change (or read, where the SDDL lets nobody else read) get the SDDL's
/// list.
Result<Outcome> guard_folder(const std::filesystem::path& path, const std::string& sddl);

/// Owner and access list as SDDL; empty where there is no such folder or it does not say.
std::string folder_rights(const std::filesystem::path& path);
/// For a rollback: what folder_rights() said. Fails with Code::storage_failed.
Result<void> put_back_rights(const std::filesystem::path& path, const std::string& sddl);

/// Removes the folder and all in it; of a link in it the link alone. Fails with Code::not_permitted
/// where it is a link itself, and with Code::storage_failed, naming the first, where anything
/// stays; all that can go is gone then.
Result<Outcome> remove_tree(const std::filesystem::path& path);

}  // namespace latchkey::service_install
