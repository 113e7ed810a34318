#pragma once

// The ledgers that may be the asking hardware's, gathered from the store.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyserver/rules/ledger_rules.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

struct LedgerFile {
    std::vector<LedgerRecord> records;
    std::vector<LedgerCandidate> candidates;  ///< one a record, same order
    std::optional<std::size_t> chosen;        ///< which one is the hardware's
};

/// `seen` is peppered. Fails with Code::evidence_insufficient where the hardware cannot be told.
Result<LedgerFile> open_ledgers(Stores& stores, const std::string& product, std::string_view device,
                                const hwid::Fingerprint& seen);

/// The ledger of a machine record's hardware, if there is one.
Result<std::optional<LedgerRecord>> ledger_of(Stores& stores, const MachineRecord& machine);

/// A license of this device key begins or goes on: the graces it speaks for stand still.
Result<void> stop_graces(Stores& stores, const std::string& product, std::string_view device,
                         ServerTime now);

/// Saves the record and indexes its baseline.
Result<void> save_ledger(Stores& stores, const LedgerRecord& ledger);

}  // namespace latchkey::keyserver
