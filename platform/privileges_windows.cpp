#include <windows.h>

#include <string>

#include "platform/handle_windows.h"
#include "platform/privileges.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {

/// An administrator whose rights are in effect (not one whom User Account Control holds back), or
/// the system itself.
bool is_elevated() {
    static const Sid administrators = Sid::of_text(L"S-1-5-32-544");
    BOOL member = FALSE;
    if (!::CheckTokenMembership(nullptr, administrators.get(), &member)) member = FALSE;
    return member != FALSE || ::IsWellKnownSid(own_user().get(), WinLocalSystemSid);
}

/// Asks no domain controller, which may be far away.
std::string user_name() {
    std::wstring name(257, L'\0');
    auto size = static_cast<DWORD>(name.size());
    if (!::GetUserNameW(name.data(), &size) || size == 0) return own_user().text();
    name.resize(size - 1);
    return narrow(name);
}

std::string host_name() {
    std::wstring name(256, L'\0');
    auto size = static_cast<DWORD>(name.size());
    if (!::GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size)) return {};
    name.resize(size);
    return narrow(name);
}

}  // namespace latchkey::platform
