#include "keyserver/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace latchkey::keyserver {
namespace {

Problem problem_of(int code, sqlite3* handle) {
    const int primary = code & 0xff;
    Problem problem{Code::storage_failed, std::string("database: ") + sqlite3_errstr(code), {}};
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) problem.code = Code::state_corrupt;
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        problem.code = Code::already_exists;
    if (primary == SQLITE_ERROR && handle)
        problem.detail += std::string(": ") + sqlite3_errmsg(handle);
    return problem;
}

}  // namespace

Query::Query(Result<sqlite3_stmt*> statement) {
    if (statement)
        statement_ = *statement;
    else
        problem_ = std::move(statement.error());
}

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      problem_(std::move(other.problem_)),
      next_(other.next_) {}

Query::~Query() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

void Query::noted(int code) {
    if (code != SQLITE_OK && !problem_) problem_ = problem_of(code, nullptr);
}

void Query::put(std::string_view value) {
    if (problem_) return;
    const char* data = value.data() ? value.data() : "";
    noted(sqlite3_bind_text64(statement_, next_++, data, value.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
}

void Query::put(std::int64_t value) {
    if (!problem_) noted(sqlite3_bind_int64(statement_, next_++, value));
}

void Query::put(const std::optional<ServerTime>& value) {
    if (value) return put(*value);
    if (!problem_) noted(sqlite3_bind_null(statement_, next_++));
}

void Query::put(std::span<const std::uint8_t> value) {
    if (problem_) return;
    noted(sqlite3_bind_blob64(statement_, next_++, value.data(), value.size(), SQLITE_TRANSIENT));
}

Result<bool> Query::step() {
    if (problem_) return fail(*problem_);
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* handle = sqlite3_db_handle(statement_);
    problem_ = problem_of(sqlite3_extended_errcode(handle), handle);
    return fail(*problem_);
}

Result<std::int64_t> Query::run() {
    const auto stepped = step();
    if (!stepped) return fail(stepped.error());
    return sqlite3_changes64(sqlite3_db_handle(statement_));
}

std::string Query::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<ServerTime> Query::optional_time(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return time(column);
}

std::span<const std::uint8_t> Query::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
    sqlite3* handle = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK) {
        Problem problem = problem_of(code, nullptr);
        problem.detail += " (" + file.string() + ")";
        return fail(std::move(problem));
    }
    return database;
}

Database::~Database() {
    for (auto& [sql, statement] : cache_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

Query Database::query(const char* sql) {
    auto& statement = cache_[sql];
    if (!statement) {
        const int code =
            sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return Query(fail(problem_of(code, handle_)));
    }
    return Query(statement);
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(problem_of(code, handle_));
    return {};
}

Result<std::int64_t> Database::read_number(const char* sql) {
    Query query = this->query(sql);
    const auto row = query.step();
    if (!row) return fail(row.error());
    return *row ? query.integer(0) : 0;
}

}  // namespace latchkey::keyserver
