// Asio's timers read this clock, and in virtual time it stands still: the agent's alarm never goes
// off by itself, however slow the computer is. When it would have, the world's queue knows. A fake
// that is linked, as fakes are.

#include <chrono>

std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1));
}
