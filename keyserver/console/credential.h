#pragma once

// What signing in to the console takes: a password, of which DIR/console.json (0600) holds a
// memory-hard digest. Each key server has its own.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"
#include "keyserver/console/policy.h"

namespace latchkey::keyserver::console {

struct DigestCost {
    std::uint64_t n = kDigestN;
    std::uint32_t r = kDigestR;
    std::uint32_t p = kDigestP;
};

struct Credential {
    DigestCost cost;
    Bytes salt;
    Bytes digest;
    ServerTime set_at;

    /// Another one after each change; no secret.
    std::string id() const { return hex(salt); }
};

/// Of a password a person chose: Code::usage says what is wrong with it.
Result<void> check_password(std::string_view password);
/// 125 random bits in letters and digits that are not mistaken for each other, in groups of five.
std::string make_password();

/// Takes the digest's time.
Credential make_credential(std::string_view password, ServerTime now, const DigestCost& cost = {});
/// Takes the digest's time, whatever was given.
bool matches(const Credential& credential, std::string_view password);

std::filesystem::path credential_file(const std::filesystem::path& directory);
/// nullopt: none was ever set. Fails as platform/secure_file.h says, or with Code::state_corrupt.
Result<std::optional<Credential>> read_credential(const std::filesystem::path& directory);
Result<void> write_credential(const std::filesystem::path& directory, const Credential& credential);

}  // namespace latchkey::keyserver::console
