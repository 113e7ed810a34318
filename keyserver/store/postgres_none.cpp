// For systems where no key server runs and its decisions are compiled for tests alone: no libpq.
#include "keyserver/store/postgres_store.h"

namespace latchkey::keyserver {
namespace {

Failure not_here() {
    return fail(Code::database_unavailable, "this build does not speak to PostgreSQL");
}

}  // namespace

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

Result<PostgresUrl> parse_postgres_url(const std::string&) { return not_here(); }

Result<std::unique_ptr<Store>> open_postgres_store(const PostgresUrl&, const StoreOwner&, Start,
                                                   const platform::Clock&) {
    return not_here();
}

Result<bool> holds_records(const PostgresUrl&) { return not_here(); }

}  // namespace latchkey::keyserver
