// Machines and receipts.

#include <algorithm>
#include <map>

#include "keyserver/console/gather.h"
#include "keyserver/console/policy.h"

namespace latchkey::keyserver::console {
namespace {

/// The last five characters of keys, each asked for once.
class Names {
public:
    explicit Names(const Sources& from) : from_(from) {}
    Result<std::string> key(const std::string& id) {
        if (id.empty()) return std::string();
        const auto known = keys_.find(id);
        if (known != keys_.end()) return known->second;
        const auto key = required_key(from_, id);
        if (!key) return fail(key.error());
        return keys_[id] = key->last5;
    }
    Result<std::string> of(const ReceiptRecord& receipt) {
        if (receipt.token.empty()) return key(receipt.key);
        const auto token = from_.stores.tokens.find(receipt.token);
        if (!token) return fail(token.error());
        return *token ? (*token)->last5 : std::string();
    }

private:
    const Sources& from_;
    std::map<std::string, std::string> keys_;
};

ReceiptRow receipt_row(const Sources& from, ReceiptRecord record, std::string last5) {
    ReceiptRow row{std::move(record), std::move(last5), {}};
    if (const auto said = licensing::verify_receipt(row.record.jws, from.room.key_set()))
        row.said = **said;
    return row;
}

/// The newest first; a machine that is reimaged daily has many.
Result<std::vector<LicenseRecord>> newest_licenses(const Sources& from,
                                                   const std::string& machine) {
    auto licenses = from.stores.licenses.of(machine);
    if (!licenses) return licenses;
    std::reverse(licenses->begin(), licenses->end());
    if (licenses->size() > kLicensesLooked) licenses->resize(kLicensesLooked);
    return licenses;
}

}  // namespace

Result<KeyRecord> required_key(const Sources& from, const std::string& id) {
    auto key = from.stores.keys.find(id);
    if (!key) return fail(std::move(key.error()));
    if (!*key) return fail(Code::record_unknown, "product key \"" + id + "\"");
    return std::move(**key);
}

Result<LicenseRow> license_row(const Sources& from, LicenseRecord license) {
    const auto leases = from.stores.licenses.leases(license.id, kMaxLeases);
    if (!leases) return fail(leases.error());
    const bool ended = license.ended;
    return LicenseRow{std::move(license), ended ? std::vector<Fork>{} : forks(*leases)};
}

Result<MachineRow> machine_row(const Sources& from, MachineRecord machine, std::string last5) {
    auto licenses = newest_licenses(from, machine.id);
    if (!licenses) return fail(std::move(licenses.error()));
    MachineRow row{std::move(machine), std::move(last5), false};
    for (auto& license : *licenses) {
        if (license.ended) continue;
        const auto told = license_row(from, std::move(license));
        if (!told) return fail(told.error());
        row.suspected_clone = row.suspected_clone || !told->forks.empty();
    }
    return row;
}

Result<MachineListView> gather_machines(const Sources& from, const std::string& key,
                                        const Page& page) {
    MachineListView view;
    if (!key.empty()) {
        auto found = required_key(from, key);
        if (!found) return fail(std::move(found.error()));
        view.key = std::move(*found);
    }
    auto piece = from.stores.survey.machines(key, page);
    if (!piece) return fail(std::move(piece.error()));
    Names names(from);
    for (auto& machine : piece->items) {
        auto last5 = names.key(machine.key);
        if (!last5) return fail(std::move(last5.error()));
        auto row = machine_row(from, std::move(machine), std::move(*last5));
        if (!row) return fail(std::move(row.error()));
        view.machines.items.push_back(std::move(*row));
    }
    view.machines.next = piece->next;
    return view;
}

Result<Listed<ReceiptRow>> receipt_rows(const Sources& from, const ReceiptFilter& filter,
                                        const Page& page) {
    auto piece = from.stores.survey.receipts(filter, page);
    if (!piece) return fail(std::move(piece.error()));
    Listed<ReceiptRow> rows{{}, piece->next};
    Names names(from);
    for (auto& record : piece->items) {
        auto last5 = names.of(record);
        if (!last5) return fail(std::move(last5.error()));
        rows.items.push_back(receipt_row(from, std::move(record), std::move(*last5)));
    }
    return rows;
}

Result<MachineView> gather_machine(const Sources& from, const std::string& id,
                                   const Page& receipts) {
    auto machine = from.stores.machines.find(id);
    if (!machine) return fail(std::move(machine.error()));
    if (!*machine) return fail(Code::record_unknown, "machine \"" + id + "\"");
    MachineView view;
    auto key = required_key(from, (*machine)->key);
    if (!key) return fail(std::move(key.error()));
    view.key = std::move(*key);
    auto entitlement = from.stores.entitlements.find(view.key.entitlement);
    if (!entitlement) return fail(std::move(entitlement.error()));
    if (*entitlement) view.entitlement = std::move(**entitlement);
    const auto product = from.stores.products.find(view.entitlement.product);
    if (!product) return fail(product.error());
    view.product_name = *product ? (*product)->name : view.entitlement.product;

    auto holders = from.stores.holders.of(id);
    if (!holders) return fail(std::move(holders.error()));
    std::reverse(holders->begin(), holders->end());
    view.holders = std::move(*holders);
    if (const auto most = static_cast<std::size_t>(kShortList); view.holders.size() > most) {
        view.more_holders = static_cast<std::int64_t>(view.holders.size() - most);
        view.holders.resize(most);
    }

    auto licenses = newest_licenses(from, id);
    if (!licenses) return fail(std::move(licenses.error()));
    view.row = {std::move(**machine), view.key.last5, false};
    for (auto& license : *licenses) {
        auto row = license_row(from, std::move(license));
        if (!row) return fail(std::move(row.error()));
        const bool disputed = !row->forks.empty();
        view.row.suspected_clone = view.row.suspected_clone || disputed;
        if (disputed || view.licenses.size() < static_cast<std::size_t>(kRows))
            view.licenses.push_back(std::move(*row));
        else
            ++view.more_licenses;
    }
    auto decisions = receipt_rows(from, {id, {}, {}}, receipts);
    if (!decisions) return fail(std::move(decisions.error()));
    view.receipts = std::move(*decisions);
    return view;
}

Result<ReceiptListView> gather_receipts(const Sources& from, const ReceiptFilter& filter,
                                        const Page& page) {
    auto rows = receipt_rows(from, filter, page);
    if (!rows) return fail(std::move(rows.error()));
    return ReceiptListView{std::move(*rows), filter};
}

Result<ReceiptRow> gather_receipt(const Sources& from, const std::string& id) {
    auto record = from.stores.survey.receipt(id);
    if (!record) return fail(std::move(record.error()));
    if (!*record) return fail(Code::record_unknown, "receipt \"" + id + "\"");
    Names names(from);
    auto last5 = names.of(**record);
    if (!last5) return fail(std::move(last5.error()));
    return receipt_row(from, std::move(**record), std::move(*last5));
}

}  // namespace latchkey::keyserver::console
