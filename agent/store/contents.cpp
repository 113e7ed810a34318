#include "agent/store/contents.h"

namespace latchkey::store {

std::string_view name(Table table) {
    switch (table) {
        case Table::meta:
            return "meta";
        case Table::publisher:
            return "publisher";
        case Table::product:
            return "product";
        case Table::cloud:
            break;
    }
    return "cloud";
}

bool has_two_names(Table table) {
    switch (table) {
        case Table::meta:
        case Table::publisher:
            return false;
        case Table::product:
        case Table::cloud:
            return true;
    }
    return true;
}

Mac row_mac(const MacKey& key, const RowName& row, std::string_view body) {
    return key.of({"row", name(row.table), row.first, row.second, body});
}

Mac seal_of(const MacKey& key, const Contents& contents) {
    std::string rows;
    for (const auto& [row, mac] : contents.macs) rows += as_text(mac);
    return key.of(
        {"seal", rows, std::to_string(contents.journal.number), as_text(contents.journal.link)});
}

}  // namespace latchkey::store
