#include "keyserver/store/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <bit>
#include <cctype>
#include <charconv>

#include "keyserver/policy.h"

namespace latchkey::keyserver {
namespace {

// Types of columns, by the numbers of pg_type.dat.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt4 = 23;

std::string first_line(const char* text) {
    std::string line = text ? text : "";
    if (const auto end = line.find('\n'); end != std::string::npos) line.resize(end);
    return line;
}

/// Messages of these classes speak of the server and never of a value: connection, resources,
/// operator intervention, system, transaction state, authorization, names.
bool is_safe_to_quote(std::string_view state) {
    constexpr std::array<std::string_view, 11> kClasses{"08", "25", "28", "3D", "3F", "40",
                                                        "42", "53", "55", "57", "58"};
    for (const auto each : kClasses)
        if (state.starts_with(each)) return true;
    return state == "XX001" || state == "XX002";
}

Code code_of(std::string_view state) {
    if (state == "23505") return Code::already_exists;
    if (state == "40001" || state == "40P01") return Code::state_locked;
    if (state == "XX001" || state == "XX002") return Code::state_corrupt;
    return Code::database_unavailable;
}

constexpr const char* kRemedy =
    "Check that PostgreSQL runs, can be reached and is not full or read-only; see its log.";

Problem problem_of(const pg_result* result, const pg_conn* handle) {
    const char* field = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const std::string state = field ? field : "";
    Problem problem{code_of(state), "PostgreSQL: ", kRemedy};
    if (state.empty()) {
        problem.detail += first_line(PQerrorMessage(handle));
        return problem;
    }
    problem.detail += state;
    if (is_safe_to_quote(state))
        problem.detail += " " + first_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME))
        problem.detail += " (" + std::string(constraint) + ")";
    if (problem.code == Code::already_exists) problem.remedy.clear();
    return problem;
}

/// None: libpq itself speaks, of a connection that is gone, whatever PQstatus says still. 0A000: a
/// newer server has changed the tables, and plans made before are of no use.
bool ends_the_connection(std::string_view state) {
    return state.empty() || state.starts_with("08") || state.starts_with("57P") || state == "0A000";
}

void ignore_notices(void*, const char*) {}

std::int64_t big_endian(const char* bytes, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    return static_cast<std::int64_t>(value);
}

}  // namespace

void FreeResult::operator()(pg_result* result) const { PQclear(result); }

std::string numbered_placeholders(const char* sql) {
    std::string out;
    int next = 1;
    bool quoted = false;
    for (; *sql; ++sql) {
        if (*sql == '\'') quoted = !quoted;
        if (*sql != '?' || quoted) {
            out += *sql;
            continue;
        }
        out += '$';
        if (!std::isdigit(static_cast<unsigned char>(sql[1]))) out += std::to_string(next++);
    }
    return out;
}

// --- statements

Result<void> PostgresStatement::bind(int place, const Value& value) {
    const auto index = static_cast<std::size_t>(place - 1);
    if (parameters_.size() <= index) parameters_.resize(index + 1);
    Parameter& parameter = parameters_[index];
    parameter.null = false;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *number).ptr;
        parameter.bytes.assign(digits.data(), end);
        parameter.bytes += '\0';
        parameter.binary = false;
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        parameter.bytes.assign(*text);
        parameter.binary = true;
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
        parameter.bytes.assign(blob->begin(), blob->end());
        parameter.binary = true;
    } else {
        parameter.null = true;
    }
    return {};
}

Result<bool> PostgresStatement::step() {
    if (!result_) {
        std::vector<const char*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
        for (const auto& parameter : parameters_) {
            values.push_back(parameter.null ? nullptr : parameter.bytes.data());
            lengths.push_back(static_cast<int>(parameter.bytes.size()));
            formats.push_back(parameter.binary ? 1 : 0);
        }
        auto result = db_.checked(db_.answer(
            PQsendQueryPrepared(db_.handle(), name_.c_str(), static_cast<int>(values.size()),
                                values.data(), lengths.data(), formats.data(), 1)));
        if (!result) return fail(std::move(result.error()));
        result_ = std::move(*result);
    }
    return ++row_ < PQntuples(result_.get());
}

std::int64_t PostgresStatement::changes() const {
    std::int64_t changed = 0;
    const std::string_view text = PQcmdTuples(result_.get());
    std::from_chars(text.data(), text.data() + text.size(), changed);
    return changed;
}

Value PostgresStatement::column(int index) const {
    if (PQgetisnull(result_.get(), row_, index)) return {};
    const char* bytes = PQgetvalue(result_.get(), row_, index);
    const int size = PQgetlength(result_.get(), row_, index);
    const auto length = static_cast<std::size_t>(size);
    switch (PQftype(result_.get(), index)) {
        case kInt8:
        case kInt4:
        case kBool:
            return big_endian(bytes, size);
        case kBytea:
            return Blob(reinterpret_cast<const std::uint8_t*>(bytes), length);
        default:
            return std::string_view(bytes, length);
    }
}

void PostgresStatement::reset() {
    result_.reset();
    row_ = -1;
    for (auto& parameter : parameters_) parameter.null = true;
}

// --- connection

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const PostgresUrl& url) {
    const std::string patience = std::to_string(kPostgresConnectSeconds);
    // What stands before "dbname" is overruled by the URL.
    const std::array<const char*, 9> names{"connect_timeout",
                                           "target_session_attrs",
                                           "keepalives_idle",
                                           "keepalives_interval",
                                           "keepalives_count",
                                           "fallback_application_name",
                                           "client_encoding",
                                           "dbname",
                                           nullptr};
    const std::array<const char*, 9> values{
        patience.c_str(), "read-write",     "20",   "5", "3", "latchkey-keyserver",
        "UTF8",           url.text.c_str(), nullptr};
    std::unique_ptr<PostgresDatabase> db(
        new PostgresDatabase(PQconnectdbParams(names.data(), values.data(), 1)));
    if (PQstatus(db->handle_) != CONNECTION_OK) {
        Problem problem = problem_of(nullptr, db->handle_);
        problem.detail += " (" + url.shown + ")";
        return fail(std::move(problem));
    }
    PQsetNoticeProcessor(db->handle_, ignore_notices, nullptr);
    if (PQserverVersion(db->handle_) < kPostgresOldestVersion * 10000)
        return fail(Problem{
            Code::config_invalid,
            url.shown + " is PostgreSQL " + std::to_string(PQserverVersion(db->handle_) / 10000),
            "Version " + std::to_string(kPostgresOldestVersion) + " or newer is needed."});
    if (auto settled = db->settle(); !settled) return fail(std::move(settled.error()));
    return db;
}

PostgresDatabase::~PostgresDatabase() {
    cache_.clear();
    PQfinish(handle_);
}

/// What is acknowledged survives a power cut (a stricter setting of the server's is left alone),
/// nobody waits for ever, and who waited sees what the other committed.
Result<void> PostgresDatabase::settle() {
    const auto ms = [](Duration time) { return std::to_string(time.count()); };
    return execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE "
        "current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');"
        "SET default_transaction_isolation = 'read committed';"
        "SET statement_timeout = " +
        ms(kPostgresStatementDeadline) + "; SET lock_timeout = " + ms(kPostgresLockDeadline) +
        "; SET idle_in_transaction_session_timeout = " + ms(kPostgresStatementDeadline));
}

bool PostgresDatabase::lost() const { return stale_ || PQstatus(handle_) != CONNECTION_OK; }

pg_result* PostgresDatabase::answer(bool sent) {
    if (!sent || stale_) return nullptr;
    pollfd socket{PQsocket(handle_), POLLIN, 0};
    PostgresResult last;
    for (;;) {
        while (PQisBusy(handle_)) {
            const int patience = patience_ ? static_cast<int>(patience_->count()) : -1;
            const int ready = ::poll(&socket, 1, patience);
            if (ready < 0 && errno == EINTR) continue;
            if (ready == 0) stale_ = silent_ = true;
            if (ready <= 0 || PQconsumeInput(handle_) == 0) return nullptr;
        }
        PostgresResult next(PQgetResult(handle_));
        if (!next) return last.release();
        // Of several commands the last one answers, or the first that failed.
        const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        if (!failed) last = std::move(next);
    }
}

Result<PostgresResult> PostgresDatabase::checked(pg_result* raw) {
    PostgresResult result(raw);
    switch (PQresultStatus(raw)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            return result;
        default: {
            if (silent_)
                return fail(Code::database_unavailable,
                            "PostgreSQL: it took a command and does not answer");
            const char* state = raw ? PQresultErrorField(raw, PG_DIAG_SQLSTATE) : nullptr;
            if (ends_the_connection(state ? state : "")) stale_ = true;
            return fail(problem_of(raw, handle_));
        }
    }
}

Result<Statement*> PostgresDatabase::prepared(const char* sql) {
    auto& statement = cache_[sql];
    if (!statement) {
        const std::string name = "s" + std::to_string(++named_);
        auto made = checked(answer(
            PQsendPrepare(handle_, name.c_str(), numbered_placeholders(sql).c_str(), 0, nullptr)));
        if (!made) return fail(std::move(made.error()));
        statement = std::make_unique<PostgresStatement>(*this, name);
    }
    return statement.get();
}

Result<void> PostgresDatabase::commit() {
    const auto done = checked(answer(PQsendQuery(handle_, "COMMIT")));
    if (!done) return fail(done.error());
    // After a failure COMMIT "succeeds" in rolling back.
    if (std::string_view(PQcmdStatus(done->get())) != "COMMIT")
        return fail(Code::database_unavailable, "PostgreSQL: the transaction had failed before");
    return {};
}

Result<void> PostgresDatabase::execute(const std::string& sql) {
    const auto done = checked(answer(PQsendQuery(handle_, sql.c_str())));
    if (!done) return fail(done.error());
    return {};
}

}  // namespace latchkey::keyserver
