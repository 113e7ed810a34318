#pragma once

// The store behind store.h: verified contents in memory, one open database under them, and the
// second copy kept in step. Made by open_store().

#include <memory>

#include "agent/store/anchor.h"
#include "agent/store/batch.h"
#include "agent/store/contents.h"
#include "agent/store/sqlite.h"
#include "agent/store/store.h"
#include "platform/secure_file.h"

namespace latchkey::store {

/// What an open store owns. `anchor` is missing where its directory cannot be used.
struct StoreParts {
    std::unique_ptr<platform::DirectoryLock> lock;
    MacKey key;
    Database database;
    Contents contents;
    std::optional<AnchorFile> anchor;
    std::shared_ptr<SecondCopy> second_copy;
    std::int64_t version;  ///< of the file's schema: an older one is brought up by a commit
};

class SqliteStore final : public Store {
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

private:
    Result<Batch> begin();
    Result<void> write(Batch batch);
    void keep_second_copy();
    void write_second_copy(Anchor wanted);

    StoreParts parts_;
    Anchor anchored_;  ///< what the second copy says
};

}  // namespace latchkey::store
