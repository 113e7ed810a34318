// Machines, their holders, their licenses.

#include <algorithm>

#include "keyserver/store/sql_locks.h"
#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

constexpr const char* kByKey =
    "SELECT * FROM machine_records WHERE " LATCHKEY_SQL_AFTER(
        "product_key") "AND (?3 = '' OR state = ?3) AND (last_seen_at < ?4 OR ?4 IS NULL) "
    "ORDER BY product_key, seq LIMIT ?5";
constexpr const char* kOfAll =
    "SELECT * FROM machine_records WHERE seq > ?1 AND (?2 = '' OR product_key = ?2) "
    "AND (?3 = '' OR state = ?3) AND (last_seen_at < ?4 OR ?4 IS NULL) ORDER BY seq LIMIT ?5";

Result<Holder> read_holder(Query& row) {
    return Holder{row.text(0), row.text(1), row.time(2), row.time(3)};
}

Result<LicenseRecord> read_license(Query& row) {
    return LicenseRecord{.id = row.text(0),
                         .machine = row.text(1),
                         .key = row.text(2),
                         .device_key = row.text(3),
                         .ended = row.boolean(4),
                         .lease_sequence = row.integer(5),
                         .issued_at = row.time(6),
                         .expires_at = row.optional_time(7),
                         .adopt_next = row.boolean(8)};
}

Result<Lease> read_lease(Query& row) {
    return Lease{row.text(0), row.integer(1), row.integer(2),
                 row.time(3), row.text(4),    row.boolean(5)};
}

}  // namespace

Result<MachineRecord> read_machine(Query& row) {
    MachineRecord machine;
    machine.id = row.text(1);
    machine.key = row.text(2);
    const auto state = machine_state_from_name(row.text(3));
    if (!state) return fail(Code::state_corrupt, "a machine's state is damaged");
    machine.state = *state;
    auto counting = fingerprint_from(row.text(4));
    if (!counting) return fail(std::move(counting.error()));
    auto matching = fingerprint_from(row.text(5));
    if (!matching) return fail(std::move(matching.error()));
    machine.counting_baseline = std::move(*counting);
    machine.matching_baseline = std::move(*matching);
    machine.counted = row.integer(6);
    machine.platform = row.text(7);
    machine.claimed_location = row.text(8);
    machine.claimed_country = row.text(9);
    machine.created_at = row.time(10);
    machine.last_seen_at = row.time(11);
    machine.resolved_at = row.optional_time(12);
    machine.return_due = row.optional_time(13);
    return machine;
}

std::string_view name(MachineState state) {
    switch (state) {
        case MachineState::active:
            return "active";
        case MachineState::released:
            return "released";
    }
    return "";
}

std::optional<MachineState> machine_state_from_name(std::string_view text) {
    for (const auto state : {MachineState::active, MachineState::released})
        if (text == name(state)) return state;
    return std::nullopt;
}

Result<void> SqlMachines::save(const MachineRecord& machine,
                               std::span<const hwid::Digest> digests) {
    auto saved =
        db_.query(
               "INSERT INTO machines (id, product_key, state, counting_baseline, "
               "matching_baseline, counted, "
               "platform, claimed_location, claimed_country, created_at, last_seen_at, "
               "resolved_at) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
               "state = excluded.state, counting_baseline = excluded.counting_baseline, "
               "matching_baseline = excluded.matching_baseline, counted = excluded.counted, "
               "platform = excluded.platform, claimed_location = excluded.claimed_location, "
               "claimed_country = excluded.claimed_country, last_seen_at = excluded.last_seen_at, "
               "resolved_at = excluded.resolved_at")
            .bind(machine.id, machine.key, name(machine.state),
                  fingerprint_text(machine.counting_baseline),
                  fingerprint_text(machine.matching_baseline), machine.counted, machine.platform,
                  machine.claimed_location, machine.claimed_country, machine.created_at,
                  machine.last_seen_at, machine.resolved_at)
            .run();
    if (!saved) return fail(std::move(saved.error()));
    saved = db_.query("DELETE FROM machine_digests WHERE machine = ?").bind(machine.id).run();
    if (!saved) return fail(std::move(saved.error()));
    for (const auto& digest : digests) {
        saved =
            db_.query(
                   "INSERT INTO machine_digests (digest, product_key, machine) VALUES (?, ?, ?) "
                   "ON CONFLICT DO NOTHING")
                .bind(Blob(digest), machine.key, machine.id)
                .run();
        if (!saved) return fail(std::move(saved.error()));
    }
    return {};
}

Result<std::optional<MachineRecord>> SqlMachines::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM machine_records WHERE id = ?");
    return read_one<MachineRecord>(query.bind(id), read_machine);
}

Result<Listed<MachineRecord>> SqlMachines::list(const MachineFilter& filter, const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    const std::string_view state = filter.state ? name(*filter.state) : std::string_view();
    Query query = db_.query(filter.key.empty() ? kOfAll : kByKey);
    query.bind(*start, filter.key, state, filter.last_seen_before, page.limit + 1);
    return read_page<MachineRecord>(query, page, read_machine);
}

Result<std::vector<std::string>> SqlMachines::showing(std::string_view key,
                                                      const hwid::Digest& digest,
                                                      std::int64_t limit) {
    const Blob bytes(digest);
    Query query = db_.query(
        key.empty() ? "SELECT machine FROM machine_digests WHERE digest = ?1 AND ?2 = '' LIMIT ?3"
                    : "SELECT machine FROM machine_digests WHERE digest = ?1 AND product_key = ?2 "
                      "LIMIT ?3");
    return read_rows<std::string>(query.bind(bytes, key, limit), read_id);
}

Result<void> SqlMachines::owe_return(const MachineRecord& machine, ServerTime due) {
    return done(db_.query("INSERT INTO returns (machine, product_key, due_at) VALUES (?, ?, ?)")
                    .bind(machine.id, machine.key, due)
                    .run());
}

Result<std::int64_t> SqlMachines::take_returns(std::string_view key, ServerTime now) {
    return db_.query("DELETE FROM returns WHERE product_key = ? AND due_at <= ?")
        .bind(key, now)
        .run();
}

// --- holders

Result<void> SqlHolders::seen(std::string_view machine, std::string_view device_key,
                              ServerTime at) {
    return done(db_.query("INSERT INTO holders (machine, device_key, first_seen_at, last_seen_at) "
                          "VALUES (?1, ?2, ?3, ?3) "
                          "ON CONFLICT (machine, device_key) DO UPDATE SET last_seen_at = "
                          "excluded.last_seen_at")
                    .bind(machine, device_key, at)
                    .run());
}

Result<std::vector<Holder>> SqlHolders::of(std::string_view machine) {
    Query query =
        db_.query("SELECT * FROM holders WHERE machine = ? ORDER BY first_seen_at, device_key");
    return read_rows<Holder>(query.bind(machine), read_holder);
}

Result<std::vector<std::string>> SqlHolders::machines_of(std::string_view key,
                                                         std::string_view device_key) {
    Query query = db_.query(
        "SELECT h.machine FROM holders h JOIN machines m ON m.id = h.machine "
        "WHERE h.device_key = ? AND m.product_key = ?");
    return read_rows<std::string>(query.bind(device_key, key), read_id);
}

// --- licenses

Result<void> SqlLicenses::save(const LicenseRecord& license) {
    return done(db_.query("INSERT INTO licenses (id, machine, product_key, device_key, ended, "
                          "lease_sequence, issued_at, "
                          "expires_at, adopt_next) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                          "(id) DO UPDATE SET "
                          "ended = excluded.ended, lease_sequence = excluded.lease_sequence, "
                          "issued_at = excluded.issued_at, expires_at = excluded.expires_at, "
                          "adopt_next = excluded.adopt_next")
                    .bind(license.id, license.machine, license.key, license.device_key,
                          license.ended, license.lease_sequence, license.issued_at,
                          license.expires_at, license.adopt_next)
                    .run());
}

Result<std::optional<LicenseRecord>> SqlLicenses::find(std::string_view id) {
    if (auto locked = db_.lock(kLockKeyOfLicense, id); !locked)
        return fail(std::move(locked.error()));
    Query query = db_.query("SELECT * FROM licenses WHERE id = ?");
    return read_one<LicenseRecord>(query.bind(id), read_license);
}

Result<std::vector<LicenseRecord>> SqlLicenses::of(std::string_view machine) {
    Query query = db_.query("SELECT * FROM licenses WHERE machine = ? ORDER BY issued_at, id");
    return read_rows<LicenseRecord>(query.bind(machine), read_license);
}

Result<void> SqlLicenses::end_all(std::string_view machine) {
    return done(db_.query("UPDATE licenses SET ended = 1 WHERE machine = ?").bind(machine).run());
}

Result<void> SqlLicenses::add_lease(const Lease& lease) {
    return done(db_.query("INSERT INTO leases (license, sequence, after, issued_at, platform, "
                          "adopted) VALUES (?, ?, ?, ?, ?, ?)")
                    .bind(lease.license, lease.sequence, lease.after, lease.issued_at,
                          lease.platform, lease.adopted)
                    .run());
}

Result<std::vector<Lease>> SqlLicenses::leases(std::string_view license, std::int64_t limit) {
    Query query =
        db_.query("SELECT * FROM leases WHERE license = ? ORDER BY sequence DESC LIMIT ?");
    auto newest_first = read_rows<Lease>(query.bind(license, limit), read_lease);
    if (newest_first) std::reverse(newest_first->begin(), newest_first->end());
    return newest_first;
}

}  // namespace latchkey::keyserver
