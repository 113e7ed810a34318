#include "platform/secure_file.h"

#include <windows.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/encoding.h"
#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/random.h"
#include "platform/secret_blob_windows.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

// Protected: nothing comes in from the directory above. The system, the administrators, and the
// user that writes it; everybody where it says so.
constexpr std::string_view kPrivate = "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})";
constexpr std::string_view kPublic = "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})(A;;FR;;;WD)";
/// What SQLite makes in it by itself gets the same.
constexpr std::string_view kPrivateDirectory =
    "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{me})";

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr DWORD kPiece = 1u << 20;
/// FileRenameInfoEx, which the headers keep for versions they do not name.
constexpr auto kRenameInfoEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
/// Somebody who looks at a file for a moment (an indexer, a virus scanner) is waited for.
constexpr int kTries = 25;
constexpr DWORD kBetweenTries = 20;  // milliseconds

fs::path directory_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool is_missing(DWORD error) {
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ||
           error == ERROR_INVALID_NAME;
}

UniqueHandle open_file(const fs::path& path, DWORD access, DWORD flags) {
    return UniqueHandle(::CreateFileW(file_name(path).c_str(), access, kShareAll, nullptr,
                                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | flags, nullptr));
}

DWORD attributes_of(HANDLE file) {
    BY_HANDLE_FILE_INFORMATION info{};
    return ::GetFileInformationByHandle(file, &info) ? info.dwFileAttributes
                                                     : INVALID_FILE_ATTRIBUTES;
}

Failure cannot_open(Code code, const fs::path& path, DWORD error) {
    if (code == Code::input_unreadable && is_missing(error))
        return fail(Code::record_unknown, utf8_text(path) + " does not exist");
    return fail(code, error_text("cannot open", utf8_text(path), error));
}

Failure others_can(std::string_view what, const fs::path& path) {
    return fail(Problem{
        Code::not_permitted, utf8_text(path) + " can be " + std::string(what) + " by other users",
        "See that it still holds what it should, then run 'icacls \"" + utf8_text(path) +
            "\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F' and grant "
            "the agent's account what it needs."});
}

Failure belongs_to_another(const fs::path& path) {
    return fail(Problem{Code::not_permitted, utf8_text(path) + " belongs to another user",
                        "Run it as that user, or give it to the administrators with 'icacls \"" +
                            utf8_text(path) + "\" /setowner *S-1-5-32-544'."});
}

Result<void> check_rights(HANDLE file, const fs::path& path, bool secret) {
    const Rights rights = rights_of_handle(file);
    if (!rights.known)
        return fail(Code::input_unreadable,
                    error_text("cannot look at", utf8_text(path), rights.error));
    if (!is_trusted(rights.owner.get())) return belongs_to_another(path);
    if (rights.others_may_change) return others_can("changed", path);
    if (secret && rights.others_may_read) return others_can("read", path);
    return {};
}

Result<std::string> read_all(HANDLE file, const fs::path& path, std::size_t max_bytes) {
    std::string content;
    std::array<char, 16384> chunk;
    for (;;) {
        DWORD got = 0;
        if (!::ReadFile(file, chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr)) {
            const DWORD error = ::GetLastError();
            if (error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF) return content;
            return fail(Code::input_unreadable, error_text("cannot read", utf8_text(path), error));
        }
        if (got == 0) return content;
        if (content.size() + got > max_bytes)
            return fail(Code::input_unreadable, utf8_text(path) + " is larger than " +
                                                    std::to_string(max_bytes) + " bytes");
        content.append(chunk.data(), got);
    }
}

Result<void> write_all(HANDLE file, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        DWORD put = 0;
        const auto size = static_cast<DWORD>(std::min<std::size_t>(content.size(), kPiece));
        if (!::WriteFile(file, content.data(), size, &put, nullptr))
            return fail(Code::storage_failed,
                        error_text("cannot write", utf8_text(path), ::GetLastError()));
        content.remove_prefix(put);
    }
    return {};
}

/// Removes the temporary file unless the rename took it away.
class Temporary {
public:
    explicit Temporary(fs::path path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() {
        if (!path_.empty()) ::DeleteFileW(file_name(path_).c_str());
    }
    const fs::path& path() const { return path_; }
    void renamed() { path_.clear(); }

private:
    fs::path path_;
};

fs::path temporary_name(const fs::path& path) {
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    fs::path name = L".";
    name += path.filename();
    name += L"." + wide(hex(bytes)) + L".tmp";
    return directory_of(path) / name;
}

bool is_file(const fs::path& path) {
    const DWORD found = ::GetFileAttributesW(file_name(path).c_str());
    return found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

/// Does `attempt` again for a while where a file is in somebody else's hands. Returns its error.
template <class Attempt>
DWORD insist(const fs::path& path, Attempt attempt) {
    for (int tries = 1;; ++tries) {
        if (attempt()) return ERROR_SUCCESS;
        const DWORD error = ::GetLastError();
        const bool held = error == ERROR_SHARING_VIOLATION || error == ERROR_LOCK_VIOLATION ||
                          (error == ERROR_ACCESS_DENIED && is_file(path));
        if (!held || tries == kTries) return error;
        ::Sleep(kBetweenTries);
    }
}

/// As POSIX renames: whoever has the old file open keeps it, where he lets others delete. False
/// where the system or its file system cannot, or somebody does not.
bool take_the_name_of(HANDLE file, const fs::path& path) {
    const std::wstring name = file_name(path);
    const std::size_t size = sizeof(FILE_RENAME_INFO) + name.size() * sizeof(wchar_t);
    const auto memory = std::make_unique<std::uint64_t[]>(size / sizeof(std::uint64_t) + 1);
    auto* const info = reinterpret_cast<FILE_RENAME_INFO*>(memory.get());
    info->Flags = FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS;
    info->FileNameLength = static_cast<DWORD>(name.size() * sizeof(wchar_t));
    std::copy(name.begin(), name.end(), info->FileName);
    return ::SetFileInformationByHandle(file, kRenameInfoEx, info, static_cast<DWORD>(size)) != 0;
}

Result<void> write_file(const fs::path& path, std::string_view content, std::string_view rights) {
    Temporary temporary(temporary_name(path));
    {
        Descriptor descriptor(rights);
        const UniqueHandle file(
            ::CreateFileW(file_name(temporary.path()).c_str(), GENERIC_WRITE | DELETE,
                          FILE_SHARE_READ | FILE_SHARE_DELETE, descriptor.attributes(), CREATE_NEW,
                          FILE_ATTRIBUTE_NORMAL, nullptr));
        if (!file) {
            const DWORD error = ::GetLastError();
            temporary.renamed();  // there is none
            return fail(Code::storage_failed, error_text("cannot create", utf8_text(path), error));
        }
        if (auto written = write_all(file.get(), content, path); !written) return written;
        if (!::FlushFileBuffers(file.get()))
            return fail(Code::storage_failed,
                        error_text("cannot sync", utf8_text(path), ::GetLastError()));
        if (take_the_name_of(file.get(), path)) {
            temporary.renamed();
            // A second time for the new name, which the first could not know.
            ::FlushFileBuffers(file.get());
            return {};
        }
    }
    // Write-through: it returns when the new name is on the disk.
    const DWORD error = insist(path, [&] {
        return ::MoveFileExW(file_name(temporary.path()).c_str(), file_name(path).c_str(),
                             MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
    });
    if (error != ERROR_SUCCESS)
        return fail(Code::storage_failed, error_text("cannot replace", utf8_text(path), error));
    temporary.renamed();
    return {};
}

/// Behind links, where it leads to; the path itself where nothing is there.
Result<void> write_output(const fs::path& path, std::string_view content, std::string_view rights) {
    const UniqueHandle there = open_file(path, GENERIC_WRITE, 0);
    if (!there) {
        const DWORD error = ::GetLastError();
        const DWORD named = ::GetFileAttributesW(file_name(path).c_str());
        const bool is_link =
            named != INVALID_FILE_ATTRIBUTES && (named & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
        if (!is_missing(error) || is_link)
            return fail(Code::storage_failed, error_text("cannot open", utf8_text(path), error));
        return write_file(path, content, rights);
    }
    if (::GetFileType(there.get()) != FILE_TYPE_DISK) return write_all(there.get(), content, path);
    std::wstring target(32'768, L'\0');
    const DWORD length = ::GetFinalPathNameByHandleW(
        there.get(), target.data(), static_cast<DWORD>(target.size()), FILE_NAME_NORMALIZED);
    if (length == 0 || length >= target.size()) return write_file(path, content, rights);
    target.resize(length);
    return write_file(target, content, rights);
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
    const UniqueHandle file = open_file(path, GENERIC_READ, FILE_FLAG_SEQUENTIAL_SCAN);
    if (!file) return cannot_open(Code::input_unreadable, path, ::GetLastError());
    return read_all(file.get(), path, max_bytes);
}

Result<std::string> read_private_file(const fs::path& path, std::size_t max_bytes,
                                      Privacy privacy) {
    const UniqueHandle file = open_file(path, GENERIC_READ | READ_CONTROL,
                                        FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
    if (!file) return cannot_open(Code::input_unreadable, path, ::GetLastError());
    const DWORD kind = ::GetFileType(file.get()) == FILE_TYPE_DISK ? attributes_of(file.get())
                                                                   : FILE_ATTRIBUTE_DIRECTORY;
    if ((kind & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return fail(Problem{Code::not_permitted,
                            utf8_text(path) + " is a symbolic link and is not followed",
                            "Put the file itself in its place."});
    if ((kind & FILE_ATTRIBUTE_DIRECTORY) != 0)
        return fail(Problem{Code::not_permitted, utf8_text(path) + " is not a regular file",
                            "Put a regular file in its place."});
    if (auto fine = check_rights(file.get(), path, privacy == Privacy::secret); !fine)
        return fail(std::move(fine.error()));
    return read_all(file.get(), path, max_bytes);
}

Result<void> check_unchangeable_by_others(const fs::path& path) {
    const UniqueHandle file = open_file(path, READ_CONTROL, FILE_FLAG_BACKUP_SEMANTICS);
    if (!file) return {};
    return check_rights(file.get(), path, false);
}

Result<std::optional<FileRights>> rights_of(const fs::path& path) {
    const UniqueHandle file = open_file(path, READ_CONTROL, FILE_FLAG_BACKUP_SEMANTICS);
    const DWORD error = file ? DWORD{ERROR_SUCCESS} : ::GetLastError();
    if (is_missing(error)) return std::optional<FileRights>();
    if (!file)
        return fail(Code::input_unreadable, error_text("cannot look at", utf8_text(path), error));
    const Rights rights = rights_of_handle(file.get());
    if (!rights.known)
        return fail(Code::input_unreadable,
                    error_text("cannot look at", utf8_text(path), rights.error));
    return FileRights{.shown = rights.shown,
                      .others_may_read = rights.others_may_read,
                      .others_may_change = rights.others_may_change,
                      .belongs_to_another = !is_trusted(rights.owner.get())};
}

Result<void> write_private_file(const fs::path& path, std::string_view content) {
    return write_file(path, content, kPrivate);
}

Result<void> write_public_file(const fs::path& path, std::string_view content) {
    return write_file(path, content, kPublic);
}

Result<void> write_private_output(const fs::path& path, std::string_view content) {
    return write_output(path, content, kPrivate);
}

Result<void> write_public_output(const fs::path& path, std::string_view content) {
    return write_output(path, content, kPublic);
}

Result<std::optional<std::string>> read_secret_file(const fs::path& path, std::size_t max_bytes) {
    auto blob = read_private_file(path, max_bytes + kMostWrapping, Privacy::secret);
    if (!blob && blob.error().code == Code::record_unknown) return std::nullopt;
    if (!blob) return fail(std::move(blob.error()));
    auto secret = unwrap(*blob);
    if (secret && secret->size() > max_bytes) return std::nullopt;
    return secret;
}

Result<void> write_secret_file(const fs::path& path, std::string_view secret) {
    const auto blob = wrap(secret);
    if (!blob) return fail(Problem{blob.error()});
    return write_private_file(path, *blob);
}

Result<void> ensure_private_directory(const fs::path& path) {
    std::vector<fs::path> missing;
    for (fs::path at = path;; at = directory_of(at)) {
        if (::GetFileAttributesW(file_name(at).c_str()) != INVALID_FILE_ATTRIBUTES) break;
        const DWORD error = ::GetLastError();
        if (!is_missing(error) || at == directory_of(at))
            return fail(Code::storage_failed, error_text("cannot look at", utf8_text(at), error));
        missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        Descriptor descriptor(kPrivateDirectory);
        if (!::CreateDirectoryW(file_name(*at).c_str(), descriptor.attributes()) &&
            ::GetLastError() != ERROR_ALREADY_EXISTS)
            return fail(Code::storage_failed,
                        error_text("cannot create", utf8_text(*at), ::GetLastError()));
    }
    const UniqueHandle directory =
        open_file(path, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS);
    if (!directory) return cannot_open(Code::storage_failed, path, ::GetLastError());
    if ((attributes_of(directory.get()) & FILE_ATTRIBUTE_DIRECTORY) == 0)
        return fail(Code::storage_failed, utf8_text(path) + " is not a directory");
    return check_rights(directory.get(), path, false);
}

Result<void> remove_file(const fs::path& path) {
    const DWORD error = insist(path, [&] { return ::DeleteFileW(file_name(path).c_str()) != 0; });
    if (error == ERROR_SUCCESS || is_missing(error)) return {};
    return fail(Code::storage_failed, error_text("cannot remove", utf8_text(path), error));
}

Result<void> scrub_file(const fs::path& path) {
    {
        const UniqueHandle file = open_file(path, GENERIC_WRITE, FILE_FLAG_OPEN_REPARSE_POINT);
        if (!file && is_missing(::GetLastError())) return {};
        LARGE_INTEGER size{};
        if (!file || !::GetFileSizeEx(file.get(), &size))
            return cannot_open(Code::storage_failed, path, ::GetLastError());
        if ((attributes_of(file.get()) & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
            return fail(Code::storage_failed, utf8_text(path) + " is a symbolic link");
        const std::string zeros(static_cast<std::size_t>(size.QuadPart), '\0');
        if (auto written = write_all(file.get(), zeros, path); !written) return written;
        if (!::FlushFileBuffers(file.get()))
            return fail(Code::storage_failed,
                        error_text("cannot sync", utf8_text(path), ::GetLastError()));
    }
    return remove_file(path);
}

}  // namespace latchkey::platform
