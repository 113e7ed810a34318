#pragma once

// The product manifest: what a product's publisher says about it, signed by the publisher's root.
// Installing it takes root rights, which is what makes it trusted; its root is pinned from then on.
// Local configuration may tighten its policy, never widen it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

/// Bounds the publisher sets; every number is range-checked when read.
struct ManifestPolicy {
    int initial_grace_days = 30;     ///< 0..180
    int out_of_tolerance_days = 30;  ///< 0..180
    int non_genuine_days = 7;        ///< 1..60
    int rearms = 3;                  ///< 0..26
    int lab_reimages_per_year = 26;  ///< 0..366
    int zero_count_per_90_days = 3;  ///< 0..100
    bool rearm_ledger = true;        ///< the key server keeps a ledger of rearms by hardware
};

struct Manifest {
    std::string publisher;  ///< id: [a-z0-9.-]{1,64}, beginning with a letter or digit
    std::string publisher_name;
    std::int64_t version = 1;  ///< rises with each export; an older one never replaces a newer
    std::string product;       ///< id: [a-z0-9._-]{1,64}, beginning with a letter or digit
    std::string product_name;
    std::string product_version;  ///< may be empty
    std::optional<ServerTime> released;
    bool needs_activation = true;                 ///< rule K7
    std::vector<std::string> excluded_platforms;  ///< "linux", "windows", "mac" (rule K6)
    std::vector<std::string> qualifying_os;  ///< os editions (rule E4); empty: every one qualifies
    std::uint32_t key_group = 0;
    std::uint32_t token_group = 0;
    std::string url;  ///< https://host[:port] of the key server; may be empty
    std::string salt_id;
    Bytes salt;  ///< 32 bytes
    std::int64_t root_version = 1;
    PublicKey root{};
    ManifestPolicy policy;
    ServerTime issued_at;
    /// What leads from the publisher's first root to this one, for machines that know an earlier
    /// one and have not heard of it yet; oldest first, unverified.
    std::vector<std::string> root_chain = {};

    PinnedRoot pinned_root() const { return {publisher, root_version, root}; }
};

json::bj::value to_json(const Manifest& manifest);
/// As an unsigned plan; believed by nobody. Fails with Code::request_invalid.
Result<Manifest> manifest_from_json(const json::bj::value& value);

std::string sign_manifest(const SigningKey& root, const Manifest& manifest);

/// Verifies with the root the manifest itself names: that proves it is whole; that it is trusted
/// comes from where it lies. With `pinned`, its root must be that one. Fails with
/// Code::manifest_invalid.
Result<Verified<Manifest>> verify_manifest(std::string_view jws, const PinnedRoot* pinned);

}  // namespace latchkey::licensing
