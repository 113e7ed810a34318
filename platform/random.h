#pragma once

// The system's random generator. Blocks at most until the kernel's pool is ready once after boot;
// aborts if there is none.

#include <cstdint>
#include <span>

namespace latchkey::platform {

void fill_random(std::span<std::uint8_t> out);

}  // namespace latchkey::platform
