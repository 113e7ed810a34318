#pragma once

// The TPM 2.0's language as bytes (TPM 2.0 Library, parts 1 and 3): commands are written, answers
// taken apart. Big-endian; nothing an answer claims of its own sizes is believed. Pure. Internal to
// platform/.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/encoding.h"
#include "platform/tpm/tpm.h"

namespace latchkey::platform {

/// No command and no answer is longer: what the TCG's PC profile asks of a TPM.
inline constexpr std::size_t kMostTpmBytes = 4096;

/// What carries a command to a TPM and brings the answer back: a device, a system's service. One
/// command at a time. After a failure it is of no more use.
class TpmWire {
public:
    virtual ~TpmWire() = default;
    virtual TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) = 0;
};

class TpmWriter {
public:
    TpmWriter& u8(std::uint8_t value);
    TpmWriter& u16(std::uint16_t value);
    TpmWriter& u32(std::uint32_t value);
    TpmWriter& u64(std::uint64_t value);
    TpmWriter& raw(std::span<const std::uint8_t> bytes);
    /// A TPM2B: its size in two bytes, and itself. More than those can say is cut off; the caller
    /// asks before.
    TpmWriter& sized(std::span<const std::uint8_t> bytes);

    const Bytes& bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

/// Takes fields off the front. Once one was longer than what is left, it and all that follow are
/// empty or zero, and ok() says so: asked once, at the end.
class TpmFields {
public:
    explicit TpmFields(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    std::span<const std::uint8_t> raw(std::size_t size);
    std::span<const std::uint8_t> sized();  ///< a TPM2B, without its size

    bool ok() const { return ok_; }
    bool finished() const { return ok_ && left_.empty(); }

private:
    std::uint64_t number(std::size_t size);

    std::span<const std::uint8_t> left_;
    bool ok_ = true;
};

/// How one handle of a command is opened.
struct TpmAuthorisation {
    std::uint32_t session;  ///< tpm2::kPassword, or a policy session
    Bytes password{};       ///< for the former
};

struct TpmCommand {
    std::uint32_t code = 0;
    std::vector<std::uint32_t> handles{};
    std::vector<TpmAuthorisation> authorisations{};  ///< of the first handles, in their order
    Bytes parameters{};
    bool answers_with_handle = false;
};
Bytes to_bytes(const TpmCommand& command);

struct TpmAnswer {
    std::uint32_t code = 0;  ///< where it is not success, nothing follows
    std::uint32_t handle = 0;
    Bytes parameters{};
};
/// None where it is not one whole answer to that command.
std::optional<TpmAnswer> parse_tpm_answer(const TpmCommand& command,
                                          std::span<const std::uint8_t> bytes);

}  // namespace latchkey::platform
