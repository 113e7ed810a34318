// Answers given, receipts, previews.

#include <algorithm>

#include "keyserver/store/sql_locks.h"
#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

Result<Remembered> read_answer(Query& row) {
    Remembered answer{.device_key = row.text(0),
                      .idempotency_key = row.text(1),
                      .request_hash = {},
                      .status = static_cast<int>(row.integer(3)),
                      .body = row.text(4),
                      .at = row.time(5)};
    const auto hash = row.blob(2);
    if (hash.size() != answer.request_hash.size())
        return fail(Code::state_corrupt, "a remembered answer is damaged");
    std::copy(hash.begin(), hash.end(), answer.request_hash.begin());
    return answer;
}

Result<std::int64_t> read_count(Query& query) {
    const auto row = query.step();
    if (!row) return fail(row.error());
    return *row ? query.integer(0) : 0;
}

}  // namespace

Result<ReceiptRecord> read_receipt(Query& row) {
    return ReceiptRecord{.id = row.text(1),
                         .kind = row.text(2),
                         .machine = row.text(3),
                         .key = row.text(4),
                         .license = row.text(5),
                         .device_key = row.text(6),
                         .counted = static_cast<int>(row.integer(7)),
                         .returned = row.boolean(8),
                         .continuity = row.text(9),
                         .verdict = row.text(10),
                         .at = row.time(11),
                         .jws = row.text(12),
                         .token = row.text(13)};
}

Result<std::optional<Remembered>> SqlDecisions::recall(std::string_view device_key,
                                                       std::string_view idempotency_key) {
    if (auto locked = db_.lock(kLockDevice, device_key); !locked)
        return fail(std::move(locked.error()));
    Query query = db_.query("SELECT * FROM answers WHERE device_key = ? AND idempotency_key = ?");
    return read_one<Remembered>(query.bind(device_key, idempotency_key), read_answer);
}

Result<void> SqlDecisions::remember(const Remembered& answer) {
    return added(
        db_.query(
               "INSERT INTO answers (device_key, idempotency_key, request_hash, status, body, at) "
               "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(answer.device_key, answer.idempotency_key, Blob(answer.request_hash),
                  answer.status, answer.body, answer.at)
            .run());
}

Result<void> SqlDecisions::empty_bodies(ServerTime before, std::int64_t limit) {
    // Whoever asks for one of them at this moment waits for nobody: a row that is in use is left.
    const char* sql =
        db_.locks()
            ? "UPDATE answers SET body = '' WHERE (device_key, idempotency_key) IN (SELECT "
              "device_key, idempotency_key FROM answers WHERE body <> '' AND at < ? ORDER BY at "
              "LIMIT ? FOR UPDATE SKIP LOCKED)"
            : "UPDATE answers SET body = '' WHERE (device_key, idempotency_key) IN (SELECT "
              "device_key, idempotency_key FROM answers WHERE body <> '' AND at < ? ORDER BY at "
              "LIMIT ?)";
    return done(db_.query(sql).bind(before, limit).run());
}

Result<void> SqlDecisions::add_receipt(const ReceiptRecord& receipt) {
    return added(
        db_.query(
               "INSERT INTO receipts (id, kind, machine, product_key, license, device_key, "
               "counted, returned, "
               "continuity, verdict, at, jws, token) VALUES (?, ?, NULLIF(?, ''), NULLIF(?, ''), "
               "?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, '')) ON CONFLICT DO NOTHING")
            .bind(receipt.id, receipt.kind, receipt.machine, receipt.key, receipt.license,
                  receipt.device_key, receipt.counted, receipt.returned, receipt.continuity,
                  receipt.verdict, receipt.at, receipt.jws, receipt.token)
            .run());
}

Result<std::optional<ReceiptRecord>> SqlDecisions::receipt(std::string_view id) {
    Query query = db_.query("SELECT * FROM receipts WHERE id = ?");
    return read_one<ReceiptRecord>(query.bind(id), read_receipt);
}

Result<Listed<ReceiptRecord>> SqlDecisions::receipts(std::string_view machine, const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query = db_.query(
        machine.empty() ? "SELECT * FROM receipts WHERE seq > ?1 AND ?2 = '' ORDER BY seq LIMIT ?3"
                        : "SELECT * FROM receipts WHERE " LATCHKEY_SQL_AFTER(
                              "machine") "ORDER BY machine, seq LIMIT ?3");
    return read_page<ReceiptRecord>(query.bind(*start, machine, page.limit + 1), page,
                                    read_receipt);
}

Result<Tally> SqlDecisions::tally(std::string_view machine, ServerTime since) {
    Query query = db_.query(
        "SELECT count(*) FILTER (WHERE kind = 'activation' AND counted = 1), "
        "count(*) FILTER (WHERE kind = 'activation' AND counted = 0 AND continuity = 'digests'), "
        "count(*) FILTER (WHERE returned = 1) FROM receipts WHERE machine = ? AND at >= ?");
    const auto row = query.bind(machine, since).step();
    if (!row) return fail(row.error());
    if (!*row) return Tally{};
    return Tally{query.integer(0), query.integer(1), query.integer(2)};
}

Result<void> SqlPreviews::add(const PreviewRecord& preview) {
    return done(db_.query("INSERT INTO previews (product_key, device_key, verdict, refusal, count, "
                          "at) VALUES (?, ?, ?, ?, ?, ?)")
                    .bind(preview.key, preview.device_key, preview.verdict, preview.refusal,
                          preview.count, preview.at)
                    .run());
}

Result<std::int64_t> SqlPreviews::count(std::string_view key, std::string_view device_key,
                                        ServerTime since) {
    Query query = db_.query(
        "SELECT count(*) FROM previews WHERE product_key = ?1 AND at >= ?2 AND (?3 = '' OR "
        "device_key = ?3)");
    return read_count(query.bind(key, since, device_key));
}

}  // namespace latchkey::keyserver
