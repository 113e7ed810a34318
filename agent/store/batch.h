#pragma once

// One commit in the making: the contents as they will be, and the rows that change. write() puts
// all of it into one transaction; until it succeeded, nobody's contents changed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/contents.h"
#include "agent/store/sqlite.h"

namespace latchkey::store {

class Batch {
public:
    Batch(const MacKey& key, Contents before) : key_(key), after_(std::move(before)) {}

    /// Fail with Code::internal for a value that could not be read back.
    Result<void> put(const core::ProductState& state);
    Result<void> put(const PublisherState& state);
    Result<void> put(const CloudRow& row);
    void put(const core::TimeLedger& ledger);
    void put_machine_id(const std::string& id);
    void put(const Hardware& hardware);
    /// Of the machine the state belonged to before.
    void put_former(std::string row);
    void remove(const ProductId& product);
    void remove_cloud(const CloudId& id);
    void append(const JournalEntry& entry);
    /// Everything the contents hold, for a new file.
    Result<void> put_all();
    /// First of all, where the file is of an older schema: brings it to this one along with the
    /// commit.
    Result<void> upgrade(std::int64_t from);

    /// Fails with Code::storage_failed; nothing was changed then.
    Result<void> write(Database& database);
    const Contents& after() const { return after_; }

private:
    struct Row {
        RowName name;
        std::string body;
    };
    struct Line {
        JournalEntry entry;
        Mac link;
    };
    void put_row(RowName name, std::string body);
    void put_meta(const std::string& name, std::string value);
    Result<void> write_all(Database& database) const;

    const MacKey& key_;
    Contents after_;
    std::vector<Row> rows_;
    std::vector<RowName> removed_;
    std::vector<Line> lines_;
    std::optional<std::int64_t> upgrade_from_;
};

}  // namespace latchkey::store
