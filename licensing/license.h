#pragma once

// The license: what a key server signed about one product on one machine. The product verifies it
// itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/program.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

enum class LicenseKind : std::uint8_t { perpetual, lease };
std::string_view name(LicenseKind kind);
std::optional<LicenseKind> license_kind_from_name(std::string_view name);

/// No lease is longer: a key server that lends for a lifetime is mistaken or not ours.
inline constexpr Days kLongestLease{3660};

/// Room for site hosts (rule K8): a license may delegate. Parsed and kept; this version grants
/// none.
struct Delegation {
    std::vector<std::string> products;
    std::int64_t quota = 0;
    std::int64_t longest_lease_days = 0;
    std::string tls_pin;  ///< SHA-256 of the host's public key, base64url
};

struct Activations {
    std::int64_t used = 0;
    std::int64_t limit = 0;
    ServerTime as_of;
    std::int64_t left() const { return limit > used ? limit - used : 0; }
};
/// {"used","limit","left","as_of"}
json::bj::value to_json(const Activations& activations);
Result<Activations> activations_from_json(const json::bj::value& value);

struct License {
    std::string id;  ///< "lic_..."
    std::string publisher;
    std::string product;
    std::string machine;     ///< the key server's machine record, "mch_..."
    PublicKey device_key{};  ///< who must prove itself when asked
    LicenseKind kind = LicenseKind::lease;
    ServerTime issued_at;
    std::optional<ServerTime> expires_at;    ///< lease only
    std::optional<ServerTime> renew_after;   ///< earliest sensible renewal
    std::optional<ServerTime> renew_before;  ///< end of the server's renewal window
    std::int64_t lease_sequence = 1;
    std::string program;
    CountingRule rule = CountingRule::significant_change;
    std::string key_last5;
    std::string organization;
    std::int64_t license_quantity = 0;      ///< rule C8: not the number that limits activation
    std::optional<ServerTime> activate_by;  ///< rule K5
    Activations activations;
    std::string salt_id;
    std::optional<Delegation> delegation;
};

json::bj::value to_json(const License& license);
std::string sign_license(const SigningKey& key, const License& license);

/// Fails with Code::signature_invalid (signature, signing time, publisher, shape).
Result<Verified<License>> verify_license(std::string_view jws, const KeySet& keys);

}  // namespace latchkey::licensing
