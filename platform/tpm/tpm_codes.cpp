#include "platform/tpm/tpm_codes.h"

#include <array>
#include <cstdio>

namespace latchkey::platform::tpm2 {
namespace {

/// A code without what it names: which handle, session or parameter was wrong.
constexpr std::uint32_t kFormatOne = 0x080;
constexpr std::uint32_t kFormatOneBits = 0x0bf;
constexpr std::uint32_t kAuthFail = 0x08e;
constexpr std::uint32_t kBadAuth = 0x0a2;

/// Above the TPM's own twelve bits: somebody between the TPM and us speaks.
constexpr std::uint32_t kLayers = 0xffff0000;

/// Windows' TPM_E_COMMAND_BLOCKED and TBS_E_ACCESS_DENIED, which it answers as if the TPM had.
constexpr std::uint32_t kWindowsBlocks = 0x80280400;
constexpr std::uint32_t kWindowsDenies = 0x80284012;

/// What a TPM 1.2 says of a command it does not know the form of.
constexpr std::uint32_t kBadTag12 = 0x01e;

bool is_wrong_password(std::uint32_t code) {
    if ((code & kLayers) != 0 || (code & kFormatOne) == 0) return false;
    const std::uint32_t plain = code & kFormatOneBits;
    return plain == kBadAuth || plain == kAuthFail;
}

TpmFailure failure_of(std::uint32_t code) {
    if (code == kWindowsBlocks || code == kWindowsDenies) return TpmFailure::not_permitted;
    if (code == kBadTag12) return TpmFailure::too_old;
    if (is_wrong_password(code)) return TpmFailure::hierarchy_locked;
    if (code == kLockout) return TpmFailure::locked_out;
    return TpmFailure::refused;
}

}  // namespace

bool asks_again(std::uint32_t code) {
    return code == kRetry || code == kTesting || code == kYielded;
}

TpmTrouble trouble_of_code(std::uint32_t code) {
    std::array<char, 64> detail{};
    std::snprintf(detail.data(), detail.size(), "the TPM refused (code 0x%08x)", code);
    return {failure_of(code), detail.data()};
}

}  // namespace latchkey::platform::tpm2
