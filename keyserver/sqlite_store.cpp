#include "keyserver/sqlite_store.h"

#include <charconv>

#include "keyserver/migrations.h"
#include "keyserver/sqlite_rows.h"
#include "keyserver/sqlite_topics.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

/// PRAGMA application_id: "LKKS".
constexpr std::int64_t kApplicationId = 0x4c4b4b53;

struct Topics {
    explicit Topics(Database& db)
        : products(db),
          organizations(db),
          entitlements(db),
          keys(db),
          machines(db),
          holders(db),
          licenses(db),
          decisions(db),
          previews(db) {}

    SqliteProducts products;
    SqliteOrganizations organizations;
    SqliteEntitlements entitlements;
    SqliteKeys keys;
    SqliteMachines machines;
    SqliteHolders holders;
    SqliteLicenses licenses;
    SqliteDecisions decisions;
    SqlitePreviews previews;
    Stores all{products, organizations, entitlements, keys,    machines,
               holders,  licenses,      decisions,    previews};
};

class SqliteTransaction final : public Transaction {
public:
    SqliteTransaction(Database& db, Stores& stores) : db_(db), stores_(stores) {}
    ~SqliteTransaction() override {
        if (open_) (void)db_.execute("ROLLBACK");
    }
    Stores& stores() override { return stores_; }
    Result<void> commit() override {
        auto committed = db_.execute("COMMIT");
        if (committed) open_ = false;
        return committed;
    }

private:
    Database& db_;
    Stores& stores_;
    bool open_ = true;
};

class SqliteStore final : public Store {
public:
    explicit SqliteStore(std::unique_ptr<Database> db) : db_(std::move(db)), topics_(*db_) {}
    Result<std::unique_ptr<Transaction>> begin(Access access) override {
        auto begun = db_->execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
        if (!begun) return fail(std::move(begun.error()));
        return std::make_unique<SqliteTransaction>(*db_, topics_.all);
    }

private:
    std::unique_ptr<Database> db_;
    Topics topics_;
};

Result<std::int64_t> check_schema(Database& db, const std::filesystem::path& file) {
    const auto application = db.read_number("PRAGMA application_id");
    if (!application) return fail(application.error());
    const auto version = db.read_number("PRAGMA user_version");
    if (!version) return fail(version.error());
    const auto tables = db.read_number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return fail(tables.error());
    const bool empty = *tables == 0 && *version == 0;
    if (!empty && *application != kApplicationId)
        return fail(Code::state_corrupt, file.string() + " is not a key server database");
    if (*version > static_cast<std::int64_t>(migrations().size()))
        return fail(Code::state_newer, file.string() + " has schema version " +
                                           std::to_string(*version) + ", this version knows " +
                                           std::to_string(migrations().size()));
    return *version;
}

/// Each migration is one transaction together with the version number it brings.
Result<void> migrate(Database& db, std::int64_t version) {
    for (auto i = static_cast<std::size_t>(version); i < migrations().size(); ++i) {
        const std::string sql = "BEGIN IMMEDIATE;" + std::string(migrations()[i]) +
                                "PRAGMA application_id = " + std::to_string(kApplicationId) +
                                ";PRAGMA user_version = " + std::to_string(i + 1) + ";COMMIT;";
        if (auto done = db.execute(sql); !done) {
            (void)db.execute("ROLLBACK");
            return done;
        }
    }
    return {};
}

Result<void> check_publisher(Database& db, std::string_view publisher) {
    auto written =
        db.query("INSERT INTO meta (name, value) VALUES ('publisher', ?) ON CONFLICT DO NOTHING")
            .bind(publisher)
            .run();
    if (!written) return fail(written.error());
    Query query = db.query("SELECT value FROM meta WHERE name = 'publisher'");
    const auto row = query.step();
    if (!row) return fail(row.error());
    if (!*row || query.text(0) != publisher)
        return fail(Problem{Code::config_invalid,
                            "latchkey.db belongs to publisher \"" + query.text(0) +
                                "\", publisher.json says \"" + std::string(publisher) + "\"",
                            "Restore keys and database from one backup: they belong together."});
    return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file,
                                                 std::string_view publisher) {
    if (!std::filesystem::exists(file)) {  // nobody else's to read, its journals neither
        if (auto made = platform::write_private_file(file, {}); !made)
            return fail(std::move(made.error()));
    }
    auto db = Database::open(file);
    if (!db) return fail(std::move(db.error()));
    const auto version = check_schema(**db, file);
    if (!version) return fail(version.error());
    auto ready = (*db)->execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    if (ready) ready = migrate(**db, *version);
    if (ready) ready = check_publisher(**db, publisher);
    if (!ready) return fail(std::move(ready.error()));
    return std::make_unique<SqliteStore>(std::move(*db));
}

Result<std::int64_t> page_start(const Page& page) {
    std::int64_t start = 0;
    if (page.after.empty()) return start;
    const char* end = page.after.data() + page.after.size();
    const auto [stop, error] = std::from_chars(page.after.data(), end, start);
    if (error != std::errc{} || stop != end || start < 0)
        return fail(Code::usage, "this cursor was not made by an earlier answer");
    return start;
}

}  // namespace latchkey::keyserver
