#include "keyserver/decisions/ledger_file.h"

#include <algorithm>

#include "keyserver/decisions/case_file.h"

namespace latchkey::keyserver {
namespace {

Result<std::string> product_of(Stores& stores, const MachineRecord& machine) {
    const auto key = stores.keys.find(machine.key);
    if (!key) return fail(key.error());
    if (!*key) return fail(Code::state_corrupt, "a machine has no product key");
    const auto entitlement = stores.entitlements.find((*key)->entitlement);
    if (!entitlement) return fail(entitlement.error());
    if (!*entitlement) return fail(Code::state_corrupt, "a product key has no entitlement");
    return (*entitlement)->product;
}

}  // namespace

Result<LedgerFile> open_ledgers(Stores& stores, const std::string& product, std::string_view device,
                                const hwid::Fingerprint& seen) {
    const auto known = stores.ledgers.of_device(product, device);
    if (!known) return fail(known.error());
    const auto ids = candidate_ids(*known, search_digests(seen), [&](const hwid::Digest& digest) {
        return stores.ledgers.showing(product, digest, kCandidatesPerDigest + 1);
    });
    if (!ids) return fail(ids.error());
    LedgerFile file;
    for (const auto& id : *ids) {
        auto record = stores.ledgers.find(id);
        if (!record) return fail(std::move(record.error()));
        if (!*record) continue;
        file.candidates.push_back(
            {(*record)->created_at,
             hwid::match((*record)->matching_baseline, seen, hwid::default_weights()),
             std::find(known->begin(), known->end(), id) != known->end()});
        file.records.push_back(std::move(**record));
    }
    const auto chosen = choose_ledger(seen, file.candidates);
    if (!chosen) return fail(chosen.error());
    file.chosen = *chosen;
    return file;
}

Result<std::optional<LedgerRecord>> ledger_of(Stores& stores, const MachineRecord& machine) {
    const auto product = product_of(stores, machine);
    if (!product) return fail(product.error());
    auto file = open_ledgers(stores, *product, {}, machine.matching_baseline);
    if (!file && file.error().code == Code::evidence_insufficient)
        return std::optional<LedgerRecord>{};
    if (!file) return fail(std::move(file.error()));
    if (!file->chosen) return std::optional<LedgerRecord>{};
    return std::optional(std::move(file->records[*file->chosen]));
}

Result<void> stop_graces(Stores& stores, const std::string& product, std::string_view device,
                         ServerTime now) {
    const auto ids = stores.ledgers.of_device(product, device);
    if (!ids) return fail(ids.error());
    for (const auto& id : *ids) {
        auto ledger = stores.ledgers.find(id);
        if (!ledger) return fail(std::move(ledger.error()));
        if (!*ledger || !stop_grace(**ledger, now)) continue;
        if (auto kept = save_ledger(stores, **ledger); !kept) return kept;
    }
    return {};
}

Result<void> save_ledger(Stores& stores, const LedgerRecord& ledger) {
    return stores.ledgers.save(ledger, search_digests(ledger.matching_baseline));
}

}  // namespace latchkey::keyserver
