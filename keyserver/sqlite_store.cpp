#include "keyserver/sqlite_store.h"

#include <charconv>

#include "keyserver/migrations.h"
#include "keyserver/sqlite_rows.h"
#include "keyserver/sqlite_tokens.h"
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
          ledgers(db),
          previews(db),
          tokens(db) {}

    SqliteProducts products;
    SqliteOrganizations organizations;
    SqliteEntitlements entitlements;
    SqliteKeys keys;
    SqliteMachines machines;
    SqliteHolders holders;
    SqliteLicenses licenses;
    SqliteDecisions decisions;
    SqliteLedgers ledgers;
    SqlitePreviews previews;
    SqliteTokens tokens;
    Stores all{products, organizations, entitlements, keys,     machines, holders,
               licenses, decisions,     ledgers,      previews, tokens};
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

constexpr const char* kPublisher = "publisher";
constexpr const char* kPepperCheck = "pepper_check";

Result<void> claim(Database& db, const StoreOwner& owner) {
    for (const auto& [name, value] :
         {std::pair{kPublisher, &owner.publisher}, std::pair{kPepperCheck, &owner.pepper_check}}) {
        auto written = db.query("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")
                           .bind(name, *value)
                           .run();
        if (!written) return fail(written.error());
    }
    return {};
}

/// What the database says of its owner; `value` where it says nothing yet: it was made before this
/// was kept.
Result<std::string> kept_or_new(Database& db, const char* name, const std::string& value) {
    auto written = db.query("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
                       .bind(name, value)
                       .run();
    if (!written) return fail(written.error());
    Query query = db.query("SELECT value FROM meta WHERE name = ?");
    const auto row = query.bind(name).step();
    if (!row) return fail(row.error());
    return query.text(0);
}

Result<void> check_owner(Database& db, const StoreOwner& owner) {
    const auto publisher = kept_or_new(db, kPublisher, owner.publisher);
    if (!publisher) return fail(publisher.error());
    if (*publisher != owner.publisher)
        return fail(Problem{Code::config_invalid,
                            "latchkey.db belongs to publisher \"" + *publisher +
                                "\", publisher.json says \"" + owner.publisher + "\"",
                            "Restore keys and database from one backup: they belong together."});
    const auto pepper = kept_or_new(db, kPepperCheck, owner.pepper_check);
    if (!pepper) return fail(pepper.error());
    if (*pepper != owner.pepper_check)
        return fail(
            Problem{Code::state_corrupt,
                    "pepper.key is not the one that latchkey.db was made with; every product "
                    "key and every machine would be unknown",
                    "Put the pepper.key of this database back from a backup."});
    return {};
}

Failure nothing_there(const std::filesystem::path& file, const char* what) {
    return fail(
        Problem{Code::state_corrupt, file.string() + what + ", though this key server was in use",
                "Restore it from a backup. Without one every product, key and count is lost: "
                "begin anew in an empty directory (--data), and give agents its manifests."});
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& file,
                                                 const StoreOwner& owner, Start start) {
    if (!std::filesystem::exists(file)) {  // nobody else's to read, its journals neither
        if (start == Start::later) return nothing_there(file, " is missing");
        if (auto made = platform::write_private_file(file, {}); !made)
            return fail(std::move(made.error()));
    }
    auto db = Database::open(file);
    if (!db) return fail(std::move(db.error()));
    const auto version = check_schema(**db, file);
    if (!version) return fail(version.error());
    if (*version == 0 && start == Start::later) return nothing_there(file, " is empty");
    auto ready = (*db)->execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    if (ready) ready = migrate(**db, *version);
    if (ready) ready = start == Start::first ? claim(**db, owner) : check_owner(**db, owner);
    if (!ready) return fail(std::move(ready.error()));
    return std::make_unique<SqliteStore>(std::move(*db));
}

Result<bool> holds_records(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return false;
    auto db = Database::open(file);
    if (!db) return fail(std::move(db.error()));
    const auto version = check_schema(**db, file);
    if (!version) return fail(version.error());
    if (*version == 0) return false;
    const auto found = (*db)->read_number(
        "SELECT EXISTS (SELECT 1 FROM products) OR EXISTS (SELECT 1 FROM organizations) OR "
        "EXISTS (SELECT 1 FROM programs)");
    if (!found) return fail(found.error());
    return *found != 0;
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
