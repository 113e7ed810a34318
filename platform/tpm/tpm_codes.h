#pragma once

// The numbers of the TPM 2.0's language that are used here, with its own names (TPM 2.0 Library,
// part 2), and what its answers' codes mean. Pure. Internal to platform/.

#include <cstdint>

#include "platform/tpm/tpm.h"

namespace latchkey::platform::tpm2 {

inline constexpr std::uint16_t kTagNoSessions = 0x8001;
inline constexpr std::uint16_t kTagSessions = 0x8002;

inline constexpr std::uint32_t kCreatePrimary = 0x131;
inline constexpr std::uint32_t kNvDefineSpace = 0x12a;
inline constexpr std::uint32_t kNvIncrement = 0x134;
inline constexpr std::uint32_t kNvWrite = 0x137;
inline constexpr std::uint32_t kNvWriteLock = 0x138;
inline constexpr std::uint32_t kActivateCredential = 0x147;
inline constexpr std::uint32_t kNvRead = 0x14e;
inline constexpr std::uint32_t kPolicySecret = 0x151;
inline constexpr std::uint32_t kQuote = 0x158;
inline constexpr std::uint32_t kContextLoad = 0x161;
inline constexpr std::uint32_t kContextSave = 0x162;
inline constexpr std::uint32_t kFlushContext = 0x165;
inline constexpr std::uint32_t kNvReadPublic = 0x169;
inline constexpr std::uint32_t kReadPublic = 0x173;
inline constexpr std::uint32_t kStartAuthSession = 0x176;
inline constexpr std::uint32_t kGetCapability = 0x17a;

inline constexpr std::uint32_t kOwner = 0x40000001;        ///< TPM_RH_OWNER
inline constexpr std::uint32_t kNoHandle = 0x40000007;     ///< TPM_RH_NULL
inline constexpr std::uint32_t kPassword = 0x40000009;     ///< TPM_RS_PW
inline constexpr std::uint32_t kEndorsement = 0x4000000b;  ///< TPM_RH_ENDORSEMENT

inline constexpr std::uint16_t kRsa = 0x0001;
inline constexpr std::uint16_t kAes = 0x0006;
inline constexpr std::uint16_t kSha256 = 0x000b;
inline constexpr std::uint16_t kNull = 0x0010;
inline constexpr std::uint16_t kEcdsa = 0x0018;
inline constexpr std::uint16_t kEcc = 0x0023;
inline constexpr std::uint16_t kCfb = 0x0043;
inline constexpr std::uint16_t kP256 = 0x0003;

inline constexpr std::uint32_t kSuccess = 0;
inline constexpr std::uint32_t kYielded = 0x908;
inline constexpr std::uint32_t kTesting = 0x90a;
inline constexpr std::uint32_t kLockout = 0x921;
inline constexpr std::uint32_t kRetry = 0x922;

/// The TPM wants to be asked the same again.
bool asks_again(std::uint32_t code);

/// An answer's code that is not success. Also those that a system answers in the TPM's stead.
TpmTrouble trouble_of_code(std::uint32_t code);

}  // namespace latchkey::platform::tpm2
