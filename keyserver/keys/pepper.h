#pragma once

// Keying again what is stored: whoever steals the database holds neither product keys nor digests
// that agents of the publisher could be matched with. The pepper lies outside the database
// (DIR/pepper.key) and never changes.

#include <string>
#include <vector>

#include "base/encoding.h"
#include "hwid/fingerprint.h"
#include "keyserver/store/records.h"
#include "licensing/crypto.h"
#include "licensing/product_key.h"

namespace latchkey::keyserver {

inline constexpr std::size_t kPepperBytes = 32;

class Pepper {
public:
    /// `key` must be kPepperBytes long.
    explicit Pepper(Bytes key);
    ~Pepper();
    Pepper(Pepper&&) noexcept = default;
    Pepper& operator=(Pepper&&) noexcept = default;

    PepperedKey of(const licensing::ProductKey& key) const;

    /// The same evidence with every digest keyed again; model-level digests stay 64 bits long.
    hwid::Fingerprint of(const hwid::Fingerprint& fingerprint) const;

    /// What only this key server can have said about `message`, for one use of it alone.
    licensing::Sha256 answer(std::string_view use, std::span<const std::uint8_t> message) const;

    /// Tells this pepper from another without telling it: kept in the database, so that a foreign
    /// pepper.key is seen before it makes every key and machine unknown.
    std::string check_value() const;

private:
    Bytes key_;
};

/// The digests worth searching by: those of unit-level kinds that can belong to one machine.
std::vector<hwid::Digest> search_digests(const hwid::Fingerprint& fingerprint);

}  // namespace latchkey::keyserver
