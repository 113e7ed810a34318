#include "keyserver/premises.h"

#include "keyserver/remedies.h"
#include "keyserver/sqlite_store.h"

namespace latchkey::keyserver {

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
    auto room = KeyRoom::open(directory, publisher, now);
    if (!room) return fail(of_data_directory(std::move(room.error())));
    auto store = open_sqlite_store(directory / "latchkey.db", room->publisher().id);
    if (!store) return fail(of_data_directory(std::move(store.error())));
    return Premises{std::move(*lock), std::move(*room), std::move(*store)};
}

}  // namespace latchkey::keyserver
