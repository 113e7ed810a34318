#include "platform/secret_blob_windows.h"

#include <windows.h>

#include <dpapi.h>

#include <memory>

#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// Tells our files from other files, and a later format from this one.
constexpr std::string_view kMark = "latchkey-dpapi-1\n";

DATA_BLOB as_blob(std::string_view bytes) {
    return {static_cast<DWORD>(bytes.size()),
            reinterpret_cast<BYTE*>(const_cast<char*>(bytes.data()))};
}

/// What DPAPI gave: overwritten before it is given back.
class Given {
public:
    Given() = default;
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;
    ~Given() {
        if (blob_.pbData == nullptr) return;
        ::SecureZeroMemory(blob_.pbData, blob_.cbData);
        ::LocalFree(blob_.pbData);
    }
    DATA_BLOB* into() { return &blob_; }
    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(blob_.pbData), blob_.cbData};
    }

private:
    DATA_BLOB blob_{};
};

}  // namespace

Result<std::string> wrap(std::string_view secret) {
    DATA_BLOB in = as_blob(secret);
    DATA_BLOB purpose = as_blob(kMark);
    Given out;
    if (!::CryptProtectData(&in, L"Latchkey", &purpose, nullptr, nullptr,
                            CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN, out.into()))
        return fail(Code::storage_failed, error_text("cannot wrap a key", "", ::GetLastError()));
    return std::string(kMark).append(out.bytes());
}

std::optional<std::string> unwrap(std::string_view blob) {
    if (!blob.starts_with(kMark)) return std::nullopt;
    DATA_BLOB in = as_blob(blob.substr(kMark.size()));
    DATA_BLOB purpose = as_blob(kMark);
    Given out;
    if (!::CryptUnprotectData(&in, nullptr, &purpose, nullptr, nullptr, CRYPTPROTECT_UI_FORBIDDEN,
                              out.into()))
        return std::nullopt;
    return std::string(out.bytes());
}

}  // namespace latchkey::platform
