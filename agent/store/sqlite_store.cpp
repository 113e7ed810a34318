#include "agent/store/sqlite_store.h"

#include "agent/store/former.h"
#include "agent/store/journal.h"
#include "agent/store/schema.h"

namespace latchkey::store {
namespace {

Failure generalized() {
    return fail(Code::generalized, "nothing is stored on an image in the making");
}

}  // namespace

SqliteStore::SqliteStore(StoreParts parts) : parts_(std::move(parts)) {
    if (!parts_.anchor || parts_.waiting) return;
    if (parts_.anchor->found()) anchored_ = *parts_.anchor->found();
    // Also where it says the same already: whether it can be written is worth knowing now.
    write_second_copy(updated(anchored_, parts_.contents));
}

Result<std::vector<core::ProductState>> SqliteStore::products() {
    std::vector<core::ProductState> all;
    for (const auto& [id, state] : parts_.contents.products) all.push_back(state);
    return all;
}

Result<core::TimeLedger> SqliteStore::time() { return parts_.contents.time; }

Result<void> SqliteStore::commit(const Commit& commit) {
    auto batch = begin();
    if (!batch) return fail(batch.error());
    if (commit.product)
        if (auto done = batch->put(*commit.product); !done) return done;
    if (commit.time) batch->put(*commit.time);
    for (const auto& id : commit.cloud_gone)
        if (parts_.contents.cloud.contains(id)) batch->remove_cloud(id);
    for (const auto& row : commit.cloud)
        if (auto done = batch->put(row); !done) return done;
    for (const auto& entry : commit.journal) batch->append(entry);
    if (auto written = write(std::move(*batch)); !written) return written;
    keep_second_copy();
    return {};
}

std::vector<CloudRow> SqliteStore::cloud() {
    std::vector<CloudRow> all;
    for (const auto& [id, row] : parts_.contents.cloud) all.push_back(row);
    return all;
}

Result<Batch> SqliteStore::begin() {
    if (!parts_.key) return generalized();
    Batch batch(*parts_.key, parts_.contents);
    if (auto done = bring_up_to_date(batch); !done) return fail(done.error());
    return batch;
}

/// There was no room for it when the state was opened.
Result<void> SqliteStore::bring_up_to_date(Batch& batch) const {
    if (parts_.version >= kSchemaVersion) return {};
    return batch.upgrade(parts_.version);
}

Result<void> SqliteStore::write(Batch batch) {
    if (auto written = batch.write(*parts_.database); !written) return written;
    parts_.contents = batch.after();
    parts_.version = kSchemaVersion;
    return {};
}

/// The commit is durable already: a second copy that cannot be written now is written with the
/// next one, or when the state is opened again.
void SqliteStore::keep_second_copy() {
    if (!parts_.anchor || parts_.waiting) return;
    auto wanted = updated(anchored_, parts_.contents);
    if (parts_.second_copy->trouble || worth_writing(anchored_, wanted))
        write_second_copy(std::move(wanted));
}

void SqliteStore::write_second_copy(Anchor wanted) {
    auto& copy = *parts_.second_copy;
    const bool failed_before = copy.trouble.has_value();
    const auto written = parts_.anchor->write(wanted);
    if (written) {
        anchored_ = std::move(wanted);
        copy.trouble.reset();
    } else {
        copy.trouble =
            Problem{Code::storage_failed,
                    "The second copy of the state cannot be written: " + written.error().detail,
                    "Check free space, mount options and permissions of [paths] anchor. The agent "
                    "tries again every minute; until then a lost state cannot be restored."};
    }
    if (failed_before != copy.trouble.has_value() && copy.changed) copy.changed();
}

Result<std::optional<PublisherState>> SqliteStore::publisher(const std::string& id) {
    const auto found = parts_.contents.publishers.find(id);
    if (found == parts_.contents.publishers.end()) return std::nullopt;
    auto state = found->second;
    if (const auto former = former_from_row(parts_.contents.former))
        if (const auto seed = former->seeds.find(id); seed != former->seeds.end())
            state.former_seed = seed->second;
    return state;
}

Result<void> SqliteStore::save_publisher(const PublisherState& state) {
    auto batch = begin();
    if (!batch) return fail(batch.error());
    if (auto done = batch->put(state); !done) return done;
    return write(std::move(*batch));
}

Result<std::vector<JournalEntry>> SqliteStore::journal(const JournalFilter& filter,
                                                       std::optional<std::int64_t> before,
                                                       std::size_t limit) {
    if (!parts_.database) return std::vector<JournalEntry>{};
    return read_newest(*parts_.database, filter, before, limit);
}

}  // namespace latchkey::store
