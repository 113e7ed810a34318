// Opening the state: lock, verify, set aside what is damaged, rebuild, compare with the second
// copy.

#include <fstream>
#include <system_error>

#include "agent/store/batch.h"
#include "agent/store/belongings.h"
#include "agent/store/load.h"
#include "agent/store/merge.h"
#include "agent/store/repair.h"
#include "agent/store/schema.h"
#include "agent/store/sqlite_store.h"
#include "base/path_text.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

/// What was found of an earlier state.
struct Found {
    std::optional<Database> database;  ///< open where it is whole
    Contents contents;
    std::vector<JournalEntry> journal;  ///< to be carried over, where it is not
    std::vector<std::string> damage;
    std::int64_t version = kSchemaVersion;
    bool any = false;
};

/// A file that could be written, opened by SQLite for reading only: its header is damaged.
bool is_writable(const fs::path& path) {
    return std::ofstream(path, std::ios::in | std::ios::out | std::ios::binary).is_open();
}

Result<void> check_writable(Database& database, const fs::path& path,
                            std::vector<std::string>& damage) {
    if (!database.is_read_only()) return {};
    if (!is_writable(path))
        return fail(Code::storage_failed, utf8_text(path) + " cannot be written");
    damage.push_back("the file's header is damaged");
    return {};
}

/// SQLite itself reads a cut last page as if it ended in zeros.
Result<void> check_size(Database& database, const fs::path& path,
                        std::vector<std::string>& damage) {
    const auto size =
        database.integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error) return fail(Code::storage_failed, utf8_text(path) + ": " + error.message());
    if (!size || static_cast<std::uintmax_t>(*size) != bytes)
        damage.push_back("the file is cut off");
    return {};
}

Result<Found> examine(const StateFiles& files, const MacKey& key) {
    Found found;
    std::error_code ignored;
    found.any = fs::exists(fs::symlink_status(files.database, ignored));
    if (!found.any) return found;
    auto database = Database::open(files.database);
    if (!database) {
        if (database.error().code != Code::state_corrupt) return fail(database.error());
        found.damage.push_back(database.error().detail);
        return found;
    }
    auto loaded = load(*database, key);
    if (!loaded) {
        if (loaded.error().code == Code::state_newer)
            loaded.error().detail = utf8_text(files.database) + ": " + loaded.error().detail;
        return fail(std::move(loaded.error()));
    }
    found.contents = std::move(loaded->contents);
    found.damage = std::move(loaded->damage);
    found.version = loaded->version;
    if (auto done = check_writable(*database, files.database, found.damage); !done)
        return fail(done.error());
    if (auto done = check_size(*database, files.database, found.damage); !done)
        return fail(done.error());
    if (found.damage.empty())
        found.database = std::move(*database);
    else
        found.journal = salvage_journal(*database, key);
    return found;
}

Result<MacKey> open_key(const StateFiles& files) {
    auto key = MacKey::load(files.key);
    if (!key) return fail(key.error());
    if (*key) return std::move(**key);
    return MacKey::make(files.key);
}

JournalEntry repair_line(ServerTime at, std::string sentence) {
    return {0, at, {}, "state_repaired", std::move(sentence), {}};
}

/// The best that is known: after the loss of both copies only the wall clock says anything.
ServerTime time_of_repair(const Contents& contents, WallTime wall) {
    const bool proven = contents.time.proven != ServerTime{};
    return proven ? contents.time.proven : ServerTime{wall.time_since_epoch()};
}

/// A whole new database from what is left, the sentences so far in its journal.
Result<Database> rebuild(const StateFiles& files, const MacKey& key, Found& found,
                         const std::vector<std::string>& sentences, WallTime wall) {
    if (found.contents.machine_id.empty()) found.contents.machine_id = licensing::random_id("mid_");
    for (const auto& sentence : sentences)
        found.journal.push_back(repair_line(time_of_repair(found.contents, wall), sentence));
    if (auto made = make_database(files, key, found.contents, found.journal); !made)
        return fail(made.error());
    return Database::open(files.database);
}

/// The state was whole, but the second copy knows better, or its schema is an older one. A full
/// disk leaves the schema to a later commit: an agent that cannot upgrade its state works on.
Result<void> bring_up_to_date(const MacKey& key, Found& found, const Merged& merged,
                              WallTime wall) {
    const bool older = found.version < kSchemaVersion;
    const bool changed = !merged.products.empty() || merged.time;
    if (!changed && !older) return {};
    Contents& contents = found.contents;
    Batch batch(key, contents);
    if (older)
        if (auto done = batch.upgrade(found.version); !done) return done;
    for (const auto& id : merged.products)
        if (auto done = batch.put(contents.products.at(id)); !done) return done;
    if (merged.time) batch.put(contents.time);
    for (const auto& sentence : merged.done)
        batch.append(repair_line(time_of_repair(contents, wall), sentence));
    const auto written = batch.write(*found.database);
    if (!written && (changed || written.error().code != Code::storage_failed)) return written;
    if (!written) return {};
    contents = batch.after();
    found.version = kSchemaVersion;
    return {};
}

void append(std::vector<std::string>& to, const std::vector<std::string>& sentences) {
    to.insert(to.end(), sentences.begin(), sentences.end());
}

/// Copied or lost apart from each other: only the hardware can say whose they are.
bool of_another_line(const Contents& contents, const Anchor& anchor) {
    return contents.hardware && anchor.hardware && !same_line(*contents.hardware, *anchor.hardware);
}

/// The report that `generalize` left. A removal that was cut short is brought to its end first,
/// whatever boot this is; a report that was changed is nobody's word.
Result<std::optional<ImageReport>> take_up_generalize(const StorePaths& paths,
                                                      std::vector<std::string>& sentences) {
    auto report = read_image_report(paths.state_dir);
    if (!report) {
        sentences.push_back(report.error().detail);
        return std::nullopt;
    }
    if (!*report || (*report)->done) return report;
    if (auto removed = remove_belongings(paths); !removed) return fail(removed.error());
    (*report)->done = true;
    if (auto written = write_image_report(paths.state_dir, **report); !written)
        return fail(written.error());
    return report;
}

/// A store without anything in it, that keeps others out of the directory.
OpenedStore image_in_the_making(const StorePaths& paths,
                                std::unique_ptr<platform::DirectoryLock> lock, ImageReport image) {
    OpenedStore opened;
    opened.second_copy = std::make_shared<SecondCopy>();
    StoreParts parts{paths, std::move(lock), {}, {}, {}, {}, {}, opened.second_copy, 0, {}};
    parts.report = std::move(image);
    auto store = std::make_unique<SqliteStore>(std::move(parts));
    opened.custody = store.get();
    opened.shelf = store.get();
    opened.store = std::move(store);
    return opened;
}

/// Without it the agent works on; it only protects from losing the first.
std::optional<AnchorFile> open_second_copy(const fs::path& directory, SecondCopy& copy,
                                           std::vector<std::string>& sentences) {
    auto file = AnchorFile::open(directory);
    if (!file) {
        copy.trouble =
            Problem{file.error().code,
                    "The second copy of the state cannot be used: " + file.error().detail,
                    "Make [paths] anchor a directory that the agent alone can write, then restart "
                    "the agent; until then a lost state cannot be restored."};
        return std::nullopt;
    }
    if (file->damaged()) sentences.push_back("The second copy was damaged and is written anew.");
    return std::move(*file);
}

}  // namespace

Result<OpenedStore> open_store(const StorePaths& paths, std::string_view boot_id, WallTime wall) {
    if (auto made = platform::ensure_private_directory(paths.state_dir); !made)
        return fail(made.error());
    auto lock = platform::lock_directory(paths.state_dir);
    if (!lock) return fail(lock.error());
    OpenReport report;
    auto image = take_up_generalize(paths, report.repaired);
    if (!image) return fail(image.error());
    if (*image && !boot_id.empty() && (*image)->boot_id == boot_id)
        return image_in_the_making(paths, std::move(*lock), std::move(**image));
    const StateFiles files(paths.state_dir);
    auto key = open_key(files);
    if (!key) return fail(key.error());
    auto found = examine(files, *key);
    if (!found) return fail(found.error());

    report.fresh = !found->any;
    if (!found->damage.empty()) {
        auto name = set_aside(files);
        if (!name) return fail(name.error());
        report.repaired.push_back("The state was damaged (" + found->damage.front() +
                                  ") and set aside as " + *name +
                                  "; what was whole was carried over.");
    }
    auto second_copy = std::make_shared<SecondCopy>();
    auto anchor = open_second_copy(paths.anchor_dir, *second_copy, report.repaired);
    Merged merged;
    std::optional<Anchor> waiting;
    if (anchor && anchor->found() && of_another_line(found->contents, *anchor->found()))
        waiting = *anchor->found();
    else if (anchor && anchor->found())
        merged = merge(found->contents, *anchor->found());
    append(report.repaired, merged.done);
    report.restored_from_anchor = !merged.done.empty();

    if (!found->database) {
        auto made = rebuild(files, *key, *found, report.repaired, wall);
        if (!made) return fail(made.error());
        found->database = std::move(*made);
        found->version = kSchemaVersion;
    } else if (auto done = bring_up_to_date(*key, *found, merged, wall); !done) {
        return fail(done.error());
    }
    std::string machine_id = found->contents.machine_id;
    auto store = std::make_unique<SqliteStore>(StoreParts{paths,
                                                          std::move(*lock),
                                                          std::move(*key),
                                                          std::move(found->database),
                                                          std::move(found->contents),
                                                          std::move(anchor),
                                                          std::move(waiting),
                                                          second_copy,
                                                          found->version,
                                                          {}});
    auto* opened = store.get();
    return OpenedStore{std::move(store), std::move(report),     std::move(machine_id), opened,
                       opened,           std::move(second_copy)};
}

}  // namespace latchkey::store
