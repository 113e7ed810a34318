#pragma once

// Files of the state directory that are made new or set aside. A damaged database is never deleted:
// it is renamed to state.corrupt-N.

#include <filesystem>
#include <string>
#include <vector>

#include "agent/store/contents.h"
#include "base/result.h"

namespace latchkey::store {

struct StateFiles {
    explicit StateFiles(const std::filesystem::path& directory)
        : database(directory / "state.db"),
          rollback(directory / "state.db-journal"),
          fresh(directory / "state.db.new"),
          fresh_rollback(directory / "state.db.new-journal"),
          key(directory / "state.key"),
          directory(directory) {}

    std::filesystem::path database;
    std::filesystem::path rollback;  ///< SQLite's, while a transaction runs
    std::filesystem::path fresh;     ///< a new database until it is whole
    std::filesystem::path fresh_rollback;
    std::filesystem::path key;
    std::filesystem::path directory;
};

/// Returns the name it was given.
Result<std::string> set_aside(const StateFiles& files);

/// Writes a whole new database with these contents and journal lines, and only then gives it its
/// name. `contents` is brought in step with it.
Result<void> make_database(const StateFiles& files, const MacKey& key, Contents& contents,
                           const std::vector<JournalEntry>& journal);

}  // namespace latchkey::store
