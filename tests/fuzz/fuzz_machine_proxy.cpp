#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/settings/machine_proxy.h"

// A proxy has a port whatever the text, and a host that is a pattern of its own is bypassed by it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto proxy = latchkey::platform::https_proxy_of(text);
    if (!proxy.empty() && proxy.find(':') == std::string_view::npos) std::abort();
    const auto half = text.substr(0, size / 2);
    latchkey::platform::is_bypassed(half, text.substr(size / 2), "443");
    if (!half.empty() && half.find_first_of("; \t\r\n:[]<>/") == std::string_view::npos &&
        !latchkey::platform::is_bypassed(half, half, "443"))
        std::abort();
    return 0;
}
