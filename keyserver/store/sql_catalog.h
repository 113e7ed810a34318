#pragma once

// The topics of catalog_store.h on one connection to a database (sql_topics.h).

#include "keyserver/store/catalog_store.h"
#include "keyserver/store/sql.h"

namespace latchkey::keyserver {

class SqlProducts final : public ProductStore {
public:
    explicit SqlProducts(Database& db) : db_(db) {}
    Result<void> add(const Product& product) override;
    Result<std::optional<Product>> find(std::string_view id) override;
    Result<Listed<Product>> list(const Page& page) override;
    Result<void> move_manifest_version(std::string_view id, std::int64_t from,
                                       std::int64_t to) override;
    Result<void> change(const Product& product) override;

private:
    Database& db_;
};

class SqlOrganizations final : public OrganizationStore {
public:
    explicit SqlOrganizations(Database& db) : db_(db) {}
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

class SqlEntitlements final : public EntitlementStore {
public:
    explicit SqlEntitlements(Database& db) : db_(db) {}
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
    Result<std::vector<GrantedTo>> most_granted(const Cap& cap, std::int64_t limit) override;
    Result<bool> has_toolkit(std::string_view organization, std::string_view location,
                             std::string_view product, std::string_view program) override;

private:
    Database& db_;
};

class SqlKeys final : public KeyStore {
public:
    explicit SqlKeys(Database& db) : db_(db) {}
    Result<void> add(const KeyRecord& key) override;
    Result<std::optional<KeyRecord>> find(std::string_view id) override;
    Result<std::optional<KeyRecord>> find_by_digest(const PepperedKey& digest) override;
    Result<Listed<KeyRecord>> list(std::string_view entitlement, const Page& page) override;
    Result<void> set_used(std::string_view id, std::int64_t used) override;
    Result<void> set_blocked(std::string_view id, bool blocked) override;

private:
    Database& db_;
};

}  // namespace latchkey::keyserver
