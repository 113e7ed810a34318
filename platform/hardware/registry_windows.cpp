#include "platform/hardware/registry_windows.h"

#include <vector>

#include "platform/hardware/hardware_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {

hwid::RawText registry_text(HKEY root, const wchar_t* key, const wchar_t* name) {
    constexpr std::size_t kMostCharacters = 4096;
    std::vector<wchar_t> value(kMostCharacters);
    auto bytes = static_cast<DWORD>(value.size() * sizeof(wchar_t));
    hwid::RawText text;
    text.origin = key == nullptr ? narrow(name) : narrow(key) + "\\" + narrow(name);
    // Terminates what was stored without an end.
    const LSTATUS status =
        ::RegGetValueW(root, key, name, RRF_RT_REG_SZ, nullptr, value.data(), &bytes);
    text.access = access_of_error(static_cast<std::uint32_t>(status));
    if (text.readable()) text.value = narrow(value.data());
    return text;
}

std::optional<std::uint32_t> registry_number(HKEY root, const wchar_t* key, const wchar_t* name) {
    DWORD value = 0;
    DWORD bytes = sizeof value;
    const LSTATUS status =
        ::RegGetValueW(root, key, name, RRF_RT_REG_DWORD, nullptr, &value, &bytes);
    return status == ERROR_SUCCESS ? std::optional<std::uint32_t>(value) : std::nullopt;
}

}  // namespace latchkey::platform
