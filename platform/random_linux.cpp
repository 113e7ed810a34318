#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

#include "platform/random.h"

namespace latchkey::platform {

void fill_random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) std::abort();
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace latchkey::platform
