#pragma once

// Components -> keyed digests. This is all of the machine that may leave it: kind, digest, quality.
// Normalisation (normalize.h) comes before digesting, so two spellings of one serial give one
// digest.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwid/component.h"

namespace latchkey::hwid {

/// Truncated HMAC-SHA-256: 16 bytes for unit-level kinds, 8 (the rest zero) for low-entropy kinds.
using Digest = std::array<std::uint8_t, 16>;

/// What the value is worth as evidence. Only `good` counts for or against sameness.
enum class Quality : std::uint8_t {
    good,
    placeholder,  ///< "To be filled by O.E.M." and kin, template UUIDs, known-bad ids
    virtual_,     ///< belongs to a hypervisor, bridge, RAID/LUN: travels or is made up
    removable,    ///< USB, dock, card reader
    local,        ///< locally administered or randomised address
    unreadable,   ///< there, but could not be read
    absent,
};

std::string_view name(Quality quality);
std::optional<Quality> quality_from_name(std::string_view name);

/// One component as the matcher sees it. `multiplicity` is how many other machines show the digest,
/// as the key server counted; 0 where nobody said. `component` points back into the snapshot it
/// came from, -1 where there is none; it never travels.
struct Evidence {
    Kind kind;
    Digest digest{};
    Quality quality = Quality::good;
    std::uint32_t multiplicity = 0;
    std::int32_t component = -1;

    bool has_digest() const { return quality == Quality::good || quality == Quality::virtual_; }
};

struct Fingerprint {
    std::string
        salt_id;  ///< which salt keyed the digests; two fingerprints compare only under the same
    std::vector<Evidence> evidence;  ///< sorted by kind, then digest
};

/// (kind name, canonical value) -> digest. Passed in, so that this folder needs no cryptography.
using DigestFunction =
    std::function<Digest(std::string_view kind, std::string_view canonical_value)>;

/// Never fails; a snapshot without evidence gives an empty fingerprint.
Fingerprint fingerprint(const Snapshot& snapshot, const DigestFunction& digest,
                        std::string salt_id);

/// FNV-1a, 128 bits: for comparing snapshots offline, where nothing leaves the machine. Not a
/// secret-keeping digest.
Digest plain_digest(std::string_view kind, std::string_view canonical_value);

/// True where the fingerprint says it is under a hypervisor.
bool is_virtual_machine(const Fingerprint& fingerprint);

/// How much identity there is: strong (two anchors or more), fair (one), weak (none).
enum class EvidenceStrength : std::uint8_t { strong, fair, weak };
std::string_view name(EvidenceStrength strength);
EvidenceStrength strength(const Fingerprint& fingerprint);

}  // namespace latchkey::hwid
