#pragma once

// The memory of what administrators entered (catalog.h). Topics of store.h, whose rules hold here
// too.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keyserver/store/catalog.h"
#include "keyserver/store/page.h"

namespace latchkey::keyserver {

class ProductStore {
public:
    virtual ~ProductStore() = default;
    virtual Result<void> add(const Product& product) = 0;
    virtual Result<std::optional<Product>> find(std::string_view id) = 0;
    virtual Result<Listed<Product>> list(const Page& page) = 0;
    /// Nothing happens unless the version is `from`: somebody exported meanwhile.
    virtual Result<void> move_manifest_version(std::string_view id, std::int64_t from,
                                               std::int64_t to) = 0;
    /// Replaces all but id, groups, manifest version and when it was created.
    virtual Result<void> change(const Product& product) = 0;
};

class OrganizationStore {
public:
    virtual ~OrganizationStore() = default;
    virtual Result<void> add(const Organization& organization) = 0;
    virtual Result<std::optional<Organization>> find(std::string_view id) = 0;
    virtual Result<Listed<Organization>> list(const Page& page) = 0;
    virtual Result<void> add_location(const Location& location) = 0;
    /// Of one organization, or of all where it is empty.
    virtual Result<Listed<Location>> locations(std::string_view organization, const Page& page) = 0;
    virtual Result<void> set_competency(std::string_view organization, std::string_view location,
                                        std::string_view competency) = 0;
};

class EntitlementStore {
public:
    virtual ~EntitlementStore() = default;
    virtual Result<void> add_program(const licensing::Program& program) = 0;
    /// The publisher's own programs; presets are licensing::program_presets().
    virtual Result<std::vector<licensing::Program>> own_programs() = 0;
    virtual Result<void> add(const Entitlement& entitlement) = 0;
    virtual Result<std::optional<Entitlement>> find(std::string_view id) = 0;
    virtual Result<Listed<Entitlement>> list(const Page& page) = 0;
    virtual Result<KeyUse> use_of(std::string_view id) = 0;
    /// Adds or replaces.
    virtual Result<void> set_cap(const Cap& cap) = 0;
    /// Of one product and program, or all where both are empty; the worldwide one first.
    virtual Result<std::vector<Cap>> caps(std::string_view product, std::string_view program) = 0;
    /// Licenses that caps bind, granted to the organization of the product under the program: in
    /// one country, or in all where it is empty.
    virtual Result<std::int64_t> granted(std::string_view organization, std::string_view product,
                                         std::string_view program, std::string_view country) = 0;
    /// Who was granted the most that this cap binds, the most first; whatever its quantity is.
    virtual Result<std::vector<GrantedTo>> most_granted(const Cap& cap, std::int64_t limit) = 0;
    /// Does the location have a toolkit of that product and program?
    virtual Result<bool> has_toolkit(std::string_view organization, std::string_view location,
                                     std::string_view product, std::string_view program) = 0;
};

class KeyStore {
public:
    virtual ~KeyStore() = default;
    virtual Result<void> add(const KeyRecord& key) = 0;
    virtual Result<std::optional<KeyRecord>> find(std::string_view id) = 0;
    /// In a writing transaction the key is locked until it ends: decide and commit are one step.
    /// LicenseStore::find locks its license's key likewise.
    virtual Result<std::optional<KeyRecord>> find_by_digest(const PepperedKey& digest) = 0;
    virtual Result<Listed<KeyRecord>> list(std::string_view entitlement, const Page& page) = 0;
    virtual Result<void> set_used(std::string_view id, std::int64_t used) = 0;
    virtual Result<void> set_blocked(std::string_view id, bool blocked) = 0;
};

}  // namespace latchkey::keyserver
