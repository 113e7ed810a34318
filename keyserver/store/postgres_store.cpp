#include "keyserver/store/postgres_store.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "keyserver/policy.h"
#include "keyserver/store/postgres.h"
#include "keyserver/store/postgres_schema.h"
#include "keyserver/store/sql_topics.h"

namespace latchkey::keyserver {
namespace {

/// One connection with everything on it.
struct Session {
    explicit Session(std::unique_ptr<PostgresDatabase> connected)
        : db(std::move(connected)), topics(*db) {}
    std::unique_ptr<PostgresDatabase> db;
    SqlTopics topics;
};

// An advisory lock, "LKKS" and 1, keeps administrators and everybody else apart (Access::alone).
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* kBeginWrite =
    "BEGIN; SELECT pg_advisory_xact_lock_shared(x'4c4b4b5300000001'::bigint)";
constexpr const char* kBeginAlone =
    "BEGIN; SELECT pg_advisory_xact_lock(x'4c4b4b5300000001'::bigint)";

const char* begin_statement(Store::Access access) {
    switch (access) {
        case Store::Access::read:
            return kBeginRead;
        case Store::Access::write:
            return kBeginWrite;
        case Store::Access::alone:
            return kBeginAlone;
    }
    return kBeginAlone;
}

/// The connections that nobody uses now, and when another may be made.
class Pool {
public:
    Pool(PostgresUrl url, const platform::Clock& clock) : url_(std::move(url)), clock_(clock) {}

    /// Null: there is none.
    std::unique_ptr<Session> idle() {
        const std::scoped_lock lock(mutex_);
        if (idle_.empty()) return nullptr;
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
    }

    void give_back(std::unique_ptr<Session> session) {
        if (session->db->lost()) return;
        const std::scoped_lock lock(mutex_);
        if (idle_.size() < static_cast<std::size_t>(kPostgresConnections))
            idle_.push_back(std::move(session));
    }

    Result<std::unique_ptr<Session>> connect() {
        if (auto early = too_early()) return fail(std::move(*early));
        auto db = PostgresDatabase::open(url_);
        const std::scoped_lock lock(mutex_);
        if (!db) {
            pause_ = pause_ == Duration{0} ? kPostgresFirstPause
                                           : std::min(pause_ * 2, kPostgresLongestPause);
            next_try_ = clock_.now().since_boot + pause_;
            last_ = db.error();
            return fail(std::move(db.error()));
        }
        pause_ = Duration{0};
        return std::make_unique<Session>(std::move(*db));
    }

private:
    std::optional<Problem> too_early() {
        const std::scoped_lock lock(mutex_);
        if (pause_ == Duration{0} || clock_.now().since_boot >= next_try_) return std::nullopt;
        return last_;
    }

    const PostgresUrl url_;
    const platform::Clock& clock_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Session>> idle_;
    Duration pause_{0};
    SinceBoot next_try_;
    Problem last_;
};

class PostgresTransaction final : public Transaction {
public:
    PostgresTransaction(Pool& pool, std::unique_ptr<Session> session)
        : pool_(pool), session_(std::move(session)) {}
    ~PostgresTransaction() override {
        auto& db = *session_->db;
        const bool clean = !open_ || (!db.lost() && db.execute("ROLLBACK"));
        if (clean) pool_.give_back(std::move(session_));
    }
    Stores& stores() override { return session_->topics.all; }
    Result<void> commit() override {
        auto committed = session_->db->commit();
        if (committed) open_ = false;
        return committed;
    }

    /// Others' work is seen after their commit only.
    Result<void> let_go() override { return {}; }

private:
    Pool& pool_;
    std::unique_ptr<Session> session_;
    bool open_ = true;
};

class PostgresStore final : public Store {
public:
    PostgresStore(const PostgresUrl& url, const platform::Clock& clock) : pool_(url, clock) {}

    int parallel() const override { return kPostgresConnections; }

    Result<std::unique_ptr<Transaction>> begin(Access access) override {
        // A connection may have died while nobody used it: nothing is lost by taking the next.
        while (auto session = pool_.idle()) {
            auto begun = begin_on(std::move(session), access);
            if (!begun) return fail(std::move(begun.error()));
            if (*begun) return begun;
        }
        auto session = pool_.connect();
        if (!session) return fail(std::move(session.error()));
        auto begun = begin_on(std::move(*session), access);
        if (begun && !*begun)
            return fail(Code::database_unavailable, "PostgreSQL: the connection was lost again");
        return begun;
    }

private:
    /// Null: the connection is gone.
    Result<std::unique_ptr<Transaction>> begin_on(std::unique_ptr<Session> session, Access access) {
        PostgresDatabase& db = *session->db;
        db.locks_from_now_on(access == Access::write);
        const auto begun = db.execute(begin_statement(access));
        if (begun) return std::make_unique<PostgresTransaction>(pool_, std::move(session));
        if (db.lost()) return std::unique_ptr<Transaction>{};
        if (db.execute("ROLLBACK")) pool_.give_back(std::move(session));
        return fail(begun.error());
    }

    Pool pool_;
};

Result<void> set_up(PostgresDatabase& db, const PostgresUrl& url, const StoreOwner& owner,
                    Start start) {
    if (auto begun = begin_setup(db); !begun) return begun;
    const auto version = schema_version(db, url.shown);
    if (!version) return fail(version.error());
    if (*version == 0 && start == Start::later)
        return fail(Problem{Code::state_corrupt,
                            url.shown + " is empty, though this key server was in use",
                            "Name the database that it works on, restore that from a backup, or "
                            "move latchkey.db there with 'admin migrate --to'."});
    auto ready = bring_up_to_date(db, *version);
    if (ready) ready = check_owner(db, owner, url.shown);
    if (!ready) return ready;
    return db.commit();
}

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const PostgresUrl& url, const StoreOwner& owner,
                                                   Start start, const platform::Clock& clock) {
    const auto db = PostgresDatabase::open(url);
    if (!db) return fail(db.error());
    if (auto ready = set_up(**db, url, owner, start); !ready) return fail(std::move(ready.error()));
    return std::make_unique<PostgresStore>(url, clock);
}

Result<bool> holds_records(const PostgresUrl& url) {
    const auto db = PostgresDatabase::open(url);
    if (!db) return fail(db.error());
    const auto version = schema_version(**db, url.shown);
    if (!version) return fail(version.error());
    if (*version == 0) return false;
    return holds_records(**db);
}

}  // namespace latchkey::keyserver
