#include "tests/unit/keyserver/backends.h"

#include <fstream>

#include "keyserver/store/postgres_store.h"
#include "keyserver/store/sqlite.h"
#include "keyserver/store/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/postgres_cluster.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

class SqliteBackend final : public Backend {
public:
    Result<std::unique_ptr<Store>> open(const StoreOwner& owner, Start start) override {
        return open_sqlite_store(file_, owner, start);
    }
    void become_newer() override {
        (void)SqliteDatabase::open(file_).value()->execute("PRAGMA user_version = 99");
    }
    void become_foreign() override { std::ofstream(file_) << std::string(4096, 'x'); }
    bool is_still_foreign() override { return std::filesystem::file_size(file_) == 4096; }

private:
    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "latchkey.db";
};

class PostgresBackend final : public Backend {
public:
    Result<std::unique_ptr<Store>> open(const StoreOwner& owner, Start start) override {
        return open_postgres_store(parse_postgres_url(url_).value(), owner, start, clock_);
    }
    void become_newer() override {
        cluster_.sql(url_, "UPDATE meta SET value = '99' WHERE name = 'schema_version'");
    }
    void become_foreign() override { cluster_.sql(url_, "CREATE TABLE meta (shop TEXT)"); }
    bool is_still_foreign() override {
        return cluster_.sql(url_, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") ==
               "1";
    }

private:
    fakes::PostgresCluster& cluster_ = fakes::PostgresCluster::shared();
    std::string url_ = cluster_.new_database();
    fakes::FakeClock clock_;
};

}  // namespace

std::unique_ptr<Backend> sqlite_backend() { return std::make_unique<SqliteBackend>(); }
std::unique_ptr<Backend> postgres_backend() { return std::make_unique<PostgresBackend>(); }

}  // namespace latchkey::keyserver
