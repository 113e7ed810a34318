#pragma once

// The store behind store.h: verified contents in memory, one open database under them, and the
// second copy kept in step. Made by open_store().

#include <memory>
#include <optional>

#include "agent/store/anchor.h"
#include "agent/store/batch.h"
#include "agent/store/contents.h"
#include "agent/store/sqlite.h"
#include "agent/store/store.h"
#include "platform/secure_file.h"

namespace latchkey::store {

/// What an open store owns. `anchor` is missing where its directory cannot be used; key and
/// database where the machine is generalized.
struct StoreParts {
    StorePaths paths;
    std::unique_ptr<platform::DirectoryLock> lock;
    std::optional<MacKey> key;
    std::optional<Database> database;
    Contents contents;
    std::optional<AnchorFile> anchor;
    /// A second copy of another line than the state: it counts, and is written again, only after
    /// the hardware was seen.
    std::optional<Anchor> waiting;
    std::shared_ptr<SecondCopy> second_copy;
    std::int64_t version = 0;  ///< of the file's schema: an older one is brought up by a commit
    std::optional<ImageReport> report;
};

class SqliteStore final : public Store, public Custody, public CloudShelf {
public:
    explicit SqliteStore(StoreParts parts);

    Result<std::vector<core::ProductState>> products() override;
    Result<core::TimeLedger> time() override;
    Result<void> commit(const Commit& commit) override;
    Result<std::optional<PublisherState>> publisher(const std::string& id) override;
    Result<void> save_publisher(const PublisherState& state) override;
    Result<std::vector<JournalEntry>> journal(const JournalFilter& filter,
                                              std::optional<std::int64_t> before,
                                              std::size_t limit) override;

    std::vector<CloudRow> cloud() override;

    // settle.cpp, belongings.cpp
    const std::string& machine_id() const override { return parts_.contents.machine_id; }
    Result<Settled> settle(const Look& look, ServerTime now) override;
    Result<std::vector<Belonging>> belongings() override;
    Result<void> generalize(ImageReport report) override;
    const std::optional<ImageReport>& report() const override { return parts_.report; }

private:
    Result<Batch> begin();
    Result<void> bring_up_to_date(Batch& batch) const;
    Result<void> write(Batch batch);
    Settled adopt(std::optional<Anchor> remembered, Settled settled);
    void keep_second_copy();
    void write_second_copy(Anchor wanted);

    StoreParts parts_;
    Anchor anchored_;  ///< what the second copy says
};

}  // namespace latchkey::store
