#pragma once

// SQLite's C API as a Database (sql.h): one connection with cached prepared statements.

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "keyserver/store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace latchkey::keyserver {

class SqliteStatement final : public Statement {
public:
    explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
    ~SqliteStatement() override;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    Result<void> bind(int place, const Value& value) override;
    Result<bool> step() override;
    std::int64_t changes() const override;
    Value column(int index) const override;
    void reset() override;

private:
    sqlite3_stmt* statement_;
};

class SqliteDatabase final : public Database {
public:
    /// Opens or creates the file. Changes nothing in it.
    static Result<std::unique_ptr<SqliteDatabase>> open(const std::filesystem::path& file);
    ~SqliteDatabase() override;

    Result<void> execute(const std::string& sql) override;
    /// False also where a failure rolled the transaction back by itself.
    bool in_transaction() const;

private:
    explicit SqliteDatabase(sqlite3* handle) : handle_(handle) {}
    Result<Statement*> prepared(const char* sql) override;

    sqlite3* handle_;
    std::map<const char*, std::unique_ptr<SqliteStatement>> cache_;
};

}  // namespace latchkey::keyserver
