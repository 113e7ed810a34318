#include "keyserver/store/sqlite_store.h"

#include <optional>
#include <utility>

#include "keyserver/policy.h"
#include "keyserver/store/commit_group.h"
#include "keyserver/store/migrations.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sqlite.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

/// PRAGMA application_id: "LKKS".
constexpr std::int64_t kApplicationId = 0x4c4b4b53;

class SqliteTransaction final : public Transaction {
public:
    SqliteTransaction(CommitGroup& group, CommitGroup::Member member, Stores& stores)
        : group_(group), member_(std::move(member)), stores_(stores) {}
    ~SqliteTransaction() override {
        if (member_) (void)let_go();
    }
    Stores& stores() override { return stores_; }
    Result<void> commit() override { return leave(CommitGroup::End::kept); }
    Result<void> let_go() override { return leave(CommitGroup::End::dropped); }

private:
    Result<void> leave(CommitGroup::End end) {
        if (!member_) return fail(Code::internal, "the transaction is over");
        return group_.leave(*std::exchange(member_, std::nullopt), end);
    }

    CommitGroup& group_;
    std::optional<CommitGroup::Member> member_;
    Stores& stores_;
};

CommitGroup::Company company(Store::Access access) {
    switch (access) {
        case Store::Access::read:
            return CommitGroup::Company::reader;
        case Store::Access::write:
            return CommitGroup::Company::writer;
        case Store::Access::alone:
            return CommitGroup::Company::none;
    }
    return CommitGroup::Company::none;
}

class SqliteStore final : public Store {
public:
    explicit SqliteStore(std::unique_ptr<SqliteDatabase> db)
        : db_(std::move(db)),
          topics_(*db_),
          group_(*db_, [this] { return db_->in_transaction(); }) {}

    int parallel() const override { return kSqliteThreads; }

    Result<std::unique_ptr<Transaction>> begin(Access access) override {
        auto member = group_.enter(company(access));
        if (!member) return fail(std::move(member.error()));
        return std::make_unique<SqliteTransaction>(group_, std::move(*member), topics_.all);
    }

private:
    std::unique_ptr<SqliteDatabase> db_;
    SqlTopics topics_;
    CommitGroup group_;
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
    auto db = SqliteDatabase::open(file);
    if (!db) return fail(std::move(db.error()));
    const auto version = check_schema(**db, file);
    if (!version) return fail(version.error());
    if (*version == 0 && start == Start::later) return nothing_there(file, " is empty");
    auto ready = (*db)->execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    if (ready) ready = migrate(**db, *version);
    if (ready) ready = check_not_moved(**db);
    if (ready)
        ready =
            start == Start::first ? claim(**db, owner) : check_owner(**db, owner, "latchkey.db");
    if (!ready) return fail(std::move(ready.error()));
    return std::make_unique<SqliteStore>(std::move(*db));
}

Result<bool> holds_records(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return false;
    auto db = SqliteDatabase::open(file);
    if (!db) return fail(std::move(db.error()));
    const auto version = check_schema(**db, file);
    if (!version) return fail(version.error());
    if (*version == 0) return false;
    return holds_records(**db);
}

}  // namespace latchkey::keyserver
