#pragma once

// libpq as a Database (sql.h): one connection with cached prepared statements. Values travel in
// binary but for numbers; nothing is ever put into the text of a statement.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keyserver/policy.h"
#include "keyserver/store/postgres_url.h"
#include "keyserver/store/sql.h"

struct pg_conn;
struct pg_result;

namespace latchkey::keyserver {

/// `?` and `?1` as PostgreSQL writes them: `$1`. Quoted text is left alone.
std::string numbered_placeholders(const char* sql);

struct FreeResult {
    void operator()(pg_result* result) const;
};
using PostgresResult = std::unique_ptr<pg_result, FreeResult>;

class PostgresDatabase;

class PostgresStatement final : public Statement {
public:
    PostgresStatement(PostgresDatabase& db, std::string name) : db_(db), name_(std::move(name)) {}

    Result<void> bind(int place, const Value& value) override;
    Result<bool> step() override;
    std::int64_t changes() const override;
    Value column(int index) const override;
    void reset() override;

private:
    struct Parameter {
        std::string bytes;
        bool binary = false;
        bool null = true;
    };

    PostgresDatabase& db_;
    std::string name_;
    std::vector<Parameter> parameters_;
    PostgresResult result_;
    int row_ = -1;
};

class PostgresDatabase final : public Database {
public:
    /// Connects, within kPostgresConnectSeconds a host. Fails with Code::database_unavailable where
    /// it cannot, with Code::config_invalid where the server is too old.
    static Result<std::unique_ptr<PostgresDatabase>> open(const PostgresUrl& url);
    ~PostgresDatabase() override;

    Result<void> execute(const std::string& sql) override;
    Result<void> commit();

    /// Not any more: a new connection is needed.
    bool lost() const;
    /// The transaction that begins now has other writers beside it.
    void locks_from_now_on(bool locks) { locks_ = locks; }

    /// From now on; nullopt: as long as it takes.
    void answer_within(std::optional<Duration> patience) { patience_ = patience; }

    // For statements.
    Result<PostgresResult> checked(pg_result* result);
    /// What came of a command that was sent (else the connection says why it was not). Null where
    /// none came in time: the connection is given up then.
    pg_result* answer(bool sent);
    pg_conn* handle() const { return handle_; }

private:
    explicit PostgresDatabase(pg_conn* handle) : handle_(handle) {}
    Result<Statement*> prepared(const char* sql) override;
    Result<void> settle();

    pg_conn* handle_;
    bool stale_ = false;
    bool silent_ = false;  ///< the server no longer answers
    std::optional<Duration> patience_ = kPostgresAnswerDeadline;
    int named_ = 0;
    std::map<const char*, std::unique_ptr<PostgresStatement>> cache_;
};

}  // namespace latchkey::keyserver
