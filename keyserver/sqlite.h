#pragma once

// A thin layer over SQLite's C API: connection, cached prepared statements, typed binding. One
// connection, used from one thread. Failures are Code::storage_failed, a damaged file
// Code::state_corrupt, a broken UNIQUE Code::already_exists; details never hold values.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace latchkey::keyserver {

/// One run of a prepared statement. Binding is positional and remembers the first failure, which
/// step() reports. Reset when destroyed; must not outlive its Database.
class Query {
public:
    explicit Query(Result<sqlite3_stmt*> statement);
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    template <class... Values>
    Query& bind(const Values&... values) {
        (put(values), ...);
        return *this;
    }

    /// True: a row is there to be read. False: the end.
    Result<bool> step();
    /// For statements without rows: how many rows they changed.
    Result<std::int64_t> run();

    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool boolean(int column) const { return integer(column) != 0; }
    ServerTime time(int column) const { return ServerTime{Duration{integer(column)}}; }
    std::optional<ServerTime> optional_time(int column) const;
    std::span<const std::uint8_t> blob(int column) const;

private:
    void put(std::string_view value);
    void put(std::int64_t value);
    void put(int value) { put(std::int64_t{value}); }
    void put(std::uint32_t value) { put(std::int64_t{value}); }
    void put(bool value) { put(std::int64_t{value}); }
    void put(ServerTime value) { put(std::int64_t{value.time_since_epoch().count()}); }
    void put(const std::optional<ServerTime>& value);
    void put(std::span<const std::uint8_t> value);
    void put(const std::string& value) { put(std::string_view(value)); }
    void put(const char* value) { put(std::string_view(value)); }
    void noted(int code);

    sqlite3_stmt* statement_ = nullptr;
    std::optional<Problem> problem_;
    int next_ = 1;
};

class Database {
public:
    /// Opens or creates the file. Changes nothing in it.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `sql` must be a literal: it is the key of the statement cache.
    Query query(const char* sql);
    /// One or more statements without values.
    Result<void> execute(const std::string& sql);
    Result<std::int64_t> read_number(const char* sql);

private:
    explicit Database(sqlite3* handle) : handle_(handle) {}

    sqlite3* handle_;
    std::map<const char*, sqlite3_stmt*> cache_;
};

}  // namespace latchkey::keyserver
