#pragma once

// Concat KDF (NIST SP 800-56A section 5.8.1) as RFC 7518 section 4.6.2 profiles it, for keys of at
// most one SHA-256 block. Internal to the signature target.

#include <cstddef>
#include <span>
#include <string_view>

#include "licensing/crypto.h"

namespace latchkey::licensing {

/// `algorithm` is the JWE's "enc" (or "alg" where a key is wrapped); apu and apv are the decoded
/// values, empty where the header has none. `key_bytes` <= 32. The result and `shared_secret` are
/// secrets.
Bytes concat_kdf(std::span<const std::uint8_t> shared_secret, std::string_view algorithm,
                 std::string_view apu, std::string_view apv, std::size_t key_bytes);

}  // namespace latchkey::licensing
