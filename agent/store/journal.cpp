#include "agent/store/journal.h"

#include <limits>

#include "agent/store/rows.h"

namespace latchkey::store {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxDetail = 2048;
constexpr std::size_t kMaxDocument = 128 * 1024;

constexpr std::string_view kColumns = "number, at, product, event, detail, document, link";

/// The product column: "publisher/product". No id holds a slash.
std::string owner_text(const JournalEntry& entry) {
    return entry.publisher.empty() ? entry.product : entry.publisher + "/" + entry.product;
}

void read_owner(JournalEntry& entry, const std::string& owner) {
    const auto slash = owner.find('/');
    if (slash != std::string::npos) entry.publisher = owner.substr(0, slash);
    entry.product = owner.substr(slash == std::string::npos ? 0 : slash + 1);
}

JournalEntry entry_of(const Statement& row) {
    JournalEntry entry;
    entry.number = row.integer(0);
    entry.at = ServerTime{Duration{row.integer(1)}};
    read_owner(entry, row.text(2));
    entry.event = row.text(3);
    entry.detail = row.text(4);
    entry.document = row.text(5);
    return entry;
}

}  // namespace

JournalEntry next_entry(const JournalHead& head, JournalEntry entry) {
    entry.number = head.number + 1;
    entry.publisher = printable(entry.publisher, kMaxName);
    entry.product = printable(entry.product, kMaxName);
    entry.event = printable(entry.event, kMaxName);
    entry.detail = printable(entry.detail, kMaxDetail);
    entry.document = printable(entry.document, kMaxDocument);
    return entry;
}

Mac link_of(const MacKey& key, const Mac& before, const JournalEntry& entry) {
    return key.of({"journal", as_text(before), std::to_string(entry.number),
                   std::to_string(entry.at.time_since_epoch().count()), owner_text(entry),
                   entry.event, entry.detail, entry.document});
}

Result<void> insert_entry(Database& database, const JournalEntry& entry, const Mac& link) {
    auto insert = database.prepare("INSERT INTO journal (" + std::string(kColumns) +
                                   ") VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return fail(insert.error());
    const std::int64_t at = entry.at.time_since_epoch().count();
    const std::string owner = owner_text(entry);
    return insert
        ->bind(entry.number, at, std::string_view(owner), std::string_view(entry.event),
               std::string_view(entry.detail), std::string_view(entry.document),
               std::span<const std::uint8_t>(link))
        .run();
}

Result<void> follow_chain(Database& database, const MacKey& key, Chain& chain,
                          const std::function<void(JournalEntry)>& each) {
    chain.broken = true;  // until its end was reached
    auto rows =
        database.prepare("SELECT " + std::string(kColumns) + " FROM journal ORDER BY number");
    if (!rows) return fail(rows.error());
    for (;;) {
        const auto there = rows->step();
        if (!there) return fail(there.error());
        if (!*there) break;
        auto entry = entry_of(*rows);
        const Mac link = link_of(key, chain.head.link, entry);
        if (entry.number != chain.head.number + 1 || !equal(link, rows->blob(6))) return {};
        chain.head = {entry.number, link};
        if (each) each(std::move(entry));
    }
    chain.broken = false;
    return {};
}

Result<std::vector<JournalEntry>> read_newest(Database& database, const JournalFilter& filter,
                                              std::optional<std::int64_t> before,
                                              std::size_t limit) {
    auto rows = database.prepare("SELECT " + std::string(kColumns) +
                                 " FROM journal WHERE number < ?1"
                                 " AND (?2 = '' OR substr(product, instr(product, '/') + 1) = ?2)"
                                 " AND (?3 = '' OR instr(product, '/') = 0"
                                 "      OR substr(product, 1, instr(product, '/') - 1) = ?3)"
                                 " ORDER BY number DESC LIMIT ?4");
    if (!rows) return fail(rows.error());
    const std::int64_t below = before.value_or(std::numeric_limits<std::int64_t>::max());
    rows->bind(below, std::string_view(filter.product), std::string_view(filter.publisher),
               static_cast<std::int64_t>(limit));
    std::vector<JournalEntry> entries;
    for (;;) {
        const auto there = rows->step();
        if (!there) return fail(there.error());
        if (!*there) return entries;
        entries.push_back(entry_of(*rows));
    }
}

}  // namespace latchkey::store
