#pragma once

// The client's side of the local endpoint: plain and blocking, without Asio, so that a CLI starts
// in few system calls.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::platform {

/// The detail where the deadline passed first.
inline constexpr const char* kNoAnswerInTime = "no answer within the time allowed";

/// The client's end. Blocking, with one deadline for all of it, set at connect.
class LocalClient {
public:
    virtual ~LocalClient() = default;
    virtual Result<std::size_t> read_some(
        std::span<std::uint8_t> into) = 0;  ///< 0 at the end of the stream
    virtual Result<void> write(std::span<const std::uint8_t> bytes) = 0;
};

/// Root may also trust whoever owns the directory of an endpoint that it named itself.
enum class TrustedOwner : std::uint8_t { usual, or_of_directory };

/// Refuses an endpoint whose owner is neither root, nor this user, nor the agent's user
/// ("latchkey") with Code::not_permitted; nobody there is Code::agent_unreachable.
Result<std::unique_ptr<LocalClient>> connect_local(const std::filesystem::path& endpoint,
                                                   Duration deadline,
                                                   TrustedOwner trusted = TrustedOwner::usual);

}  // namespace latchkey::platform
