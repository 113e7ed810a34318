#include "agent/store/repair.h"

#include <system_error>

#include "agent/store/batch.h"
#include "agent/store/schema.h"
#include "agent/store/sqlite.h"
#include "base/path_text.h"
#include "platform/secure_file.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

Result<void> rename_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error)
        return fail(Code::storage_failed,
                    "cannot rename " + utf8_text(from) + ": " + error.message());
    return {};
}

fs::path unused_name(const fs::path& directory) {
    std::error_code ignored;
    for (int n = 1;; ++n) {
        auto path = directory / ("state.corrupt-" + std::to_string(n));
        if (!fs::exists(fs::symlink_status(path, ignored))) return path;
    }
}

Result<void> fill(const StateFiles& files, const MacKey& key, Contents& contents,
                  const std::vector<JournalEntry>& journal) {
    auto database = Database::open(files.fresh);
    if (!database) return fail(database.error());
    if (auto done = create_schema(*database); !done) return done;
    contents.macs.clear();
    contents.journal = {};
    Batch batch(key, contents);
    for (const auto& line : journal) batch.append(line);
    if (auto done = batch.put_all(); !done) return done;
    if (auto done = batch.write(*database); !done) return done;
    contents = batch.after();
    return {};
}

}  // namespace

Result<std::string> set_aside(const StateFiles& files) {
    const auto name = unused_name(files.directory);
    // The rollback journal first: beside a new database it would be rolled back into that one.
    std::error_code ignored;
    if (fs::exists(files.rollback, ignored)) {
        auto moved = rename_file(files.rollback, utf8_path(utf8_text(name) + "-journal"));
        if (!moved) return fail(moved.error());
    }
    if (auto moved = rename_file(files.database, name); !moved) return fail(moved.error());
    return utf8_text(name.filename());
}

Result<void> make_database(const StateFiles& files, const MacKey& key, Contents& contents,
                           const std::vector<JournalEntry>& journal) {
    for (const auto& leftover : {files.rollback, files.fresh_rollback, files.fresh})
        if (auto removed = platform::remove_file(leftover); !removed) return removed;
    // SQLite gives its own files the permissions of the database: 0600.
    if (auto made = platform::write_private_file(files.fresh, ""); !made) return made;
    if (auto filled = fill(files, key, contents, journal); !filled)
        return fail(Code::storage_failed, filled.error().detail);
    return rename_file(files.fresh, files.database);
}

}  // namespace latchkey::store
