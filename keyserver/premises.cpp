#include "keyserver/premises.h"

#include "keyserver/keys/file_modes.h"
#include "keyserver/remedies.h"

namespace latchkey::keyserver {
namespace {

/// A first start must not go on beside a database in use: it would make another salt, and no
/// machine would be recognised again.
Result<void> check_unused(const DatabaseChoice& database, const std::filesystem::path& directory) {
    const auto used = is_in_use(database, directory);
    if (!used) return fail(used.error());
    if (*used)
        return fail(Problem{Code::state_corrupt,
                            "publisher.json is missing, though this key server was in use",
                            "Put it back from a backup of the data directory."});
    return {};
}

}  // namespace

Result<Premises> open_premises(const std::filesystem::path& directory, const std::string& publisher,
                               const DatabaseChoice& database, const platform::Clock& clock,
                               WhereNew where_new) {
    if (where_new == WhereNew::refuse && KeyRoom::missing(directory))
        return fail(Problem{Code::record_unknown, directory.string() + " holds no key server",
                            "Check --data. A new key server begins with 'serve' or the first "
                            "'admin product add'."});
    auto warnings = check_file_modes(directory);
    if (!warnings) return fail(with_remedy(std::move(warnings.error())));
    if (auto made = platform::ensure_private_directory(directory); !made)
        return fail(of_data_directory(std::move(made.error())));
    auto lock = platform::lock_directory(directory);
    if (!lock) return fail(with_remedy(std::move(lock.error())));
    const Start start = KeyRoom::missing(directory) ? Start::first : Start::later;
    if (start == Start::first)
        if (auto unused = check_unused(database, directory); !unused)
            return fail(of_data_directory(std::move(unused.error())));
    auto room = KeyRoom::open(directory, publisher, as_server(clock.now().wall));
    if (!room) return fail(of_data_directory(std::move(room.error())));
    auto store = open_store(database, directory,
                            {room->publisher().id, room->pepper().check_value()}, start, clock);
    if (!store) return fail(of_data_directory(std::move(store.error())));
    if (auto completed = room->complete(); !completed)
        return fail(of_data_directory(std::move(completed.error())));
    return Premises{std::move(*lock), std::make_unique<KeyKeeper>(std::move(*room)),
                    std::move(*store), std::move(*warnings)};
}

}  // namespace latchkey::keyserver
