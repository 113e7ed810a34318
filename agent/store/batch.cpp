#include "agent/store/batch.h"

#include "agent/store/journal.h"
#include "agent/store/rows.h"
#include "agent/store/schema.h"

namespace latchkey::store {
namespace {

Result<void> upsert(Database& database, const RowName& row, std::string_view body, const Mac& mac) {
    const bool two_names = has_two_names(row.table);
    const std::string table(name(row.table));
    auto statement = database.prepare("INSERT OR REPLACE INTO " + table +
                                      (two_names ? " VALUES (?, ?, ?, ?)" : " VALUES (?, ?, ?)"));
    if (!statement) return fail(statement.error());
    const std::string_view first = row.first;
    const std::string_view second = row.second;
    const std::span<const std::uint8_t> bytes(mac);
    two_names ? statement->bind(first, second, body, bytes) : statement->bind(first, body, bytes);
    return statement->run();
}

Result<void> remove_row(Database& database, const RowName& row) {
    auto statement = database.prepare(
        row.table == Table::cloud ? "DELETE FROM cloud WHERE publisher = ? AND id = ?"
                                  : "DELETE FROM product WHERE publisher = ? AND product = ?");
    if (!statement) return fail(statement.error());
    statement->bind(std::string_view(row.first), std::string_view(row.second));
    return statement->run();
}

Failure unreadable(const Problem& why) {
    return fail(Code::internal, "this state could not be read back: " + why.detail);
}

}  // namespace

void Batch::put_row(RowName name, std::string body) {
    after_.macs[name] = row_mac(key_, name, body);
    rows_.push_back({std::move(name), std::move(body)});
}

void Batch::put_meta(const std::string& name, std::string value) {
    put_row({Table::meta, name, {}}, std::move(value));
}

Result<void> Batch::put(const core::ProductState& state) {
    auto body = to_row(state);
    auto stored = product_from_row(body);
    if (!stored) return unreadable(stored.error());
    put_row({Table::product, state.publisher, state.product}, std::move(body));
    after_.products[id_of(state)] = std::move(*stored);
    return {};
}

Result<void> Batch::put(const PublisherState& state) {
    auto body = to_row(state);
    auto stored = publisher_from_row(body);
    if (!stored) return unreadable(stored.error());
    put_row({Table::publisher, state.root.publisher, {}}, std::move(body));
    after_.publishers[state.root.publisher] = std::move(*stored);
    return {};
}

Result<void> Batch::put(const CloudRow& row) {
    auto body = to_row(row);
    auto stored = cloud_from_row(body);
    if (!stored) return unreadable(stored.error());
    put_row({Table::cloud, row.publisher, row.id}, std::move(body));
    after_.cloud[row.key()] = std::move(*stored);
    return {};
}

void Batch::put(const core::TimeLedger& ledger) {
    after_.time = ledger;
    put_meta(meta_name::kTime, to_row(ledger));
}

void Batch::put_machine_id(const std::string& id) {
    after_.machine_id = id;
    put_meta(meta_name::kMachineId, id);
}

void Batch::put(const Hardware& hardware) {
    after_.hardware = hardware;
    put_meta(meta_name::kHardware, to_row(hardware));
}

void Batch::put_former(std::string row) {
    after_.former = row;
    put_meta(meta_name::kFormer, std::move(row));
}

void Batch::remove(const ProductId& product) {
    RowName row{Table::product, product.first, product.second};
    after_.products.erase(product);
    after_.macs.erase(row);
    removed_.push_back(std::move(row));
}

void Batch::remove_cloud(const CloudId& id) {
    RowName row{Table::cloud, id.first, id.second};
    after_.cloud.erase(id);
    after_.macs.erase(row);
    removed_.push_back(std::move(row));
}

void Batch::append(const JournalEntry& entry) {
    auto line = next_entry(after_.journal, entry);
    const Mac link = link_of(key_, after_.journal.link, line);
    after_.journal = {line.number, link};
    lines_.push_back({std::move(line), link});
}

Result<void> Batch::put_all() {
    put_meta(meta_name::kSchemaVersion, std::to_string(kSchemaVersion));
    put_machine_id(after_.machine_id);
    put(core::TimeLedger(after_.time));
    if (after_.hardware) put(Hardware(*after_.hardware));
    if (!after_.former.empty()) put_former(after_.former);
    for (const auto& [id, state] : std::map(after_.publishers))
        if (auto done = put(state); !done) return done;
    for (const auto& [id, state] : std::map(after_.products))
        if (auto done = put(state); !done) return done;
    for (const auto& [id, row] : std::map(after_.cloud))
        if (auto done = put(row); !done) return done;
    return {};
}

Result<void> Batch::upgrade(std::int64_t from) {
    upgrade_from_ = from;
    if (auto done = put_all(); !done) return done;
    append({0,
            after_.time.proven,
            {},
            "state_upgraded",
            "The state was brought from schema version " + std::to_string(from) + " to " +
                std::to_string(kSchemaVersion) + "; everything in it was kept.",
            {}});
    return {};
}

Result<void> Batch::write_all(Database& database) const {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    if (upgrade_from_)
        if (auto done = migrate(database, *upgrade_from_); !done) return done;
    for (const auto& row : removed_)
        if (auto done = remove_row(database, row); !done) return done;
    for (const auto& row : rows_) {
        auto done = upsert(database, row.name, row.body, after_.macs.at(row.name));
        if (!done) return done;
    }
    for (const auto& line : lines_)
        if (auto done = insert_entry(database, line.entry, line.link); !done) return done;
    const Mac seal = seal_of(key_, after_);
    if (auto done = upsert(database, {Table::meta, meta_name::kSeal, {}}, "", seal); !done)
        return done;
    return transaction->commit();
}

Result<void> Batch::write(Database& database) {
    put_meta(meta_name::kRevision, std::to_string(++after_.revision));
    auto written = write_all(database);
    if (!written) return fail(Code::storage_failed, written.error().detail);
    return {};
}

}  // namespace latchkey::store
