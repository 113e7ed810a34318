#pragma once

// What a product does with what the agent's endpoint says: it believes nothing that does not hang
// on its own publisher's root. Pure: no file, no socket, no clock. The time is the one the licensed
// machine signed.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "licensing/license.h"
#include "licensing/trust.h"

namespace latchkey::sample {

/// What the product was shipped with and never takes from anybody else.
struct Shipped {
    licensing::PinnedRoot root;  ///< names the publisher, too
    std::string product;
};

/// From the manifest in the product's own folder. Fails with Code::manifest_invalid.
Result<Shipped> read_shipped(std::string_view manifest);

/// A license that this product's publisher gave for this product, to whatever machine.
struct Genuine {
    licensing::Verified<licensing::License> license;
    std::int64_t key_set_version = 0;  ///< to remember: an older set is never taken again
};

/// Step one, on the answer of GET /v1/products/{id}/license. `seen_version` is the highest key set
/// version that this product has accepted before, 0 where it knows of none. Fails with
/// Code::signature_invalid.
Result<Genuine> check_license(const Shipped& shipped, std::string_view answer,
                              std::int64_t seen_version);

/// What the machine that the license names says of itself, now.
struct Proof {
    std::string state;  ///< as in docs/status.schema.json
    ServerTime now;     ///< the time by which the agent judges
};

/// Step two, on the answer of POST /v1/products/{id}/attest with the `nonce` that was sent. Fails
/// with Code::signature_invalid.
Result<Proof> check_attestation(const licensing::License& license, std::string_view answer,
                                std::string_view nonce);

/// Step three: the lease had not ended at the proven time.
bool in_force(const licensing::License& license, ServerTime now);

}  // namespace latchkey::sample
