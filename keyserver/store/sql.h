#pragma once

// What the topics of store.h need of a database: statements in one dialect, bound and read as
// values. Two databases speak it (sqlite.h, postgres.h). Placeholders are ? and ?1; both know ON
// CONFLICT, FILTER and LIMIT.
//
// A database is one connection, used from one thread at a time. Failures are Code::storage_failed
// (SQLite) or database_unavailable (PostgreSQL), a damaged database Code::state_corrupt, a broken
// UNIQUE Code::already_exists, a race lost to another transaction Code::state_locked (store.h);
// details never hold values.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::keyserver {

using Blob = std::span<const std::uint8_t>;
/// On its way in or out; whoever gives it keeps its bytes. std::monostate: NULL.
using Value = std::variant<std::monostate, std::int64_t, std::string_view, Blob>;

/// A prepared statement, kept by its database.
class Statement {
public:
    virtual ~Statement() = default;
    /// `place` counts from 1. Takes a copy of the value.
    virtual Result<void> bind(int place, const Value& value) = 0;
    /// True: a row is there to be read. False: the end.
    virtual Result<bool> step() = 0;
    /// Rows that the last run changed.
    virtual std::int64_t changes() const = 0;
    /// Of the row; until the next step.
    virtual Value column(int index) const = 0;
    /// Ready for the next run, all values forgotten.
    virtual void reset() = 0;
};

/// One run of a statement. Binding is positional and remembers the first failure, which step()
/// reports. Resets the statement when destroyed; must not outlive its Database.
class Query {
public:
    explicit Query(Result<Statement*> statement);
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    template <class... Values>
    Query& bind(const Values&... values) {
        (put(values), ...);
        return *this;
    }

    Result<bool> step();
    /// For statements without rows: how many rows they changed.
    Result<std::int64_t> run();

    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool boolean(int column) const { return integer(column) != 0; }
    ServerTime time(int column) const { return ServerTime{Duration{integer(column)}}; }
    std::optional<ServerTime> optional_time(int column) const;
    Blob blob(int column) const;
    Value value(int column) const { return statement_->column(column); }

private:
    void put(const Value& value);
    void put(std::string_view value) { put(Value(value)); }
    void put(std::int64_t value) { put(Value(value)); }
    void put(int value) { put(Value(std::int64_t{value})); }
    void put(std::uint32_t value) { put(Value(std::int64_t{value})); }
    void put(bool value) { put(Value(std::int64_t{value})); }
    void put(ServerTime value) { put(Value(std::int64_t{value.time_since_epoch().count()})); }
    void put(const std::optional<ServerTime>& value);
    void put(Blob value) { put(Value(value)); }
    void put(const std::string& value) { put(Value(std::string_view(value))); }
    void put(const char* value) { put(Value(std::string_view(value))); }

    Statement* statement_ = nullptr;
    std::optional<Problem> problem_;
    int next_ = 1;
};

class Database {
public:
    virtual ~Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `sql` must be a literal: its address is the key of the statement cache.
    Query query(const char* sql) { return Query(prepared(sql)); }
    /// One or more statements without values.
    virtual Result<void> execute(const std::string& sql) = 0;
    /// The first column of the first row; 0 where there is none.
    Result<std::int64_t> read_number(const char* sql);

    /// Are there writers beside this transaction, so that it must lock what it decides about?
    /// Never in SQLite: its writing transactions come one after the other.
    bool locks() const { return locks_; }
    /// Waits for a lock: `sql` takes one for `value`, until the transaction ends. Nothing happens
    /// where there is nobody to wait for.
    Result<void> lock(const char* sql, const Value& value);

protected:
    Database() = default;
    bool locks_ = false;

private:
    virtual Result<Statement*> prepared(const char* sql) = 0;
};

}  // namespace latchkey::keyserver
