#pragma once

// The topics of store.h on one SQLite connection. Each is stateless but for the connection, which
// must outlive it. Private to sqlite_store.cpp and the sqlite_*.cpp files beside it.

#include "keyserver/sqlite.h"
#include "keyserver/store.h"

namespace latchkey::keyserver {

class SqliteProducts final : public ProductStore {
public:
    explicit SqliteProducts(Database& db) : db_(db) {}
    Result<void> add(const Product& product) override;
    Result<std::optional<Product>> find(std::string_view id) override;
    Result<Listed<Product>> list(const Page& page) override;
    Result<void> move_manifest_version(std::string_view id, std::int64_t from,
                                       std::int64_t to) override;
    Result<void> set_version(std::string_view id, std::string_view version,
                             ServerTime released) override;

private:
    Database& db_;
};

class SqliteOrganizations final : public OrganizationStore {
public:
    explicit SqliteOrganizations(Database& db) : db_(db) {}
    Result<void> add(const Organization& organization) override;
    Result<std::optional<Organization>> find(std::string_view id) override;
    Result<Listed<Organization>> list(const Page& page) override;
    Result<void> add_location(const Location& location) override;
    Result<Listed<Location>> locations(std::string_view organization, const Page& page) override;
    Result<void> set_competency(std::string_view organization, std::string_view location,
                                std::string_view competency) override;

private:
    Database& db_;
};

class SqliteEntitlements final : public EntitlementStore {
public:
    explicit SqliteEntitlements(Database& db) : db_(db) {}
    Result<void> add_program(const licensing::Program& program) override;
    Result<std::vector<licensing::Program>> own_programs() override;
    Result<void> add(const Entitlement& entitlement) override;
    Result<std::optional<Entitlement>> find(std::string_view id) override;
    Result<Listed<Entitlement>> list(const Page& page) override;
    Result<KeyUse> use_of(std::string_view id) override;
    Result<void> set_cap(const Cap& cap) override;
    Result<std::vector<Cap>> caps(std::string_view product, std::string_view program) override;
    Result<std::int64_t> granted(std::string_view organization, std::string_view product,
                                 std::string_view program, std::string_view country) override;
    Result<bool> has_toolkit(std::string_view organization, std::string_view location,
                             std::string_view product, std::string_view program) override;

private:
    Database& db_;
};

class SqliteKeys final : public KeyStore {
public:
    explicit SqliteKeys(Database& db) : db_(db) {}
    Result<void> add(const KeyRecord& key) override;
    Result<std::optional<KeyRecord>> find(std::string_view id) override;
    Result<std::optional<KeyRecord>> find_by_digest(const PepperedKey& digest) override;
    Result<Listed<KeyRecord>> list(std::string_view entitlement, const Page& page) override;
    Result<void> set_used(std::string_view id, std::int64_t used) override;
    Result<void> set_blocked(std::string_view id, bool blocked) override;

private:
    Database& db_;
};

class SqliteMachines final : public MachineStore {
public:
    explicit SqliteMachines(Database& db) : db_(db) {}
    Result<void> save(const MachineRecord& machine, std::span<const hwid::Digest> digests) override;
    Result<std::optional<MachineRecord>> find(std::string_view id) override;
    Result<Listed<MachineRecord>> list(const MachineFilter& filter, const Page& page) override;
    Result<std::vector<std::string>> showing(std::string_view key, const hwid::Digest& digest,
                                             std::int64_t limit) override;
    Result<void> owe_return(const MachineRecord& machine, ServerTime due) override;
    Result<std::int64_t> take_returns(std::string_view key, ServerTime now) override;

private:
    Database& db_;
};

class SqliteHolders final : public HolderStore {
public:
    explicit SqliteHolders(Database& db) : db_(db) {}
    Result<void> seen(std::string_view machine, std::string_view device_key,
                      ServerTime at) override;
    Result<std::vector<Holder>> of(std::string_view machine) override;
    Result<std::vector<std::string>> machines_of(std::string_view key,
                                                 std::string_view device_key) override;

private:
    Database& db_;
};

class SqliteLicenses final : public LicenseStore {
public:
    explicit SqliteLicenses(Database& db) : db_(db) {}
    Result<void> save(const LicenseRecord& license) override;
    Result<std::optional<LicenseRecord>> find(std::string_view id) override;
    Result<std::vector<LicenseRecord>> of(std::string_view machine) override;
    Result<void> end_all(std::string_view machine) override;
    Result<void> add_lease(const Lease& lease) override;
    Result<std::vector<Lease>> leases(std::string_view license, std::int64_t limit) override;

private:
    Database& db_;
};

class SqliteDecisions final : public DecisionStore {
public:
    explicit SqliteDecisions(Database& db) : db_(db) {}
    Result<std::optional<Remembered>> recall(std::string_view device_key,
                                             std::string_view idempotency_key) override;
    Result<void> remember(const Remembered& answer) override;
    Result<void> add_receipt(const ReceiptRecord& receipt) override;
    Result<std::optional<ReceiptRecord>> receipt(std::string_view id) override;
    Result<Listed<ReceiptRecord>> receipts(std::string_view machine, const Page& page) override;
    Result<Tally> tally(std::string_view machine, ServerTime since) override;

private:
    Database& db_;
};

class SqliteLedgers final : public LedgerStore {
public:
    explicit SqliteLedgers(Database& db) : db_(db) {}
    Result<void> save(const LedgerRecord& ledger, std::span<const hwid::Digest> digests) override;
    Result<std::optional<LedgerRecord>> find(std::string_view id) override;
    Result<Listed<LedgerRecord>> list(std::string_view product, const Page& page) override;
    Result<std::vector<std::string>> showing(std::string_view product, const hwid::Digest& digest,
                                             std::int64_t limit) override;
    Result<void> seen(std::string_view ledger, std::string_view device_key, ServerTime at) override;
    Result<std::vector<std::string>> of_device(std::string_view product,
                                               std::string_view device_key) override;

private:
    Database& db_;
};

class SqlitePreviews final : public PreviewStore {
public:
    explicit SqlitePreviews(Database& db) : db_(db) {}
    Result<void> add(const PreviewRecord& preview) override;
    Result<std::int64_t> count(std::string_view key, std::string_view device_key,
                               ServerTime since) override;

private:
    Database& db_;
};

}  // namespace latchkey::keyserver
