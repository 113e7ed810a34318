#include "agent/store/load.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <optional>

#include "agent/store/journal.h"
#include "agent/store/rows.h"
#include "agent/store/schema.h"

namespace latchkey::store {
namespace {

/// The first version with a table of cloud services.
constexpr std::int64_t kCloudSince = 3;

struct StoredRow {
    RowName name;
    std::string body;
    Bytes mac;
};

class Loader {
public:
    Loader(Database& database, const MacKey& key) : database_(database), key_(key) {}

    Result<Loaded> load();

private:
    /// Remembers damage; passes on what is the disk's fault.
    Result<void> tolerate(Result<void> result, std::string_view what);
    Result<void> check_version();
    Result<void> check_structure();
    Result<void> read_table(Table table, const std::function<bool(const StoredRow&)>& take);
    bool take_meta(const StoredRow& row);
    bool take_publisher(const StoredRow& row);
    bool take_product(const StoredRow& row);
    bool take_cloud(const StoredRow& row);
    Result<void> read_journal();
    void check_seal();
    std::optional<std::int64_t> said_version() const;
    void damaged(std::string sentence) { loaded_.damage.push_back(std::move(sentence)); }

    Database& database_;
    const MacKey& key_;
    Loaded loaded_;
    std::optional<Bytes> seal_;
    std::string schema_version_;
};

Result<void> Loader::tolerate(Result<void> result, std::string_view what) {
    if (result || result.error().code != Code::state_corrupt) return result;
    damaged(std::string(what) + ": " + result.error().detail);
    return {};
}

/// What the row under a MAC says, where it is a version this agent knows. That row is the same in
/// every version, for ever: a newer file's meta table can be read by older agents.
std::optional<std::int64_t> Loader::said_version() const {
    for (std::int64_t version = 1; version <= kSchemaVersion; ++version)
        if (schema_version_ == std::to_string(version)) return version;
    return std::nullopt;
}

/// What an accident leaves of a version's number: one bit is another, or it is no number that
/// versions ever reach.
bool looks_damaged(std::int64_t version, std::int64_t said) {
    constexpr std::int64_t kMostVersions = 0xffff;
    const auto difference = static_cast<std::uint64_t>(version ^ said);
    return std::has_single_bit(difference) || version > kMostVersions;
}

Result<void> Loader::check_version() {
    const auto version = database_.integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    const auto said = said_version();
    const bool known = *version >= 1 && *version <= kSchemaVersion;
    if (known && said.value_or(*version) == *version) {
        loaded_.version = *version;
        return {};
    }
    // A flipped bit must not look like a newer version: that one says so under a MAC as well. Where
    // the number alone says it, believe it: leaving a state alone loses nothing.
    if (*version <= kSchemaVersion || (said && looks_damaged(*version, *said)))
        return fail(Code::state_corrupt, "its version number is damaged");
    return fail(Code::state_newer, "the state has schema version " + std::to_string(*version) +
                                       "; this agent knows version " +
                                       std::to_string(kSchemaVersion));
}

Result<void> Loader::check_structure() {
    const auto found = database_.text("PRAGMA quick_check(1)");
    if (!found) return fail(found.error());
    if (*found != "ok") return fail(Code::state_corrupt, *found);
    return check_schema(database_, std::max<std::int64_t>(loaded_.version, 1));
}

Result<void> Loader::read_table(Table table, const std::function<bool(const StoredRow&)>& take) {
    auto rows = database_.prepare("SELECT * FROM " + std::string(name(table)));
    if (!rows) return fail(rows.error());
    const bool two_names = has_two_names(table);
    const int body = two_names ? 2 : 1;
    for (;;) {
        const auto there = rows->step();
        if (!there) return fail(there.error());
        if (!*there) return {};
        StoredRow row{{table, rows->text(0), two_names ? rows->text(1) : std::string()},
                      rows->text(body),
                      rows->blob(body + 1)};
        if (!take(row)) damaged("a row of table " + std::string(name(table)) + " was changed");
    }
}

bool Loader::take_meta(const StoredRow& row) {
    if (row.name.first == meta_name::kSeal) {
        seal_ = row.mac;
        return row.body.empty();
    }
    const Mac mac = row_mac(key_, row.name, row.body);
    if (!equal(mac, row.mac)) return false;
    auto& contents = loaded_.contents;
    contents.macs[row.name] = mac;
    if (row.name.first == meta_name::kMachineId) contents.machine_id = row.body;
    if (row.name.first == meta_name::kSchemaVersion) schema_version_ = row.body;
    if (row.name.first == meta_name::kRevision)
        contents.revision = std::strtoll(row.body.c_str(), nullptr, 10);
    if (row.name.first == meta_name::kFormer) contents.former = row.body;
    if (row.name.first == meta_name::kHardware) {
        auto hardware = hardware_from_row(row.body);
        if (!hardware) return false;
        contents.hardware = std::move(*hardware);
    }
    if (row.name.first != meta_name::kTime) return true;
    auto time = time_from_row(row.body);
    if (time) contents.time = std::move(*time);
    return time.has_value();
}

bool Loader::take_publisher(const StoredRow& row) {
    const Mac mac = row_mac(key_, row.name, row.body);
    auto state = publisher_from_row(row.body);
    if (!equal(mac, row.mac) || !state || state->root.publisher != row.name.first) return false;
    loaded_.contents.macs[row.name] = mac;
    loaded_.contents.publishers[row.name.first] = std::move(*state);
    return true;
}

bool Loader::take_product(const StoredRow& row) {
    const Mac mac = row_mac(key_, row.name, row.body);
    auto state = product_from_row(row.body);
    const ProductId id{row.name.first, row.name.second};
    if (!equal(mac, row.mac) || !state || id_of(*state) != id) return false;
    loaded_.contents.macs[row.name] = mac;
    loaded_.contents.products[id] = std::move(*state);
    return true;
}

bool Loader::take_cloud(const StoredRow& row) {
    const Mac mac = row_mac(key_, row.name, row.body);
    auto read = cloud_from_row(row.body);
    const CloudId id{row.name.first, row.name.second};
    if (!equal(mac, row.mac) || !read || read->key() != id) return false;
    loaded_.contents.macs[row.name] = mac;
    loaded_.contents.cloud[id] = std::move(*read);
    return true;
}

Result<void> Loader::read_journal() {
    Chain chain;
    auto followed = follow_chain(database_, key_, chain, {});
    loaded_.contents.journal = chain.head;
    if (followed && chain.broken)
        damaged("the journal's chain breaks after line " + std::to_string(chain.head.number));
    return followed;
}

void Loader::check_seal() {
    if (!seal_ || !equal(seal_of(key_, loaded_.contents), *seal_))
        damaged("rows are missing, or come from another time");
}

Result<Loaded> Loader::load() {
    const auto meta = [this](const StoredRow& row) { return take_meta(row); };
    const auto publisher = [this](const StoredRow& row) { return take_publisher(row); };
    const auto product = [this](const StoredRow& row) { return take_product(row); };
    // Where the version's number is damaged the row under a MAC says whether there is such a table.
    const auto cloud = [this]() -> Result<void> {
        if (std::max(loaded_.version, said_version().value_or(0)) < kCloudSince) return {};
        return read_table(Table::cloud, [this](const StoredRow& row) { return take_cloud(row); });
    };
    const std::vector<std::pair<std::string_view, std::function<Result<void>()>>> parts{
        {"meta", [&] { return read_table(Table::meta, meta); }},
        {"the file", [&] { return check_version(); }},
        {"the file", [&] { return check_structure(); }},
        {"publishers", [&] { return read_table(Table::publisher, publisher); }},
        {"products", [&] { return read_table(Table::product, product); }},
        {"cloud services", cloud},
        {"the journal", [&] { return read_journal(); }},
    };
    for (const auto& [what, read] : parts)
        if (auto done = tolerate(read(), what); !done) return fail(done.error());
    check_seal();
    return std::move(loaded_);
}

}  // namespace

Result<Loaded> load(Database& database, const MacKey& key) { return Loader(database, key).load(); }

std::vector<JournalEntry> salvage_journal(Database& database, const MacKey& key) {
    std::vector<JournalEntry> lines;
    Chain chain;
    // What follows a break or an unreadable page is lost; what was read before it is not.
    static_cast<void>(follow_chain(database, key, chain,
                                   [&](JournalEntry entry) { lines.push_back(std::move(entry)); }));
    return lines;
}

}  // namespace latchkey::store
