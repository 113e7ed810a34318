// Products, organizations, entitlements, product keys.

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "base/strict_json.h"
#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

std::string joined(const std::vector<std::string>& values) {
    json::bj::array array;
    for (const auto& value : values) array.emplace_back(value);
    return json::to_text(array);
}

Result<std::vector<std::string>> split(const std::string& text) {
    const auto value = json::parse_strict(text);
    if (!value || !value->is_array())
        return fail(Code::state_corrupt, "a list in the database is damaged");
    std::vector<std::string> values;
    for (const auto& item : value->get_array()) {
        if (!item.is_string())
            return fail(Code::state_corrupt, "a list in the database is damaged");
        values.emplace_back(item.get_string());
    }
    return values;
}

Result<Product> read_product(Query& row) {
    Product product{.id = row.text(1),
                    .name = row.text(2),
                    .version = row.text(3),
                    .released = row.optional_time(4),
                    .needs_activation = row.boolean(5),
                    .excluded_platforms = {},
                    .qualifying_os = {},
                    .key_group = static_cast<std::uint32_t>(row.integer(8)),
                    .token_group = static_cast<std::uint32_t>(row.integer(9)),
                    .manifest_version = row.integer(10),
                    .created_at = row.time(11),
                    .rearm_ledger = row.boolean(12),
                    .initial_grace_days = static_cast<int>(row.integer(13)),
                    .out_of_tolerance_days = static_cast<int>(row.integer(14)),
                    .rearms = static_cast<int>(row.integer(15)),
                    .lab_reimages_per_year = static_cast<int>(row.integer(16)),
                    .previous_version = row.text(17)};
    auto platforms = split(row.text(6));
    if (!platforms) return fail(std::move(platforms.error()));
    auto editions = split(row.text(7));
    if (!editions) return fail(std::move(editions.error()));
    product.excluded_platforms = std::move(*platforms);
    product.qualifying_os = std::move(*editions);
    return product;
}

Result<Organization> read_organization(Query& row) {
    return Organization{row.text(1), row.text(2), row.time(3)};
}

Result<Location> read_location(Query& row) {
    return Location{.id = row.text(1),
                    .organization = row.text(2),
                    .name = row.text(3),
                    .country = row.text(4),
                    .created_at = row.time(5),
                    .headquarters = row.boolean(6),
                    .competency = row.text(7)};
}

Result<licensing::Program> read_program(Query& row) {
    licensing::Program program;
    program.id = row.text(0);
    program.title = row.text(1);
    const auto rule = licensing::counting_rule_from_name(row.text(2));
    if (!rule) return fail(Code::state_corrupt, "a program in the database is damaged");
    program.rule = *rule;
    program.sharing =
        row.text(3) == "country" ? licensing::Sharing::country : licensing::Sharing::worldwide;
    program.returnable = row.boolean(4);
    program.lease = row.boolean(5);
    program.lease_days = static_cast<int>(row.integer(6));
    program.renewal_days = static_cast<int>(row.integer(7));
    return program;
}

Result<Entitlement> read_entitlement(Query& row) {
    const auto purpose = purpose_from_name(row.text(10));
    if (!purpose) return fail(Code::state_corrupt, "an entitlement in the database is damaged");
    return Entitlement{.id = row.text(1),
                       .product = row.text(2),
                       .program = row.text(3),
                       .organization = row.text(4),
                       .quantity = row.integer(5),
                       .activations = row.integer(6),
                       .activate_by = row.optional_time(7),
                       .country = row.text(8),
                       .created_at = row.time(9),
                       .purpose = *purpose,
                       .location = row.text(11)};
}

Result<Cap> read_cap(Query& row) {
    return Cap{row.text(0), row.text(1), row.text(2), row.integer(3)};
}

Result<KeyRecord> read_key(Query& row) {
    KeyRecord key{.id = row.text(1),
                  .entitlement = row.text(2),
                  .digest = {},
                  .last5 = row.text(4),
                  .limit = row.integer(5),
                  .used = row.integer(6),
                  .blocked = row.boolean(7),
                  .created_at = row.time(8)};
    const auto digest = row.blob(3);
    if (digest.size() != key.digest.size())
        return fail(Code::state_corrupt, "a key's digest is damaged");
    std::copy(digest.begin(), digest.end(), key.digest.begin());
    return key;
}

}  // namespace

// --- products

Result<void> SqlProducts::add(const Product& product) {
    return added(
        db_.query("INSERT INTO products (id, name, version, released, needs_activation, "
                  "excluded_platforms, "
                  "qualifying_os, key_group, token_group, manifest_version, created_at, "
                  "rearm_ledger, initial_grace_days, out_of_tolerance_days, rearms, "
                  "lab_reimages_per_year) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(product.id, product.name, product.version, product.released,
                  product.needs_activation, joined(product.excluded_platforms),
                  joined(product.qualifying_os), product.key_group, product.token_group,
                  product.manifest_version, product.created_at, product.rearm_ledger,
                  product.initial_grace_days, product.out_of_tolerance_days, product.rearms,
                  product.lab_reimages_per_year)
            .run());
}

Result<std::optional<Product>> SqlProducts::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM products WHERE id = ?");
    return read_one<Product>(query.bind(id), read_product);
}

Result<Listed<Product>> SqlProducts::list(const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query("SELECT * FROM products WHERE seq > ? ORDER BY seq LIMIT ?");
    return read_page<Product>(query.bind(*start, page.limit + 1), page, read_product);
}

Result<void> SqlProducts::move_manifest_version(std::string_view id, std::int64_t from,
                                                std::int64_t to) {
    return done(
        db_.query("UPDATE products SET manifest_version = ? WHERE id = ? AND manifest_version = ?")
            .bind(to, id, from)
            .run());
}

Result<void> SqlProducts::change(const Product& product) {
    return done(
        db_.query("UPDATE products SET name = ?, version = ?, previous_version = ?, released = ?, "
                  "needs_activation = ?, excluded_platforms = ?, qualifying_os = ?, "
                  "rearm_ledger = ?, initial_grace_days = ?, out_of_tolerance_days = ?, "
                  "rearms = ?, lab_reimages_per_year = ? WHERE id = ?")
            .bind(product.name, product.version, product.previous_version, product.released,
                  product.needs_activation, joined(product.excluded_platforms),
                  joined(product.qualifying_os), product.rearm_ledger, product.initial_grace_days,
                  product.out_of_tolerance_days, product.rearms, product.lab_reimages_per_year,
                  product.id)
            .run());
}

// --- organizations

Result<void> SqlOrganizations::add(const Organization& organization) {
    return added(db_.query("INSERT INTO organizations (id, name, created_at) VALUES (?, ?, ?) ON "
                           "CONFLICT DO NOTHING")
                     .bind(organization.id, organization.name, organization.created_at)
                     .run());
}

Result<std::optional<Organization>> SqlOrganizations::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM organizations WHERE id = ?");
    return read_one<Organization>(query.bind(id), read_organization);
}

Result<Listed<Organization>> SqlOrganizations::list(const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query("SELECT * FROM organizations WHERE seq > ? ORDER BY seq LIMIT ?");
    return read_page<Organization>(query.bind(*start, page.limit + 1), page, read_organization);
}

Result<void> SqlOrganizations::add_location(const Location& location) {
    return added(
        db_.query("INSERT INTO locations (organization, id, name, country, created_at, "
                  "headquarters, competency) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(location.organization, location.id, location.name, location.country,
                  location.created_at, location.headquarters, location.competency)
            .run());
}

Result<Listed<Location>> SqlOrganizations::locations(std::string_view organization,
                                                     const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query(
        organization.empty()
            ? "SELECT seq, id, organization, name, country, created_at, headquarters, competency "
              "FROM locations WHERE seq > ?1 AND ?2 = '' ORDER BY seq LIMIT ?3"
            : "SELECT seq, id, organization, name, country, created_at, headquarters, competency "
              "FROM locations WHERE " LATCHKEY_SQL_AFTER(
                  "organization") "ORDER BY organization, seq LIMIT ?3");
    return read_page<Location>(query.bind(*start, organization, page.limit + 1), page,
                               read_location);
}

Result<void> SqlOrganizations::set_competency(std::string_view organization,
                                              std::string_view location,
                                              std::string_view competency) {
    return done(db_.query("UPDATE locations SET competency = ? WHERE organization = ? AND id = ?")
                    .bind(competency, organization, location)
                    .run());
}

// --- entitlements and programs

Result<void> SqlEntitlements::add_program(const licensing::Program& program) {
    const char* sharing = program.sharing == licensing::Sharing::country ? "country" : "worldwide";
    return added(db_.query("INSERT INTO programs (id, title, rule, sharing, returnable, lease, "
                           "lease_days, renewal_days) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
                     .bind(program.id, program.title, licensing::name(program.rule), sharing,
                           program.returnable, program.lease, program.lease_days,
                           program.renewal_days)
                     .run());
}

Result<std::vector<licensing::Program>> SqlEntitlements::own_programs() {
    Query query = db_.query("SELECT * FROM programs ORDER BY id");
    return read_rows<licensing::Program>(query, read_program);
}

Result<void> SqlEntitlements::add(const Entitlement& entitlement) {
    return added(
        db_.query("INSERT INTO entitlements (id, product, program, organization, quantity, "
                  "activations, "
                  "activate_by, country, created_at, purpose, location) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(entitlement.id, entitlement.product, entitlement.program,
                  entitlement.organization, entitlement.quantity, entitlement.activations,
                  entitlement.activate_by, entitlement.country, entitlement.created_at,
                  name(entitlement.purpose), entitlement.location)
            .run());
}

Result<std::optional<Entitlement>> SqlEntitlements::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM entitlements WHERE id = ?");
    return read_one<Entitlement>(query.bind(id), read_entitlement);
}

Result<Listed<Entitlement>> SqlEntitlements::list(const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query("SELECT * FROM entitlements WHERE seq > ? ORDER BY seq LIMIT ?");
    return read_page<Entitlement>(query.bind(*start, page.limit + 1), page, read_entitlement);
}

Result<KeyUse> SqlEntitlements::use_of(std::string_view id) {
    Query query = db_.query(
        "SELECT count(*), CAST(coalesce(sum(activations), 0) AS BIGINT), "
        "CAST(coalesce(sum(used), 0) AS BIGINT) "
        "FROM product_keys WHERE entitlement = ?");
    const auto row = query.bind(id).step();
    if (!row) return fail(row.error());
    return KeyUse{query.integer(0), query.integer(1), query.integer(2)};
}

Result<void> SqlEntitlements::set_cap(const Cap& cap) {
    return done(db_.query("INSERT INTO caps (product, program, country, quantity) "
                          "VALUES (?, ?, ?, ?) ON CONFLICT (product, program, country) "
                          "DO UPDATE SET quantity = excluded.quantity")
                    .bind(cap.product, cap.program, cap.country, cap.quantity)
                    .run());
}

Result<std::vector<Cap>> SqlEntitlements::caps(std::string_view product, std::string_view program) {
    Query query = db_.query(
        "SELECT product, program, country, quantity FROM caps "
        "WHERE (?1 = '' OR product = ?1) AND (?2 = '' OR program = ?2) "
        "ORDER BY product, program, country");
    return read_rows<Cap>(query.bind(product, program), read_cap);
}

Result<std::int64_t> SqlEntitlements::granted(std::string_view organization,
                                              std::string_view product, std::string_view program,
                                              std::string_view country) {
    Query query = db_.query(
        "SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM entitlements WHERE organization = "
        "?1 "
        "AND product = ?2 AND program = ?3 AND purpose = 'internal' "
        "AND (?4 = '' OR country = ?4)");
    const auto row = query.bind(organization, product, program, country).step();
    if (!row) return fail(row.error());
    return query.integer(0);
}

Result<std::vector<GrantedTo>> SqlEntitlements::most_granted(const Cap& cap, std::int64_t limit) {
    Query query = db_.query(
        "SELECT organization, CAST(sum(quantity) AS BIGINT) AS granted FROM entitlements "
        "WHERE product = ?1 AND program = ?2 AND purpose = 'internal' "
        "AND (?3 = '' OR country = ?3) "
        "GROUP BY organization ORDER BY granted DESC, organization LIMIT ?4");
    return read_rows<GrantedTo>(query.bind(cap.product, cap.program, cap.country, limit),
                                [](Query& row) -> Result<GrantedTo> {
                                    return GrantedTo{row.text(0), row.integer(1)};
                                });
}

Result<bool> SqlEntitlements::has_toolkit(std::string_view organization, std::string_view location,
                                          std::string_view product, std::string_view program) {
    Query query = db_.query(
        "SELECT EXISTS (SELECT 1 FROM entitlements WHERE organization = ? AND location = ? "
        "AND product = ? AND program = ?)");
    const auto row = query.bind(organization, location, product, program).step();
    if (!row) return fail(row.error());
    return query.boolean(0);
}

// --- product keys

Result<void> SqlKeys::add(const KeyRecord& key) {
    return added(db_.query("INSERT INTO product_keys (id, entitlement, digest, last5, activations, "
                           "used, blocked, "
                           "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
                     .bind(key.id, key.entitlement, Blob(key.digest), key.last5, key.limit,
                           key.used, key.blocked, key.created_at)
                     .run());
}

Result<std::optional<KeyRecord>> SqlKeys::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM product_keys WHERE id = ?");
    return read_one<KeyRecord>(query.bind(id), read_key);
}

Result<std::optional<KeyRecord>> SqlKeys::find_by_digest(const PepperedKey& digest) {
    Query query = db_.query(db_.locks() ? "SELECT * FROM product_keys WHERE digest = ? FOR UPDATE"
                                        : "SELECT * FROM product_keys WHERE digest = ?");
    return read_one<KeyRecord>(query.bind(Blob(digest)), read_key);
}

Result<Listed<KeyRecord>> SqlKeys::list(std::string_view entitlement, const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query(
        entitlement.empty()
            ? "SELECT * FROM product_keys WHERE seq > ?1 AND ?2 = '' ORDER BY seq LIMIT ?3"
            : "SELECT * FROM product_keys WHERE " LATCHKEY_SQL_AFTER(
                  "entitlement") "ORDER BY entitlement, seq LIMIT ?3");
    return read_page<KeyRecord>(query.bind(*start, entitlement, page.limit + 1), page, read_key);
}

Result<void> SqlKeys::set_used(std::string_view id, std::int64_t used) {
    return done(db_.query("UPDATE product_keys SET used = ? WHERE id = ?").bind(used, id).run());
}

Result<void> SqlKeys::set_blocked(std::string_view id, bool blocked) {
    return done(
        db_.query("UPDATE product_keys SET blocked = ? WHERE id = ?").bind(blocked, id).run());
}

}  // namespace latchkey::keyserver
