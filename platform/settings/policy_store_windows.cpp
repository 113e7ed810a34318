#include "platform/settings/policy_store_windows.h"

#include <windows.h>

#include "platform/settings/registry_value.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// The system's limit of a value's name, its terminator, and of a key's (winreg documentation).
constexpr DWORD kMaxValueName = 16383 + 1;
constexpr DWORD kMaxKeyName = 255 + 1;

Failure cannot_read(const std::string& place, LSTATUS error) {
    return fail(Code::config_invalid,
                error_text("cannot read the policy", place, static_cast<std::uint32_t>(error)));
}

class Key {
public:
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() {
        if (handle_ != nullptr) ::RegCloseKey(handle_);
    }

    LSTATUS open(HKEY parent, const std::wstring& name) {
        // A 32-bit program must not see another policy than this one.
        return ::RegOpenKeyExW(parent, name.c_str(), 0, KEY_READ | KEY_WOW64_64KEY, &handle_);
    }
    HKEY get() const { return handle_; }

private:
    HKEY handle_ = nullptr;
};

class Walk {
public:
    std::vector<PolicyValue> found;

    /// `path` is that of `key` below the policy's own, `place` its name for messages.
    Result<void> below(HKEY key, const std::vector<std::string>& path, const std::string& place) {
        if (auto read = values(key, path, place); !read) return read;
        for (DWORD index = 0;; ++index) {
            std::wstring name(kMaxKeyName, L'\0');
            DWORD length = kMaxKeyName;
            const LSTATUS error = ::RegEnumKeyExW(key, index, name.data(), &length, nullptr,
                                                  nullptr, nullptr, nullptr);
            if (error == ERROR_NO_MORE_ITEMS) return {};
            if (error != ERROR_SUCCESS) return cannot_read(place, error);
            name.resize(length);
            if (auto read = inner(key, name, path, place); !read) return read;
        }
    }

private:
    Result<void> inner(HKEY key, const std::wstring& name, std::vector<std::string> path,
                       const std::string& place) {
        path.push_back(narrow(name));
        const std::string inner_place = place + "\\" + path.back();
        // The name of the value is the last step.
        if (path.size() >= kMaxPolicyDepth || ++keys_ > kMaxPolicyValues)
            return fail(Code::config_invalid, inner_place + ": too many keys, or nested too deep");
        Key opened;
        const LSTATUS error = opened.open(key, name);
        if (error == ERROR_FILE_NOT_FOUND) return {};  // removed meanwhile
        if (error != ERROR_SUCCESS) return cannot_read(inner_place, error);
        return below(opened.get(), path, inner_place);
    }

    Result<void> values(HKEY key, const std::vector<std::string>& path, const std::string& place) {
        for (DWORD index = 0;; ++index) {
            DWORD length = kMaxValueName;
            const LSTATUS error = ::RegEnumValueW(key, index, name_.data(), &length, nullptr,
                                                  nullptr, nullptr, nullptr);
            if (error == ERROR_NO_MORE_ITEMS) return {};
            if (error != ERROR_SUCCESS) return cannot_read(place, error);
            if (found.size() >= kMaxPolicyValues)
                return fail(Code::config_invalid, place + ": too many values");
            if (auto read = value(key, path, place, {name_.data(), length}); !read) return read;
        }
    }

    /// Asked for by its name, because enumerating does not say how large a value is that does not
    /// fit.
    Result<void> value(HKEY key, std::vector<std::string> path, const std::string& place,
                       const std::wstring& name) {
        DWORD size = static_cast<DWORD>(bytes_.size());
        DWORD type = REG_NONE;
        const LSTATUS error =
            ::RegQueryValueExW(key, name.c_str(), nullptr, &type, bytes_.data(), &size);
        if (error == ERROR_FILE_NOT_FOUND) return {};  // removed meanwhile
        if (error != ERROR_SUCCESS && error != ERROR_MORE_DATA) return cannot_read(place, error);
        path.push_back(narrow(name));
        std::string origin = place + " : " + path.back();
        found.push_back({std::move(path),
                         error == ERROR_MORE_DATA ? oversized_registry_value(type, size)
                                                  : registry_value(type, {bytes_.data(), size}),
                         std::move(origin)});
        return {};
    }

    std::size_t keys_ = 0;
    std::wstring name_ = std::wstring(kMaxValueName, L'\0');
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kMaxPolicyBytes);
};

}  // namespace

Result<std::vector<PolicyValue>> read_policy_below(const std::wstring& key) {
    const std::string place = "HKLM\\" + narrow(key);
    Key policy;
    const LSTATUS error = policy.open(HKEY_LOCAL_MACHINE, key);
    if (error == ERROR_FILE_NOT_FOUND) return std::vector<PolicyValue>{};
    if (error != ERROR_SUCCESS) return cannot_read(place, error);
    Walk walk;
    if (auto read = walk.below(policy.get(), {}, place); !read)
        return fail(std::move(read.error()));
    return std::move(walk.found);
}

Result<std::vector<PolicyValue>> read_policy() {
    return read_policy_below(LR"(SOFTWARE\Policies\Latchkey)");
}

}  // namespace latchkey::platform
