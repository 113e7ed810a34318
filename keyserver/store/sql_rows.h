#pragma once

// From rows to values: what the sql_*.cpp files share.

#include <optional>
#include <string>
#include <vector>

#include "keyserver/store/sql.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

/// Reads every row with `read(Query&)`; rows it cannot read fail the whole.
template <class T, class Read>
Result<std::vector<T>> read_rows(Query& query, Read read) {
    std::vector<T> rows;
    for (;;) {
        const auto row = query.step();
        if (!row) return fail(row.error());
        if (!*row) return rows;
        Result<T> item = read(query);
        if (!item) return fail(std::move(item.error()));
        rows.push_back(std::move(*item));
    }
}

template <class T, class Read>
Result<std::optional<T>> read_one(Query& query, Read read) {
    auto rows = read_rows<T>(query, read);
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty()) return std::optional<T>{};
    return std::optional<T>(std::move(rows->front()));
}

/// The sequence number a page starts after; an unreadable cursor is Code::usage.
Result<std::int64_t> page_start(const Page& page);
/// The same of a list that begins with its newest row: the number a page ends before.
Result<std::int64_t> page_end(const Page& page);

/// As read_rows for a list whose first column is its sequence number: fills in `next`. The query
/// must ask for page.limit + 1 rows.
template <class T, class Read>
Result<Listed<T>> read_page(Query& query, const Page& page, Read read) {
    Listed<T> listed;
    std::int64_t last = 0;
    for (;;) {
        const auto row = query.step();
        if (!row) return fail(row.error());
        if (!*row) return listed;
        if (static_cast<std::int64_t>(listed.items.size()) == page.limit) {
            listed.next = std::to_string(last);
            return listed;
        }
        Result<T> item = read(query);
        if (!item) return fail(std::move(item.error()));
        last = query.integer(0);
        listed.items.push_back(std::move(*item));
    }
}

/// A peppered fingerprint as text, and back; damage is Code::state_corrupt.
std::string fingerprint_text(const hwid::Fingerprint& fingerprint);
Result<hwid::Fingerprint> fingerprint_from(const std::string& text);

// Whole rows of machine_records and receipts, `SELECT *`.
Result<MachineRecord> read_machine(Query& row);
Result<ReceiptRecord> read_receipt(Query& row);

/// For rows that are a single id.
inline Result<std::string> read_id(Query& row) { return row.text(0); }

/// Of an INSERT … ON CONFLICT DO NOTHING: what was there already is Code::already_exists, and the
/// transaction goes on.
inline Result<void> added(Result<std::int64_t> changed) {
    if (!changed) return fail(std::move(changed.error()));
    if (*changed == 0) return fail(Code::already_exists, "it is there already");
    return {};
}

inline Result<void> done(Result<std::int64_t> changed) {
    if (!changed) return fail(std::move(changed.error()));
    return {};
}

}  // namespace latchkey::keyserver
