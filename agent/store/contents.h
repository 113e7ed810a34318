#pragma once

// Everything the database holds but the journal's lines, as values: what open_store() verified and
// every commit keeps in step. The store answers from here; the file is read at opening only.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "agent/store/hardware.h"
#include "agent/store/mac.h"
#include "agent/store/store.h"

namespace latchkey::store {

using ProductId = std::pair<std::string, std::string>;  ///< publisher, product

inline ProductId id_of(const core::ProductState& state) { return {state.publisher, state.product}; }

enum class Table : std::uint8_t { meta, publisher, product, cloud };
std::string_view name(Table table);

/// Rows of product and cloud have two names.
bool has_two_names(Table table);

/// Which row: of meta by name, of publisher by id, of product by both ids, of cloud by publisher
/// and id.
struct RowName {
    Table table{};
    std::string first;
    std::string second;

    friend auto operator<=>(const RowName&, const RowName&) = default;
};

namespace meta_name {
inline const std::string kSchemaVersion = "schema_version";
inline const std::string kMachineId = "machine_id";
inline const std::string kTime = "time";
inline const std::string kRevision = "revision";
inline const std::string kHardware = "hardware";  ///< optional: absent before the first look
inline const std::string kFormer = "former";      ///< optional
inline const std::string kSeal = "seal";
}  // namespace meta_name

/// The journal's end: the next line is chained to it.
struct JournalHead {
    std::int64_t number = 0;
    Mac link{};
};

struct Contents {
    std::string machine_id;
    std::optional<Hardware> hardware;  ///< the machine it belongs to; none before the first look
    std::string former;  ///< row text (former.h) of the machine it belonged to before; secret
    core::TimeLedger time;
    std::int64_t revision = 0;  ///< rises with every commit; tells an old copy from a new one
    std::map<std::string, PublisherState> publishers;
    std::map<ProductId, core::ProductState> products;
    std::map<CloudId, CloudRow> cloud;
    JournalHead journal;
    std::map<RowName, Mac> macs;  ///< of every row but the seal
};

Mac row_mac(const MacKey& key, const RowName& row, std::string_view body);

/// Covers every row's MAC and the journal's end: a row that was lost, swapped or put back from an
/// older file, and a journal that was cut, no longer fit.
Mac seal_of(const MacKey& key, const Contents& contents);

}  // namespace latchkey::store
