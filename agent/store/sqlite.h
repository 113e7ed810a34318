#pragma once

// A small RAII layer over SQLite's C interface, for this folder alone. Not thread-safe: one
// connection, one thread at a time. Failures: Code::state_corrupt where SQLite says that the file
// is damaged or no database, Code::storage_failed otherwise; details never hold bound values.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace latchkey::store {

class Statement {
public:
    /// Parameters are numbered from 1 in the order of the arguments; they must live until the next
    /// bind or the statement's end.
    template <class... Values>
    Statement& bind(const Values&... values) {
        clear();
        int index = 0;
        (bind_at(++index, values), ...);
        return *this;
    }
    /// True: a row is there; false: done.
    Result<bool> step();
    /// For statements that return no rows.
    Result<void> run();

    std::int64_t integer(int column) const;
    std::string text(int column) const;
    Bytes blob(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    void clear();
    void bind_at(int index, std::int64_t value);
    void bind_at(int index, std::string_view value);
    void bind_at(int index, std::span<const std::uint8_t> value);

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
public:
    /// Opens an existing file for reading and writing: no symbolic links, one exclusive connection,
    /// journal_mode=DELETE, synchronous=EXTRA.
    static Result<Database> open(const std::filesystem::path& path);
    /// A private one in memory.
    static Result<Database> open_memory();

    Result<void> run(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    /// The first column of the first row.
    Result<std::int64_t> integer(std::string_view sql);
    Result<std::string> text(std::string_view sql);
    bool is_read_only() const;

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    static Result<Database> open_handle(const std::string& name, int flags);

    std::unique_ptr<sqlite3, Close> handle_;
};

/// Begins at construction, rolls back at destruction unless committed.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept : database_(other.database_) {
        other.database_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace latchkey::store
