#include <windows.h>

#include <bcrypt.h>

#include <cstdlib>

#include "platform/random.h"

namespace latchkey::platform {

void fill_random(std::span<std::uint8_t> out) {
    if (::BCryptGenRandom(nullptr, out.data(), static_cast<ULONG>(out.size()),
                          BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0)
        std::abort();
}

}  // namespace latchkey::platform
