#pragma once

// Message authentication for rows, the journal's chain and the second copy: HMAC-SHA-256 under a
// random key that lies beside what it protects, readable by the agent's user alone. It detects
// accidents and foreign state; an administrator can read the key and is not kept out.

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "licensing/crypto.h"

namespace latchkey::store {

using Mac = licensing::Sha256;

class MacKey {
public:
    static constexpr std::size_t kSize = 32;

    /// Reads the key; nullopt where the file is missing or not a key (it is replaced by make()).
    /// Fails where it cannot be read or others can.
    static Result<std::optional<MacKey>> load(const std::filesystem::path& path);
    /// A fresh key, durable under `path`.
    static Result<MacKey> make(const std::filesystem::path& path);

    MacKey(MacKey&&) noexcept = default;
    MacKey& operator=(MacKey&&) noexcept = default;
    ~MacKey();

    /// Over the parts and their boundaries: ("ab","c") and ("a","bc") differ.
    Mac of(std::initializer_list<std::string_view> parts) const;

private:
    explicit MacKey(Bytes key) : key_(std::move(key)) {}
    Bytes key_;
};

bool equal(const Mac& mac, const Bytes& stored);
std::string_view as_text(const Mac& mac);

}  // namespace latchkey::store
