#include "keyserver/store/move_store.h"

#include <array>
#include <deque>

#include "keyserver/store/postgres.h"
#include "keyserver/store/postgres_schema.h"
#include "keyserver/store/sqlite.h"
#include "licensing/crypto.h"

namespace latchkey::keyserver {
namespace {

/// Parents before children. Rows are read in the order of `key`, which is the same on both sides:
/// text is ordered by its bytes.
struct Table {
    std::string_view name;
    std::string_view key;
    bool numbered;  ///< has a `seq` that goes on counting
};
constexpr std::array kTables{
    Table{"products", "seq", true},
    Table{"programs", "id", false},
    Table{"organizations", "seq", true},
    Table{"locations", "seq", true},
    Table{"entitlements", "seq", true},
    Table{"caps", "product, program, country", false},
    Table{"product_keys", "seq", true},
    Table{"machines", "seq", true},
    Table{"machine_digests", "digest, product_key, machine", false},
    Table{"returns", "seq", true},
    Table{"holders", "machine, device_key", false},
    Table{"licenses", "id", false},
    Table{"leases", "license, sequence", false},
    Table{"tokens", "seq", true},
    Table{"receipts", "seq", true},
    Table{"ledgers", "seq", true},
    Table{"ledger_digests", "digest, product, ledger", false},
    Table{"ledger_devices", "device_key, ledger", false},
    Table{"answers", "device_key, idempotency_key", false},
    Table{"previews", "seq", true},
};

/// Chained over rows, so that neither a row nor its place can change unnoticed.
class Digest {
public:
    void add(const Value& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value))
            put('n', std::to_string(*number));
        else if (const auto* text = std::get_if<std::string_view>(&value))
            put('t', *text);
        else if (const auto* blob = std::get_if<Blob>(&value))
            put('b', {reinterpret_cast<const char*>(blob->data()), blob->size()});
        else
            put('0', {});
    }
    void end_row() {
        row_.append(reinterpret_cast<const char*>(chain_.data()), chain_.size());
        chain_ = licensing::sha256(row_);
        row_.clear();
        ++rows_;
    }
    std::int64_t rows() const { return rows_; }
    friend bool operator==(const Digest& a, const Digest& b) {
        return a.rows_ == b.rows_ && a.chain_ == b.chain_;
    }

private:
    void put(char kind, std::string_view bytes) {
        row_ += kind + std::to_string(bytes.size()) + ':';
        row_ += bytes;
    }

    std::string row_;
    licensing::Sha256 chain_{};
    std::int64_t rows_ = 0;
};

class Move {
public:
    Move(Database& from, Database& to, const MoveProgress& progress)
        : from_(from), to_(to), progress_(progress) {}

    Result<MovedTable> table(const Table& table) {
        const auto columns = columns_of(table);
        if (!columns) return fail(columns.error());
        std::string names;
        std::string places;
        for (const auto& column : *columns) {
            names += (names.empty() ? "" : ", ") + column;
            places += places.empty() ? "?" : ", ?";
        }
        const std::string name(table.name);
        const char* read =
            kept("SELECT " + names + " FROM " + name + " ORDER BY " + std::string(table.key));
        const char* write =
            kept("INSERT INTO " + name + " (" + names + ") VALUES (" + places + ")");
        const int count = static_cast<int>(columns->size());
        const auto copied = copy(table.name, read, write, count);
        if (!copied) return fail(copied.error());
        const auto arrived = digest_of(to_, read, count);
        if (!arrived) return fail(arrived.error());
        if (!(*arrived == *copied))
            return fail(Code::storage_failed, "table " + name + " did not arrive as it was");
        if (table.numbered)
            if (auto set = to_.execute("SELECT setval(pg_get_serial_sequence('" + name +
                                       "', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM " + name +
                                       "), false)");
                !set)
                return fail(std::move(set.error()));
        progress_({table.name, copied->rows()});
        return MovedTable{table.name, copied->rows()};
    }

private:
    /// A database knows its statements by the address of their text.
    const char* kept(std::string sql) { return texts_.emplace_back(std::move(sql)).c_str(); }

    Result<std::vector<std::string>> columns_of(const Table& table) {
        Query query = to_.query(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position");
        query.bind(table.name);
        std::vector<std::string> names;
        for (;;) {
            const auto row = query.step();
            if (!row) return fail(row.error());
            if (!*row) return names;
            names.push_back(query.text(0));
        }
    }

    Result<Digest> copy(std::string_view name, const char* read, const char* write, int columns) {
        constexpr std::int64_t kTellEvery = 1000;
        Digest digest;
        Query rows = from_.query(read);
        for (;;) {
            const auto row = rows.step();
            if (!row) return fail(row.error());
            if (!*row) return digest;
            Query insert = to_.query(write);
            for (int i = 0; i < columns; ++i) {
                const Value value = rows.value(i);
                digest.add(value);
                insert.bind(value);
            }
            if (auto done = insert.run(); !done) return fail(std::move(done.error()));
            digest.end_row();
            if (digest.rows() % kTellEvery == 0) progress_({name, digest.rows()});
        }
    }

    static Result<Digest> digest_of(Database& db, const char* read, int columns) {
        Digest digest;
        Query rows = db.query(read);
        for (;;) {
            const auto row = rows.step();
            if (!row) return fail(row.error());
            if (!*row) return digest;
            for (int i = 0; i < columns; ++i) digest.add(rows.value(i));
            digest.end_row();
        }
    }

    Database& from_;
    Database& to_;
    const MoveProgress& progress_;
    std::deque<std::string> texts_;
};

Result<void> prepare(PostgresDatabase& target, const PostgresUrl& url) {
    if (auto begun = begin_setup(target); !begun) return begun;
    const auto version = schema_version(target, url.shown);
    if (!version) return fail(version.error());
    if (*version != 0)
        return fail(Problem{Code::already_exists, url.shown + " holds a key server's records",
                            "Move to an empty database. If these are the records of this "
                            "directory, serve them with --database."});
    return bring_up_to_date(target, 0);
}

}  // namespace

Result<std::vector<MovedTable>> move_to_postgres(const std::filesystem::path& file,
                                                 const PostgresUrl& to, const StoreOwner& owner,
                                                 const MoveProgress& progress) {
    auto source = SqliteDatabase::open(file);
    if (!source) return fail(std::move(source.error()));
    auto target = PostgresDatabase::open(to);
    if (!target) return fail(std::move(target.error()));
    if (auto ready = prepare(**target, to); !ready) return fail(std::move(ready.error()));
    if (auto begun = (*source)->execute("BEGIN IMMEDIATE"); !begun)
        return fail(std::move(begun.error()));
    std::vector<MovedTable> moved;
    {
        Move move(**source, **target, progress);
        for (const auto& table : kTables) {
            auto done = move.table(table);
            if (!done) return fail(std::move(done.error()));
            moved.push_back(*done);
        }
    }
    auto closed = claim(**target, owner);
    if (closed) closed = (*target)->commit();
    if (closed) closed = note_moved(**source, to.shown);
    if (closed) closed = (*source)->execute("COMMIT");
    if (!closed) return fail(std::move(closed.error()));
    return moved;
}

}  // namespace latchkey::keyserver
