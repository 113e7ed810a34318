// No question costs more because the estate is large: how much a database reads to answer it is
// counted by the database itself, on an estate of one great product key and one small one. Rows
// are counted, never time.

#include <sqlite3.h>

#include <functional>

#include "keyserver/store/postgres.h"
#include "keyserver/store/postgres_store.h"
#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sqlite.h"
#include "keyserver/store/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/postgres_cluster.h"
#include "tests/unit/keyserver/store_fixture.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr int kEstate = 5'000;
/// What is asked first costs more: PostgreSQL plans a statement anew for its first five values,
/// then settles on one plan for all, which is the one that runs for ever after.
constexpr int kUntilPlanned = 8;

/// A database that counts what it reads.
class Counting {
public:
    virtual ~Counting() = default;
    virtual Database& db() = 0;
    /// Since the transaction began, or longer.
    virtual std::int64_t work() = 0;
    /// More than any question below costs, and far less than a walk over the estate.
    virtual std::int64_t bound() const = 0;
    /// A digest that is number `i`, in SQL.
    virtual std::string digest(const std::string& i) const = 0;
    /// How many there are of each value.
    virtual void learn() = 0;
    /// Somebody sees to that (autovacuum, which is off in the tests' cluster).
    virtual bool learns_by_itself() const = 0;
};

/// Steps of SQLite's virtual machine: some ten for each row that is looked at.
class CountingSqlite final : public Counting {
public:
    CountingSqlite() {
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
        EXPECT_TRUE(open_sqlite_store(file_, kOwner, Start::first));
        db_ = SqliteDatabase::open(file_).value();
        sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch));
        EXPECT_TRUE(db_->execute("PRAGMA synchronous = OFF"));
    }
    Database& db() override { return *db_; }
    std::int64_t work() override { return steps_; }
    std::int64_t bound() const override { return 5'000; }
    std::string digest(const std::string& i) const override {
        return "CAST(printf('%032d', " + i + ") AS BLOB)";
    }
    void learn() override { EXPECT_TRUE(db_->execute("ANALYZE")); }
    bool learns_by_itself() const override { return false; }

private:
    static int watch(sqlite3* db, char** /*error*/, const sqlite3_api_routines* /*api*/) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &ran, nullptr);
    }
    static int ran(unsigned /*type*/, void* /*context*/, void* statement, void* /*time*/) {
        steps_ += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement),
                                      SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }

    inline static std::int64_t steps_ = 0;
    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "latchkey.db";
    std::unique_ptr<SqliteDatabase> db_;
};

/// Rows that PostgreSQL read from tables, by index or without.
class CountingPostgres final : public Counting {
public:
    CountingPostgres() {
        EXPECT_TRUE(open_postgres_store(url_, kOwner, Start::first, clock_));
        db_ = PostgresDatabase::open(url_).value();
    }
    Database& db() override { return *db_; }
    std::int64_t work() override {
        return db_
            ->read_number(
                "SELECT CAST(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS BIGINT) "
                "FROM pg_stat_xact_user_tables")
            .value();
    }
    std::int64_t bound() const override { return 200; }
    std::string digest(const std::string& i) const override {
        return "decode(lpad(CAST(" + i + " AS TEXT), 64, '0'), 'hex')";
    }
    void learn() override { EXPECT_TRUE(db_->execute("VACUUM ANALYZE")); }
    bool learns_by_itself() const override { return true; }

private:
    fakes::FakeClock clock_;
    PostgresUrl url_ = parse_postgres_url(fakes::PostgresCluster::shared().new_database()).value();
    std::unique_ptr<PostgresDatabase> db_;
};

struct Side {
    const char* name;
    std::unique_ptr<Counting> (*make)();
};

void run(Counting& counting, std::string sql) {
    const auto replace = [&](const std::string& what, const std::string& by) {
        for (std::size_t at = 0; (at = sql.find(what, at)) != std::string::npos; at += by.size())
            sql.replace(at, what.size(), by);
    };
    replace("{digest}", counting.digest("i"));
    replace("{none}", fingerprint_text({"salt", {}}));
    replace("{estate}", std::to_string(kEstate));
    const auto done = counting.db().execute(sql);
    ASSERT_TRUE(done) << done.error().detail << "\n" << sql;
}

/// What is small stands at both ends of every table: a walk along all rows in either order, to find
/// a page of the small ones, passes the whole estate.
void fill(Counting& counting) {
    const auto insert = [&](const std::string& into, const std::string& values) {
        run(counting,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {estate}) "
            "INSERT INTO " +
                into + " SELECT " + values + " FROM n");
    };
    const auto either = [](const std::string& small, const std::string& great) {
        return "CASE WHEN i <= 3 OR i > {estate} - 3 THEN '" + small + "' ELSE '" + great + "' END";
    };
    const std::string key = either("key_1", "key_4");
    run(counting, R"(
INSERT INTO products (id, name, version, needs_activation, excluded_platforms, qualifying_os,
                      key_group, token_group, manifest_version, created_at)
VALUES ('great', 'Great', '', 1, '[]', '[]', 7, 8, 1, 1), ('small', 'Small', '', 1, '[]', '[]', 9, 10, 1, 1);
INSERT INTO organizations (id, name, created_at) VALUES ('great', 'Great', 1), ('small', 'Small', 1);
INSERT INTO entitlements (id, product, program, organization, quantity, activations, country, created_at)
VALUES ('great', 'great', 'ai-cloud', 'great', 9, 9, '', 1), ('small', 'great', 'ai-cloud', 'great', 9, 9, '', 1))");
    insert("locations (organization, id, name, country, created_at)",
           either("small", "great") + ", 'loc_' || i, 'Somewhere', 'DE', i");
    insert("product_keys (id, entitlement, digest, last5, activations, used, blocked, created_at)",
           "'key_' || i, " + either("small", "great") + ", {digest}, 'ABCDE', 9, 0, 0, i");
    insert(
        "tokens (id, entitlement, digest, last5, service, seats, year_ends_at, blocked, "
        "redeemed_by, receipt, answer, created_at)",
        "'tok_' || i, " + either("small", "great") +
            ", {digest}, 'ABCDE', 'cloud', 1, i, 0, '', '', '', i");
    insert(
        "machines (id, product_key, state, counting_baseline, matching_baseline, counted, "
        "platform, "
        "claimed_location, claimed_country, created_at, last_seen_at)",
        "'mch_' || i, " + key + ", 'active', '{none}', '{none}', 1, 'linux', '', '', i, i");
    insert("machine_digests (digest, product_key, machine)", "{digest}, " + key + ", 'mch_' || i");
    insert("holders (machine, device_key, first_seen_at, last_seen_at)",
           "'mch_' || i, 'device_' || i, i, i");
    insert("licenses (id, machine, product_key, device_key, ended, lease_sequence, issued_at)",
           "'lic_' || i, 'mch_' || i, " + key + ", 'device_' || i, 0, 2, i");
    insert("leases (license, sequence, after, issued_at)", "'lic_' || i, 1, 0, i");
    insert("leases (license, sequence, after, issued_at)", "'lic_' || i, 2, 1, i");
    insert(
        "receipts (id, kind, machine, product_key, license, device_key, counted, returned, "
        "continuity, verdict, at, jws)",
        "'rcp_' || i, " + either("release", "activation") + ", " + either("mch_1", "mch_4") + ", " +
            key + ", 'lic_' || i, 'device_' || i, 0, 0, 'none', 'same', i, ''");
    insert("answers (device_key, idempotency_key, request_hash, status, body, at)",
           "'device_' || i, 'again', {digest}, 200, 'body', i");
    insert("returns (machine, product_key, due_at)", "'mch_' || i, " + key + ", {estate} + i");
    insert("previews (product_key, device_key, verdict, refusal, count, at)",
           key + ", 'device_' || i, 'same', '', 0, i");
    insert(
        "ledgers (id, product, matching_baseline, first_grace_at, graces, rearms_used, "
        "period_began_at, extended, frozen, grace_began_at, fresh_allowed, platform, created_at, "
        "last_seen_at)",
        "'led_' || i, " + either("small", "great") +
            ", '{none}', i, '[]', 0, i, 0, 0, i, 1, 'linux', i, i");
    insert("ledger_digests (digest, product, ledger)",
           "{digest}, " + either("small", "great") + ", 'led_' || i");
    insert("ledger_devices (device_key, ledger, first_seen_at, last_seen_at)",
           "'device_' || i, 'led_' || i, i, i");
}

ServerTime at(int number) { return ServerTime{Duration{number}}; }

struct Question {
    const char* name;
    std::function<std::string(Stores&)> ask;  ///< what went wrong
};

const Page kPage{10, {}};

template <class T>
std::string why(const Result<T>& result) {
    return result ? "" : result.error().detail;
}

std::vector<Question> questions() {
    const hwid::Digest digest{};
    return {
        {"products", [](Stores& s) { return why(s.products.list(kPage)); }},
        {"locations of one organization",
         [](Stores& s) { return why(s.organizations.locations("small", kPage)); }},
        {"locations", [](Stores& s) { return why(s.organizations.locations("", kPage)); }},
        {"keys", [](Stores& s) { return why(s.keys.list("", kPage)); }},
        {"keys of one entitlement", [](Stores& s) { return why(s.keys.list("small", kPage)); }},
        {"use of an entitlement", [](Stores& s) { return why(s.entitlements.use_of("small")); }},
        {"a key by its digest",
         [](Stores& s) {
             return why(s.keys.find_by_digest(s.keys.find("key_9").value()->digest));
         }},
        {"tokens of one entitlement", [](Stores& s) { return why(s.tokens.list("small", kPage)); }},
        {"tokens", [](Stores& s) { return why(s.tokens.list("", kPage)); }},
        {"a machine", [](Stores& s) { return why(s.machines.find("mch_99")); }},
        {"machines", [](Stores& s) { return why(s.machines.list({}, kPage)); }},
        {"machines of the small key",
         [](Stores& s) {
             return why(s.machines.list({"key_1", {}, {}}, kPage));
         }},
        {"machines of the great key",
         [](Stores& s) {
             return why(s.machines.list({"key_4", {}, {}}, kPage));
         }},
        {"candidates of a key",
         [=](Stores& s) { return why(s.machines.showing("key_4", digest, 33)); }},
        {"machines that show a digest",
         [=](Stores& s) { return why(s.machines.showing("", digest, 16)); }},
        {"returns that are due",
         [](Stores& s) { return why(s.machines.take_returns("key_4", at(kEstate))); }},
        {"holders of a machine", [](Stores& s) { return why(s.holders.of("mch_99")); }},
        {"machines a device held",
         [](Stores& s) { return why(s.holders.machines_of("key_4", "device_99")); }},
        {"a license", [](Stores& s) { return why(s.licenses.find("lic_99")); }},
        {"licenses of a machine", [](Stores& s) { return why(s.licenses.of("mch_99")); }},
        {"leases of a license", [](Stores& s) { return why(s.licenses.leases("lic_99", 1000)); }},
        {"an answer given before",
         [](Stores& s) { return why(s.decisions.recall("device_99", "again")); }},
        {"answers to empty",
         [](Stores& s) { return why(s.decisions.empty_bodies(at(kEstate), 8)); }},
        {"a receipt", [](Stores& s) { return why(s.decisions.receipt("rcp_99")); }},
        {"receipts", [](Stores& s) { return why(s.decisions.receipts("", kPage)); }},
        {"receipts of a machine",
         [](Stores& s) { return why(s.decisions.receipts("mch_1", kPage)); }},
        {"what a machine's receipts add up to",
         [](Stores& s) { return why(s.decisions.tally("mch_1", at(0))); }},
        {"previews of a device",
         [](Stores& s) { return why(s.previews.count("key_1", "device_1", at(0))); }},
        {"ledgers of a product", [](Stores& s) { return why(s.ledgers.list("small", kPage)); }},
        {"ledgers", [](Stores& s) { return why(s.ledgers.list("", kPage)); }},
        {"ledgers that show a digest",
         [=](Stores& s) { return why(s.ledgers.showing("great", digest, 33)); }},
        {"ledgers of a device",
         [](Stores& s) { return why(s.ledgers.of_device("great", "device_99")); }},
        {"newest machines", [](Stores& s) { return why(s.survey.machines("", kPage)); }},
        {"newest machines of the small key",
         [](Stores& s) { return why(s.survey.machines("key_1", kPage)); }},
        {"newest machines of the great key",
         [](Stores& s) { return why(s.survey.machines("key_4", kPage)); }},
        {"newest receipts", [](Stores& s) { return why(s.survey.receipts({}, kPage)); }},
        {"newest receipts of the small key",
         [](Stores& s) {
             return why(s.survey.receipts({{}, "key_1", {}}, kPage));
         }},
        {"newest receipts of the great key",
         [](Stores& s) {
             return why(s.survey.receipts({{}, "key_4", {}}, kPage));
         }},
        {"newest receipts of a machine",
         [](Stores& s) {
             return why(s.survey.receipts({"mch_1", {}, {}}, kPage));
         }},
        {"newest receipts of a rare kind",
         [](Stores& s) {
             return why(s.survey.receipts({{}, {}, "release"}, kPage));
         }},
        {"what counted lately",
         [](Stores& s) { return why(s.survey.counted(at(0), Days{1}, 30)); }},
        {"leases gone astray", [](Stores& s) { return why(s.survey.astray(kPage)); }},
    };
}

class QueryWork : public ::testing::TestWithParam<Side> {};

void ask_everything(Counting& counting) {
    SqlTopics topics(counting.db());
    for (const auto& [name, ask] : questions()) {
        ASSERT_TRUE(counting.db().execute("BEGIN"));
        for (int i = 0; i < kUntilPlanned; ++i) EXPECT_EQ(ask(topics.all), "") << name;
        const auto before = counting.work();
        EXPECT_EQ(ask(topics.all), "") << name;
        EXPECT_LT(counting.work() - before, counting.bound()) << name;
        ASSERT_TRUE(counting.db().execute("ROLLBACK"));
    }
}

TEST_P(QueryWork, no_question_walks_over_the_estate) {
    const auto counting = GetParam().make();
    fill(*counting);
    if (!counting->learns_by_itself()) ask_everything(*counting);
    SCOPED_TRACE("knowing how many there are of each value");
    counting->learn();
    ask_everything(*counting);
}

TEST_P(QueryWork, a_walk_would_be_seen) {
    const auto counting = GetParam().make();
    fill(*counting);
    ASSERT_TRUE(counting->db().execute("BEGIN"));
    const auto before = counting->work();
    ASSERT_TRUE(counting->db().read_number("SELECT count(*) FROM machines WHERE counted = 1"));
    EXPECT_GE(counting->work() - before, 2 * counting->bound());
}

INSTANTIATE_TEST_SUITE_P(Both, QueryWork,
                         ::testing::Values(Side{"sqlite",
                                                +[]() -> std::unique_ptr<Counting> {
                                                    return std::make_unique<CountingSqlite>();
                                                }},
                                           Side{"postgresql",
                                                +[]() -> std::unique_ptr<Counting> {
                                                    return std::make_unique<CountingPostgres>();
                                                }}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace latchkey::keyserver
