#pragma once

// The topics of store.h on one connection to a database. Each is stateless but for the connection,
// which must outlive it. Private to the stores and the sql_*.cpp files beside it.

#include "keyserver/store/sql.h"
#include "keyserver/store/sql_catalog.h"
#include "keyserver/store/sql_survey.h"
#include "keyserver/store/sql_tokens.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

class SqlMachines final : public MachineStore {
public:
    explicit SqlMachines(Database& db) : db_(db) {}
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

class SqlHolders final : public HolderStore {
public:
    explicit SqlHolders(Database& db) : db_(db) {}
    Result<void> seen(std::string_view machine, std::string_view device_key,
                      ServerTime at) override;
    Result<std::vector<Holder>> of(std::string_view machine) override;
    Result<std::vector<std::string>> machines_of(std::string_view key,
                                                 std::string_view device_key) override;

private:
    Database& db_;
};

class SqlLicenses final : public LicenseStore {
public:
    explicit SqlLicenses(Database& db) : db_(db) {}
    Result<void> save(const LicenseRecord& license) override;
    Result<std::optional<LicenseRecord>> find(std::string_view id) override;
    Result<std::vector<LicenseRecord>> of(std::string_view machine) override;
    Result<void> end_all(std::string_view machine) override;
    Result<void> add_lease(const Lease& lease) override;
    Result<std::vector<Lease>> leases(std::string_view license, std::int64_t limit) override;

private:
    Database& db_;
};

class SqlDecisions final : public DecisionStore {
public:
    explicit SqlDecisions(Database& db) : db_(db) {}
    Result<std::optional<Remembered>> recall(std::string_view device_key,
                                             std::string_view idempotency_key) override;
    Result<void> remember(const Remembered& answer) override;
    Result<void> empty_bodies(ServerTime before, std::int64_t limit) override;
    Result<void> add_receipt(const ReceiptRecord& receipt) override;
    Result<std::optional<ReceiptRecord>> receipt(std::string_view id) override;
    Result<Listed<ReceiptRecord>> receipts(std::string_view machine, const Page& page) override;
    Result<Tally> tally(std::string_view machine, ServerTime since) override;

private:
    Database& db_;
};

class SqlLedgers final : public LedgerStore {
public:
    explicit SqlLedgers(Database& db) : db_(db) {}
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

class SqlPreviews final : public PreviewStore {
public:
    explicit SqlPreviews(Database& db) : db_(db) {}
    Result<void> add(const PreviewRecord& preview) override;
    Result<std::int64_t> count(std::string_view key, std::string_view device_key,
                               ServerTime since) override;

private:
    Database& db_;
};

class SqlProbe final : public ProbeStore {
public:
    explicit SqlProbe(Database& db) : db_(db) {}
    Result<void> write(ServerTime at) override;

private:
    Database& db_;
};

/// All of them on one connection.
struct SqlTopics {
    explicit SqlTopics(Database& db)
        : products(db),
          organizations(db),
          entitlements(db),
          keys(db),
          machines(db),
          holders(db),
          licenses(db),
          decisions(db),
          ledgers(db),
          previews(db),
          tokens(db),
          survey(db),
          probe(db) {}

    SqlProducts products;
    SqlOrganizations organizations;
    SqlEntitlements entitlements;
    SqlKeys keys;
    SqlMachines machines;
    SqlHolders holders;
    SqlLicenses licenses;
    SqlDecisions decisions;
    SqlLedgers ledgers;
    SqlPreviews previews;
    SqlTokens tokens;
    SqlSurvey survey;
    SqlProbe probe;
    Stores all{products,  organizations, entitlements, keys,   machines, holders, licenses,
               decisions, ledgers,       previews,     tokens, survey,   probe};
};

}  // namespace latchkey::keyserver
