#include "service-install/folders_windows.h"

#include <windows.h>

#include <sddl.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/privileges.h"
#include "platform/secure_file.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"

namespace latchkey::service_install {
namespace {

namespace fs = std::filesystem;
using platform::error_text;
using platform::file_name;
using platform::UniqueHandle;

constexpr SECURITY_INFORMATION kOwnerAndList =
    OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
constexpr DWORD kLooking = READ_CONTROL | FILE_READ_ATTRIBUTES;
constexpr DWORD kGiving = kLooking | WRITE_DAC | WRITE_OWNER;

bool is_missing(DWORD error) {
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

UniqueHandle open_itself(const fs::path& path, DWORD access) {
    return UniqueHandle(::CreateFileW(
        file_name(path).c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        nullptr, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS,
        nullptr));
}

/// Of the path's last part, which is not followed. What the handle says counts; Wine knows links by
/// their names alone.
DWORD attributes_of(HANDLE file, const fs::path& path) {
    BY_HANDLE_FILE_INFORMATION info{};
    if (!::GetFileInformationByHandle(file, &info)) return INVALID_FILE_ATTRIBUTES;
    const DWORD named = ::GetFileAttributesW(file_name(path).c_str());
    return info.dwFileAttributes |
           (named != INVALID_FILE_ATTRIBUTES ? named & FILE_ATTRIBUTE_REPARSE_POINT : 0);
}

Failure look_at_it(const fs::path& path, std::string_view what, std::string_view remedy) {
    return fail(Problem{Code::not_permitted, utf8_text(path) + " " + std::string(what),
                        std::string(remedy)});
}

Failure is_a_link(const fs::path& path) {
    return look_at_it(path, "is a link to another place, which is not followed",
                      "Remove the link ('rmdir' leaves alone what it leads to), see what it was "
                      "meant for, and try again.");
}

Failure is_no_folder(const fs::path& path) {
    return look_at_it(path, "is a file where a folder belongs",
                      "Look at what it is, remove it, and try again.");
}

Failure is_anothers(const fs::path& path, const platform::Sid& owner) {
    return look_at_it(path, "is there already, another user's (" + owner.text() + ")",
                      "Look at what is in it, and remove it or give it to the administrators with "
                      "'icacls \"" +
                          utf8_text(path) + "\" /setowner *S-1-5-32-544 /T'; then try again.");
}

Failure cannot(std::string_view what, const fs::path& path, DWORD error) {
    return fail(Code::storage_failed, error_text(what, utf8_text(path), error));
}

/// Also an administrator's who does this himself. (The installer's part that decides is the
/// system: to it he is a stranger, whose programs need no consent to fill a folder.)
bool is_administrators(const platform::Sid& owner) {
    return platform::is_administration(owner.get()) ||
           (owner == platform::own_user() && platform::is_elevated());
}

/// A folder that may be ours, opened.
Result<UniqueHandle> open_folder(const fs::path& path, DWORD access) {
    UniqueHandle folder = open_itself(path, access);
    if (!folder) return cannot("cannot look at", path, ::GetLastError());
    const DWORD attributes = attributes_of(folder.get(), path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return cannot("cannot look at", path, ::GetLastError());
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return is_a_link(path);
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) return is_no_folder(path);
    const auto rights = platform::rights_of_handle(folder.get());
    if (!rights.known) return cannot("cannot look at the owner of", path, rights.error);
    if (!is_administrators(rights.owner)) return is_anothers(path, rights.owner);
    return folder;
}

struct Entry {
    fs::path path;
    DWORD attributes = 0;
    bool is_link() const { return (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0; }
    bool is_folder() const { return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0; }
};

Result<std::vector<Entry>> entries_of(const fs::path& folder) {
    std::vector<Entry> entries;
    WIN32_FIND_DATAW found{};
    const HANDLE search = ::FindFirstFileW(file_name(folder / L"*").c_str(), &found);
    if (search == INVALID_HANDLE_VALUE) {
        if (is_missing(::GetLastError())) return entries;
        return cannot("cannot look into", folder, ::GetLastError());
    }
    do {
        const std::wstring_view name = found.cFileName;
        if (name != L"." && name != L"..")
            entries.push_back({folder / found.cFileName, found.dwFileAttributes});
    } while (::FindNextFileW(search, &found));
    const DWORD error = ::GetLastError();
    ::FindClose(search);
    if (error != ERROR_NO_MORE_FILES) return cannot("cannot look into", folder, error);
    return entries;
}

struct Rules {
    bool others_came_in = false;  ///< what is there may be anybody's
    bool secret = false;
    PSECURITY_DESCRIPTOR wanted = nullptr;
};

Result<void> take_entry(Entry& entry, const Rules& rules) {
    const UniqueHandle handle = open_itself(entry.path, kGiving);
    if (!handle) {
        if (is_missing(::GetLastError())) return {};  // a running agent's, gone meanwhile
        return cannot("cannot take over", entry.path, ::GetLastError());
    }
    entry.attributes = attributes_of(handle.get(), entry.path);
    if (entry.is_link() && rules.others_came_in) return is_a_link(entry.path);
    if (entry.is_link()) return {};
    const auto rights = platform::rights_of_handle(handle.get(), &platform::agent_service());
    if (!rights.known) return cannot("cannot look at the owner of", entry.path, rights.error);
    const bool ours = is_administrators(rights.owner) || rights.owner == platform::agent_service();
    if (!ours && rules.others_came_in) return is_anothers(entry.path, rights.owner);
    const bool open = rights.others_may_change || (rules.secret && rights.others_may_read);
    if ((!ours || open) && !::SetKernelObjectSecurity(handle.get(), kOwnerAndList, rules.wanted))
        return cannot("cannot take over", entry.path, ::GetLastError());
    return {};
}

/// Each folder is closed before it is looked into.
Result<void> take_entries(const fs::path& folder, const Rules& rules) {
    auto entries = entries_of(folder);
    if (!entries) return fail(std::move(entries.error()));
    for (auto& entry : *entries) {
        if (auto taken = take_entry(entry, rules); !taken) return taken;
        if (entry.is_link() || !entry.is_folder()) continue;
        if (auto taken = take_entries(entry.path, rules); !taken) return taken;
    }
    return {};
}

/// Of an entry of the folder: its own, and open to what is decided above it later.
std::string without_protection(std::string sddl) {
    if (const auto at = sddl.find("D:P"); at != std::string::npos) sddl.erase(at + 2, 1);
    return sddl;
}

std::vector<std::uint8_t> descriptor_of(HANDLE folder) {
    DWORD size = 0;
    ::GetKernelObjectSecurity(folder, kOwnerAndList, nullptr, 0, &size);
    std::vector<std::uint8_t> bytes(size);
    if (!::GetKernelObjectSecurity(folder, kOwnerAndList, bytes.data(), size, &size)) return {};
    return bytes;
}

/// Gives the folder what it had before, whether it was inherited included.
bool give_back(HANDLE folder, PSECURITY_DESCRIPTOR former) {
    platform::keep_inherited(former);
    return ::SetKernelObjectSecurity(folder, kOwnerAndList, former) != 0;
}

/// Keeps the first failure.
void remember(Result<void>& first, Result<void> now) {
    if (first && !now) first = std::move(now);
}

Result<void> remove_folder(const fs::path& path) {
    if (::RemoveDirectoryW(file_name(path).c_str()) || is_missing(::GetLastError())) return {};
    return cannot("cannot remove", path, ::GetLastError());
}

Result<void> remove_entries(const fs::path& folder) {
    const auto entries = entries_of(folder);
    if (!entries) return fail(entries.error());
    Result<void> first;
    for (const auto& entry : *entries) {
        if ((entry.attributes & FILE_ATTRIBUTE_READONLY) != 0)
            ::SetFileAttributesW(file_name(entry.path).c_str(), FILE_ATTRIBUTE_NORMAL);
        if (!entry.is_folder()) {
            remember(first, platform::remove_file(entry.path));
            continue;
        }
        if (!entry.is_link()) remember(first, remove_entries(entry.path));
        remember(first, remove_folder(entry.path));
    }
    return first;
}

}  // namespace

Result<bool> check_folder(const fs::path& path) {
    if (::GetFileAttributesW(file_name(path).c_str()) == INVALID_FILE_ATTRIBUTES &&
        is_missing(::GetLastError()))
        return false;
    const auto folder = open_folder(path, kLooking);
    if (!folder) return fail(folder.error());
    return true;
}

Result<Outcome> guard_folder(const fs::path& path, const std::string& sddl) {
    platform::Descriptor wanted(sddl);
    if (::CreateDirectoryW(file_name(path).c_str(), wanted.attributes())) return Outcome::done;
    if (::GetLastError() != ERROR_ALREADY_EXISTS)
        return cannot("cannot make", path, ::GetLastError());
    const auto folder = open_folder(path, kGiving);
    if (!folder) return fail(folder.error());
    const auto before = platform::rights_of_handle(folder->get(), &platform::agent_service());
    auto former = descriptor_of(folder->get());
    if (!::SetKernelObjectSecurity(folder->get(), kOwnerAndList, wanted.get()))
        return cannot("cannot take over", path, ::GetLastError());
    const auto after = platform::rights_of_handle(folder->get(), &platform::agent_service());
    const platform::Descriptor below(without_protection(sddl));
    const Rules rules{before.others_may_change, !after.others_may_read, below.get()};
    if (auto taken = take_entries(path, rules); !taken) {
        // Closed it would pass for one that administrators alone could fill.
        if (!former.empty()) give_back(folder->get(), former.data());
        return fail(std::move(taken.error()));
    }
    return before.shown == after.shown ? Outcome::unchanged : Outcome::done;
}

std::string folder_rights(const fs::path& path) {
    const UniqueHandle folder = open_itself(path, kLooking);
    return folder ? platform::rights_of_handle(folder.get()).shown : std::string{};
}

Result<void> put_back_rights(const fs::path& path, const std::string& sddl) {
    PSECURITY_DESCRIPTOR made = nullptr;
    if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(platform::wide(sddl).c_str(),
                                                                SDDL_REVISION_1, &made, nullptr))
        return cannot("cannot put back who may enter", path, ::GetLastError());
    const std::unique_ptr<void, decltype(&::LocalFree)> owned(made, ::LocalFree);
    const auto folder = open_folder(path, kGiving);
    if (!folder) return fail(folder.error());
    if (!give_back(folder->get(), made))
        return cannot("cannot put back who may enter", path, ::GetLastError());
    return {};
}

Result<Outcome> remove_tree(const fs::path& path) {
    const DWORD attributes = ::GetFileAttributesW(file_name(path).c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) {
        if (is_missing(::GetLastError())) return Outcome::unchanged;
        return cannot("cannot look at", path, ::GetLastError());
    }
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return is_a_link(path);
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) return is_no_folder(path);
    auto removed = remove_entries(path);
    remember(removed, remove_folder(path));
    if (!removed) return fail(std::move(removed.error()));
    return Outcome::done;
}

}  // namespace latchkey::service_install
