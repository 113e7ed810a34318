// The grace ledger.

#include <boost/json/array.hpp>

#include "base/strict_json.h"
#include "keyserver/store/sql_locks.h"
#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

std::string times_text(const std::vector<ServerTime>& times) {
    json::bj::array array;
    for (const auto time : times) array.emplace_back(time.time_since_epoch().count());
    return json::to_text(array);
}

Result<std::vector<ServerTime>> times_from(const std::string& text) {
    const auto damaged = [] { return fail(Code::state_corrupt, "a ledger's times are damaged"); };
    const auto value = json::parse_strict(text);
    if (!value || !value->is_array()) return damaged();
    std::vector<ServerTime> times;
    for (const auto& item : value->get_array()) {
        if (!item.is_int64()) return damaged();
        times.emplace_back(Duration{item.get_int64()});
    }
    return times;
}

Result<LedgerRecord> read_ledger(Query& row) {
    LedgerRecord ledger;
    ledger.id = row.text(1);
    ledger.product = row.text(2);
    auto baseline = fingerprint_from(row.text(3));
    if (!baseline) return fail(std::move(baseline.error()));
    ledger.matching_baseline = std::move(*baseline);
    ledger.first_grace_at = row.time(4);
    auto graces = times_from(row.text(5));
    if (!graces) return fail(std::move(graces.error()));
    ledger.graces = std::move(*graces);
    ledger.rearms_used = static_cast<int>(row.integer(6));
    // A nullable number: read as the time it is not, for whether it is there.
    if (row.optional_time(7)) ledger.forgiven_from = static_cast<int>(row.integer(7));
    ledger.period_began_at = row.time(8);
    ledger.extended = row.boolean(9);
    ledger.frozen = row.boolean(10);
    ledger.grace_began_at = row.time(11);
    ledger.fresh_allowed = row.boolean(12);
    ledger.platform = row.text(13);
    ledger.created_at = row.time(14);
    ledger.last_seen_at = row.time(15);
    ledger.stopped_at = row.optional_time(16);
    ledger.lab = row.boolean(17);
    return ledger;
}

}  // namespace

Result<void> SqlLedgers::save(const LedgerRecord& ledger, std::span<const hwid::Digest> digests) {
    std::optional<ServerTime> forgiven;
    if (ledger.forgiven_from) forgiven = ServerTime{Duration{*ledger.forgiven_from}};
    auto saved =
        db_.query(
               "INSERT INTO ledgers (id, product, matching_baseline, first_grace_at, graces, "
               "rearms_used, forgiven_from, period_began_at, extended, frozen, grace_began_at, "
               "fresh_allowed, platform, created_at, last_seen_at, stopped_at, lab) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
               "UPDATE "
               "SET matching_baseline = excluded.matching_baseline, graces = excluded.graces, "
               "rearms_used = excluded.rearms_used, forgiven_from = excluded.forgiven_from, "
               "period_began_at = excluded.period_began_at, extended = excluded.extended, "
               "frozen = excluded.frozen, grace_began_at = excluded.grace_began_at, "
               "fresh_allowed = excluded.fresh_allowed, platform = excluded.platform, "
               "last_seen_at = excluded.last_seen_at, stopped_at = excluded.stopped_at, "
               "lab = excluded.lab")
            .bind(ledger.id, ledger.product, fingerprint_text(ledger.matching_baseline),
                  ledger.first_grace_at, times_text(ledger.graces), ledger.rearms_used, forgiven,
                  ledger.period_began_at, ledger.extended, ledger.frozen, ledger.grace_began_at,
                  ledger.fresh_allowed, ledger.platform, ledger.created_at, ledger.last_seen_at,
                  ledger.stopped_at, ledger.lab)
            .run();
    if (!saved) return fail(std::move(saved.error()));
    saved = db_.query("DELETE FROM ledger_digests WHERE ledger = ?").bind(ledger.id).run();
    if (!saved) return fail(std::move(saved.error()));
    for (const auto& digest : digests) {
        saved = db_.query(
                       "INSERT INTO ledger_digests (digest, product, ledger) VALUES (?, ?, ?) "
                       "ON CONFLICT DO NOTHING")
                    .bind(Blob(digest), ledger.product, ledger.id)
                    .run();
        if (!saved) return fail(std::move(saved.error()));
    }
    return {};
}

Result<std::optional<LedgerRecord>> SqlLedgers::find(std::string_view id) {
    if (auto locked = db_.lock(kLockLedger, id); !locked) return fail(std::move(locked.error()));
    Query query = db_.query("SELECT * FROM ledgers WHERE id = ?");
    return read_one<LedgerRecord>(query.bind(id), read_ledger);
}

Result<Listed<LedgerRecord>> SqlLedgers::list(std::string_view product, const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query(
        product.empty() ? "SELECT * FROM ledgers WHERE seq > ?1 AND ?2 = '' ORDER BY seq LIMIT ?3"
                        : "SELECT * FROM ledgers WHERE " LATCHKEY_SQL_AFTER(
                              "product") "ORDER BY product, seq LIMIT ?3");
    return read_page<LedgerRecord>(query.bind(*start, product, page.limit + 1), page, read_ledger);
}

Result<std::vector<std::string>> SqlLedgers::showing(std::string_view product,
                                                     const hwid::Digest& digest,
                                                     std::int64_t limit) {
    const Blob bytes(digest);
    if (auto locked = db_.lock(kLockHardware, bytes); !locked)
        return fail(std::move(locked.error()));
    Query query =
        db_.query("SELECT ledger FROM ledger_digests WHERE digest = ? AND product = ? LIMIT ?");
    return read_rows<std::string>(query.bind(bytes, product, limit), read_id);
}

Result<void> SqlLedgers::seen(std::string_view ledger, std::string_view device_key, ServerTime at) {
    return done(
        db_.query("INSERT INTO ledger_devices (device_key, ledger, first_seen_at, last_seen_at) "
                  "VALUES (?1, ?2, ?3, ?3) "
                  "ON CONFLICT (device_key, ledger) DO UPDATE SET last_seen_at = "
                  "excluded.last_seen_at")
            .bind(device_key, ledger, at)
            .run());
}

Result<std::vector<std::string>> SqlLedgers::of_device(std::string_view product,
                                                       std::string_view device_key) {
    Query query = db_.query(
        "SELECT d.ledger FROM ledger_devices d JOIN ledgers l ON l.id = d.ledger "
        "WHERE d.device_key = ? AND l.product = ? ORDER BY d.last_seen_at DESC");
    return read_rows<std::string>(query.bind(device_key, product), read_id);
}

}  // namespace latchkey::keyserver
