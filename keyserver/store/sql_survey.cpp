// Looking back: machines, receipts and leases for an administrator's console.

#include "keyserver/store/sql_survey.h"

#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

constexpr const char* kMachines =
    "SELECT * FROM machine_records WHERE seq < ?1 AND ?2 = '' ORDER BY seq DESC LIMIT ?3";
constexpr const char* kReceipts =
    "SELECT * FROM receipts WHERE seq < ?1 AND ?2 = '' ORDER BY seq DESC LIMIT ?3";

constexpr const char* kMachinesOfKey = "SELECT * FROM machine_records WHERE " LATCHKEY_SQL_BEFORE(
    "product_key") "ORDER BY product_key DESC, seq DESC LIMIT ?3";
constexpr const char* kReceiptsOfMachine = "SELECT * FROM receipts WHERE " LATCHKEY_SQL_BEFORE(
    "machine") "ORDER BY machine DESC, seq DESC LIMIT ?3";
constexpr const char* kReceiptsOfKey = "SELECT * FROM receipts WHERE " LATCHKEY_SQL_BEFORE(
    "product_key") "ORDER BY product_key DESC, seq DESC LIMIT ?3";
constexpr const char* kReceiptsOfKind = "SELECT * FROM receipts WHERE " LATCHKEY_SQL_BEFORE(
    "kind") "ORDER BY kind DESC, seq DESC LIMIT ?3";

struct Chosen {
    const char* sql;
    std::string_view value;
};

Chosen chosen(const ReceiptFilter& filter) {
    if (!filter.machine.empty()) return {kReceiptsOfMachine, filter.machine};
    if (!filter.key.empty()) return {kReceiptsOfKey, filter.key};
    if (!filter.kind.empty()) return {kReceiptsOfKind, filter.kind};
    return {kReceipts, {}};
}

}  // namespace

Result<Listed<MachineRecord>> SqlSurvey::machines(std::string_view key, const Page& page) {
    const auto end = page_end(page);
    if (!end) return fail(end.error());
    Query query = db_.query(key.empty() ? kMachines : kMachinesOfKey);
    return read_page<MachineRecord>(query.bind(*end, key, page.limit + 1), page, read_machine);
}

Result<Listed<ReceiptRecord>> SqlSurvey::receipts(const ReceiptFilter& filter, const Page& page) {
    const auto end = page_end(page);
    if (!end) return fail(end.error());
    const auto [sql, value] = chosen(filter);
    Query query = db_.query(sql);
    return read_page<ReceiptRecord>(query.bind(*end, value, page.limit + 1), page, read_receipt);
}

Result<std::optional<ReceiptRecord>> SqlSurvey::receipt(std::string_view id) {
    Query query = db_.query("SELECT * FROM receipts WHERE id = ?");
    return read_one<ReceiptRecord>(query.bind(id), read_receipt);
}

Result<std::vector<std::int64_t>> SqlSurvey::counted(ServerTime since, Duration width,
                                                     std::size_t slots) {
    std::vector<std::int64_t> sums(slots, 0);
    Query query = db_.query(
        "SELECT (at - ?1) / ?2 AS slot, CAST(sum(counted) AS BIGINT) FROM receipts "
        "WHERE counted > 0 AND at >= ?1 AND at < ?3 GROUP BY slot");
    const ServerTime until = since + width * static_cast<std::int64_t>(slots);
    query.bind(since, width.count(), until);
    for (;;) {
        const auto row = query.step();
        if (!row) return fail(row.error());
        if (!*row) return sums;
        const auto slot = static_cast<std::size_t>(query.integer(0));
        if (slot < slots) sums[slot] = query.integer(1);
    }
}

Result<Listed<Astray>> SqlSurvey::astray(const Page& page) {
    Query query = db_.query(
        "SELECT license, count(*) FROM leases WHERE after < sequence - 1 AND license > ? "
        "GROUP BY license ORDER BY license LIMIT ?");
    query.bind(page.after, page.limit + 1);
    auto rows = read_rows<Astray>(query, [](Query& row) -> Result<Astray> {
        return Astray{row.text(0), row.integer(1)};
    });
    if (!rows) return fail(std::move(rows.error()));
    Listed<Astray> listed{std::move(*rows), {}};
    if (static_cast<std::int64_t>(listed.items.size()) > page.limit) {
        listed.items.pop_back();
        listed.next = listed.items.back().license;
    }
    return listed;
}

}  // namespace latchkey::keyserver
