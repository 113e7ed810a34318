#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

#include "platform/random.h"

namespace latchkey::platform {

void fill_random(std::span<std::uint8_t> out) {
    constexpr std::size_t kMost = 256;  // a call's: getentropy(2)
    while (!out.empty()) {
        const auto part = out.first(std::min(out.size(), kMost));
        if (::getentropy(part.data(), part.size()) != 0) std::abort();
        out = out.subspan(part.size());
    }
}

}  // namespace latchkey::platform
