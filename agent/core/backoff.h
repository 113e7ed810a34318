#pragma once

// When to try again. The position on the ladder is persisted; jitter is drawn after any cap, so
// that a capped interval still spreads (a herd that retries in step is an outage of its own).

#include <cstdint>
#include <optional>

#include "agent/core/policy.h"
#include "base/time.h"

namespace latchkey::core {

/// The wait after failure number `position` (0 for the first), with jitter: uniform over
/// policy.jitter_percent of the interval, added to it. A server's Retry-After wins, bounded to the
/// policy's limits, with the jitter added after.
Duration retry_delay(int position, std::optional<Duration> retry_after, std::uint64_t random,
                     const Policy& policy);

/// The wait after the network came back: a part of policy.network_change_delay, drawn, because it
/// comes back for a whole site at once.
Duration network_wait(std::uint64_t random, const Policy& policy);

/// `wait`, or less where it would outlast the `left` of a grace: then one more attempt comes in
/// time, drawn from the last part of what is left (policy.jitter_percent of it) and at least
/// kLastTry before the end. Within twice kLastTry of the end there is nothing to bring forward.
Duration wait_within_grace(Duration wait, Duration left, std::uint64_t random,
                           const Policy& policy);

inline constexpr Duration kLastTry = minutes{30};

/// No wait that retry_delay gives is longer: a persisted one beyond it was made by a wrong clock.
Duration longest_retry_delay(const Policy& policy);

/// The next renewal: inside the server's window where it sent one, else `interval` minus jitter
/// from now. A window that is over counts as none.
ServerTime next_renewal(ServerTime now, std::optional<ServerTime> window_start,
                        std::optional<ServerTime> window_end, Duration interval,
                        std::uint64_t random, const Policy& policy);

}  // namespace latchkey::core
