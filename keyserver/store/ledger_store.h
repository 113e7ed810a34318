#pragma once

// The grace ledger's memory: one record for a product on a hardware, whether or not it was ever
// activated. A topic of store.h, whose rules hold here too.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "hwid/fingerprint.h"
#include "keyserver/store/page.h"

namespace latchkey::keyserver {

/// What one product's grace has cost on one hardware, activated or not (ledger_rules.h). The
/// baseline holds peppered digests.
struct LedgerRecord {
    std::string id;
    std::string product;
    hwid::Fingerprint matching_baseline;  ///< rolls forward with each proven `same`
    ServerTime first_grace_at;
    std::vector<ServerTime> graces;  ///< initial graces booked, of the last year
    int rearms_used = 0;
    /// What an installation may go on reporting although it was lowered since, by a refill or an
    /// administrator. Forgotten when it has heard of it, or has used more.
    std::optional<int> forgiven_from;
    ServerTime period_began_at;  ///< the rearms of a lab machine refill a year later
    bool extended = false;       ///< the grace that runs, or ran: after a rearm
    bool frozen = false;         ///< until first use
    ServerTime grace_began_at;
    bool fresh_allowed = false;  ///< an administrator: the next installation gets a grace anew
    std::string platform;
    ServerTime created_at;
    ServerTime last_seen_at;
    /// When a license stopped the grace; the next word of any installation lets it go on.
    std::optional<ServerTime> stopped_at = {};
    bool lab = false;  ///< the role that the last installation claimed
};

class LedgerStore {
public:
    virtual ~LedgerStore() = default;
    /// Adds or replaces, and indexes `digests` for the search below.
    virtual Result<void> save(const LedgerRecord& ledger,
                              std::span<const hwid::Digest> digests) = 0;
    virtual Result<std::optional<LedgerRecord>> find(std::string_view id) = 0;
    /// Of one product, or of all where it is empty.
    virtual Result<Listed<LedgerRecord>> list(std::string_view product, const Page& page) = 0;
    /// Ids of at most `limit` records of the product showing the digest.
    virtual Result<std::vector<std::string>> showing(std::string_view product,
                                                     const hwid::Digest& digest,
                                                     std::int64_t limit) = 0;
    /// Notes that the device key speaks for this hardware.
    virtual Result<void> seen(std::string_view ledger, std::string_view device_key,
                              ServerTime at) = 0;
    /// Ids of the product's records that this device key has spoken for.
    virtual Result<std::vector<std::string>> of_device(std::string_view product,
                                                       std::string_view device_key) = 0;
};

}  // namespace latchkey::keyserver
