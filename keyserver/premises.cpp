#include "keyserver/premises.h"

#include "keyserver/remedies.h"
#include "keyserver/sqlite_store.h"

namespace latchkey::keyserver {
namespace {

/// A first start must not go on beside a database in use: it would make another salt, and no
/// machine would be recognised again.
Result<void> check_unused(const std::filesystem::path& database) {
    const auto used = holds_records(database);
    if (!used) return fail(used.error());
    if (*used)
        return fail(Problem{Code::state_corrupt,
                            "publisher.json is missing, though this key server was in use",
                            "Put it back from a backup of the data directory."});
    return {};
}

}  // namespace

Result<Premises> open_premises(const std::filesystem::path& directory, const std::string& publisher,
                               ServerTime now, WhereNew where_new) {
    if (where_new == WhereNew::refuse && KeyRoom::missing(directory))
        return fail(Problem{Code::record_unknown, directory.string() + " holds no key server",
                            "Check --data. A new key server begins with 'serve' or the first "
                            "'admin product add'."});
    if (auto made = platform::ensure_private_directory(directory); !made)
        return fail(of_data_directory(std::move(made.error())));
    auto lock = platform::lock_directory(directory);
    if (!lock) return fail(with_remedy(std::move(lock.error())));
    const auto file = directory / "latchkey.db";
    const Start start = KeyRoom::missing(directory) ? Start::first : Start::later;
    if (start == Start::first)
        if (auto unused = check_unused(file); !unused)
            return fail(of_data_directory(std::move(unused.error())));
    auto room = KeyRoom::open(directory, publisher, now);
    if (!room) return fail(of_data_directory(std::move(room.error())));
    auto store =
        open_sqlite_store(file, {room->publisher().id, room->pepper().check_value()}, start);
    if (!store) return fail(of_data_directory(std::move(store.error())));
    if (auto completed = room->complete(); !completed)
        return fail(of_data_directory(std::move(completed.error())));
    return Premises{std::move(*lock), std::move(*room), std::move(*store)};
}

}  // namespace latchkey::keyserver
