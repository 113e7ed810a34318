#pragma once

// Private keys as files: JSON Web Keys (RFC 7517, RFC 8037), 0600, written whole or not at all.

#include <filesystem>
#include <optional>

#include "base/encoding.h"
#include "base/result.h"
#include "licensing/crypto.h"
#include "licensing/seal.h"

namespace latchkey::keyserver {

/// Each read fails with Code::record_unknown where there is no file, Code::not_permitted where
/// others may read it, and Code::state_corrupt where it is not the key it should be.
Result<licensing::SigningKey> read_signing_key(const std::filesystem::path& file);
Result<licensing::SealKey> read_seal_key(const std::filesystem::path& file);
Result<Bytes> read_secret(const std::filesystem::path& file, std::size_t size);

Result<void> write_signing_key(const std::filesystem::path& file, const licensing::SigningKey& key);
Result<void> write_seal_key(const std::filesystem::path& file, const licensing::SealKey& key);
Result<void> write_secret(const std::filesystem::path& file, const Bytes& secret);

}  // namespace latchkey::keyserver
