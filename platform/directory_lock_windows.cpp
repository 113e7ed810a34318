#include <windows.h>

#include <array>

#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/secure_file.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// Far behind the text: a locked byte cannot be read, and the holder's number is to be.
constexpr DWORD kLockedByteHigh = 0x4000'0000;

class FileLock final : public DirectoryLock {
public:
    explicit FileLock(UniqueHandle file) : file_(std::move(file)) {}

private:
    UniqueHandle file_;
};

std::string holder_of(HANDLE file) {
    std::array<char, 24> text{};
    DWORD got = 0;
    if (!::ReadFile(file, text.data(), static_cast<DWORD>(text.size()), &got, nullptr)) got = 0;
    std::string pid;
    for (DWORD i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

// Nobody can remove the file while it is held: it is opened without FILE_SHARE_DELETE.
Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::filesystem::path& directory) {
    const auto path = directory / "lock";
    Descriptor descriptor("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})");
    UniqueHandle file(::CreateFileW(file_name(path).c_str(), GENERIC_READ | GENERIC_WRITE,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE, descriptor.attributes(),
                                    OPEN_ALWAYS,
                                    FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!file)
        return fail(Code::storage_failed,
                    error_text("cannot open", utf8_text(path), ::GetLastError()));
    OVERLAPPED at{};
    at.OffsetHigh = kLockedByteHigh;
    if (!::LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
                      &at)) {
        const DWORD error = ::GetLastError();
        if (error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING)
            return fail(Code::state_locked,
                        utf8_text(directory) + " is in use by " + holder_of(file.get()));
        return fail(Code::storage_failed, error_text("cannot lock", utf8_text(path), error));
    }
    const std::string pid = std::to_string(::GetCurrentProcessId()) + "\n";
    DWORD put = 0;
    if (!::SetEndOfFile(file.get()) ||
        !::WriteFile(file.get(), pid.data(), static_cast<DWORD>(pid.size()), &put, nullptr))
        return fail(Code::storage_failed,
                    error_text("cannot write", utf8_text(path), ::GetLastError()));
    return std::make_unique<FileLock>(std::move(file));
}

}  // namespace latchkey::platform
