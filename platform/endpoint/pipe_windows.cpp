#include "platform/endpoint/pipe_windows.h"

#include <string>

#include "platform/security_windows.h"

namespace latchkey::platform {

static_assert(kClientAccess == 0x12008b, "kPipeForAll grants exactly that");

bool is_pipe_name(const std::filesystem::path& path) {
    constexpr std::wstring_view kPrefix = LR"(\\.\pipe\)";
    constexpr std::size_t kLongest = 256;
    std::wstring name = path.native();
    for (wchar_t& c : name) {
        if (c == L'/') c = L'\\';
        if (c >= L'A' && c <= L'Z') c = static_cast<wchar_t>(c - L'A' + L'a');
    }
    return name.starts_with(kPrefix) && name.size() > kPrefix.size() && name.size() <= kLongest &&
           name.find(L'\\', kPrefix.size()) == std::wstring::npos;
}

bool is_trusted_server(HANDLE pipe) {
    const Rights rights = rights_of_handle(pipe);
    return rights.known && (is_trusted(rights.owner.get()) || rights.owner == agent_service());
}

}  // namespace latchkey::platform
