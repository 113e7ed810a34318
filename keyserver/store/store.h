#pragma once

// The key server's memory, split by topic. No backend shows through: an embedded SQLite
// (sqlite_store.h) or PostgreSQL (postgres_store.h) stands behind it.
//
// All calls are synchronous, inside a transaction. They fail with Code::storage_failed,
// database_unavailable, state_corrupt, or state_locked where a race was lost (attempts.h): the
// transaction can only be dropped then. What is not there is an empty optional, not a failure.
// Adding what exists already is Code::already_exists, and the transaction goes on.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keyserver/store/catalog_store.h"
#include "keyserver/store/ledger_store.h"
#include "keyserver/store/page.h"
#include "keyserver/store/probe_store.h"
#include "keyserver/store/records.h"
#include "keyserver/store/survey_store.h"
#include "keyserver/store/token_store.h"

namespace latchkey::keyserver {

struct MachineFilter {
    std::string key;
    std::optional<MachineState> state;
    std::optional<ServerTime> last_seen_before;
};

class MachineStore {
public:
    virtual ~MachineStore() = default;
    /// Adds or replaces, and indexes `digests` of both baselines for the search below.
    virtual Result<void> save(const MachineRecord& machine,
                              std::span<const hwid::Digest> digests) = 0;
    virtual Result<std::optional<MachineRecord>> find(std::string_view id) = 0;
    virtual Result<Listed<MachineRecord>> list(const MachineFilter& filter, const Page& page) = 0;
    /// Ids of at most `limit` records showing the digest: of one key, or of all where it is empty.
    virtual Result<std::vector<std::string>> showing(std::string_view key,
                                                     const hwid::Digest& digest,
                                                     std::int64_t limit) = 0;
    /// Notes that the machine's key gets an activation back at `due`. Each call is one more.
    virtual Result<void> owe_return(const MachineRecord& machine, ServerTime due) = 0;
    /// How many activations are due back to the key; each is told once.
    virtual Result<std::int64_t> take_returns(std::string_view key, ServerTime now) = 0;
};

class HolderStore {
public:
    virtual ~HolderStore() = default;
    /// Adds the device key to the record's holders, or notes that it was seen again.
    virtual Result<void> seen(std::string_view machine, std::string_view device_key,
                              ServerTime at) = 0;
    virtual Result<std::vector<Holder>> of(std::string_view machine) = 0;
    /// Records of the key that this device key has held.
    virtual Result<std::vector<std::string>> machines_of(std::string_view key,
                                                         std::string_view device_key) = 0;
};

class LicenseStore {
public:
    virtual ~LicenseStore() = default;
    virtual Result<void> save(const LicenseRecord& license) = 0;
    virtual Result<std::optional<LicenseRecord>> find(std::string_view id) = 0;
    virtual Result<std::vector<LicenseRecord>> of(std::string_view machine) = 0;
    virtual Result<void> end_all(std::string_view machine) = 0;
    virtual Result<void> add_lease(const Lease& lease) = 0;
    /// The newest `limit` of them, oldest first.
    virtual Result<std::vector<Lease>> leases(std::string_view license, std::int64_t limit) = 0;
};

struct Tally {
    std::int64_t counted = 0;      ///< activations that counted
    std::int64_t zero_counts = 0;  ///< activations that did not, and rest on digests alone
    std::int64_t returned = 0;     ///< activations given back
};

class DecisionStore {
public:
    virtual ~DecisionStore() = default;
    virtual Result<std::optional<Remembered>> recall(std::string_view device_key,
                                                     std::string_view idempotency_key) = 0;
    virtual Result<void> remember(const Remembered& answer) = 0;
    /// Empties the bodies of answers given before then, `limit` at most; that they were given is
    /// known for ever.
    virtual Result<void> empty_bodies(ServerTime before, std::int64_t limit) = 0;
    virtual Result<void> add_receipt(const ReceiptRecord& receipt) = 0;
    virtual Result<std::optional<ReceiptRecord>> receipt(std::string_view id) = 0;
    /// Of one machine, or of all where it is empty.
    virtual Result<Listed<ReceiptRecord>> receipts(std::string_view machine, const Page& page) = 0;
    /// What the machine's receipts since then add up to.
    virtual Result<Tally> tally(std::string_view machine, ServerTime since) = 0;
};

class PreviewStore {
public:
    virtual ~PreviewStore() = default;
    virtual Result<void> add(const PreviewRecord& preview) = 0;
    /// Of one device, or of everybody where it is empty.
    virtual Result<std::int64_t> count(std::string_view key, std::string_view device_key,
                                       ServerTime since) = 0;
};

/// Every topic, inside one transaction.
struct Stores {
    ProductStore& products;
    OrganizationStore& organizations;
    EntitlementStore& entitlements;
    KeyStore& keys;
    MachineStore& machines;
    HolderStore& holders;
    LicenseStore& licenses;
    DecisionStore& decisions;
    LedgerStore& ledgers;
    PreviewStore& previews;
    TokenStore& tokens;
    SurveyStore& survey;
    ProbeStore& probe;
};

/// All or nothing. Rolls back on destruction unless committed; a commit that returned success
/// survives a power cut.
class Transaction {
public:
    virtual ~Transaction() = default;
    virtual Stores& stores() = 0;
    virtual Result<void> commit() = 0;
    /// Undoes what was written, and fails where something that was read turns out not to be
    /// durable: what was decided by it did not happen either. An answer that rests on reading alone
    /// is given only after this; the destructor asks nobody.
    virtual Result<void> let_go() = 0;
};

class Store {
public:
    virtual ~Store() = default;
    /// write: what decides stays as it was read (sql_locks.h). alone: nobody else writes meanwhile.
    enum class Access : std::uint8_t { read, write, alone };
    /// How many transactions there may be at once, each on a thread of its own.
    virtual int parallel() const { return 1; }
    virtual Result<std::unique_ptr<Transaction>> begin(Access access) = 0;
};

}  // namespace latchkey::keyserver
