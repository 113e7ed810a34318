#include <windows.h>

#include <winhttp.h>

#include "platform/settings/machine_proxy.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

std::string text_and_free(wchar_t* text) {
    if (text == nullptr) return {};
    const std::string copy = narrow(text);
    ::GlobalFree(text);
    return copy;
}

}  // namespace

/// What "netsh winhttp set proxy" set. Nobody on the network is asked for one: whoever answered
/// first would choose a service's way.
MachineProxy machine_proxy() {
    WINHTTP_PROXY_INFO info{};
    if (!::WinHttpGetDefaultProxyConfiguration(&info)) return {};
    MachineProxy proxy{text_and_free(info.lpszProxy), text_and_free(info.lpszProxyBypass)};
    return info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY ? proxy : MachineProxy{};
}

}  // namespace latchkey::platform
