#include "keyserver/admin/machine_release.h"

#include <algorithm>

#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/documents.h"

namespace latchkey::keyserver::admin {
namespace {

template <class T>
Result<T> required(Result<std::optional<T>> found, std::string_view what) {
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(Code::state_corrupt, "a machine has no " + std::string(what));
    return std::move(**found);
}

Result<ReceiptRecord> receipt_of(Context& context, const MachineRecord& machine,
                                 const LicenseRecord& license, const AdminRelease& how) {
    auto key = required(context.stores.keys.find(machine.key), "product key");
    if (!key) return fail(std::move(key.error()));
    if (auto due = apply_returns(context.stores, *key, context.now); !due)
        return fail(std::move(due.error()));
    const auto entitlement =
        required(context.stores.entitlements.find(key->entitlement), "entitlement");
    if (!entitlement) return fail(entitlement.error());
    const auto program = find_program(context.stores, entitlement->program);
    if (!program) return fail(program.error());
    const auto device = licensing::public_key_from_text(license.device_key);
    if (!device) return fail(Code::state_corrupt, "a license names no device key");
    const Grant grant{
        context.room, entitlement->product, *program, *entitlement, *key, machine, license,
        *device};
    return signed_receipt(grant, admin_release_receipt(grant, how, context.now), false);
}

}  // namespace

Result<std::optional<ReceiptRecord>> release_machine(Context& context, MachineRecord& machine,
                                                     const std::string& reason) {
    Stores& stores = context.stores;
    const auto licenses = stores.licenses.of(machine.id);
    if (!licenses) return fail(licenses.error());
    const auto runs = [](const LicenseRecord& license) { return !license.ended; };
    const auto newest = std::find_if(licenses->rbegin(), licenses->rend(), runs);
    const bool ends_something = newest != licenses->rend();
    if (machine.state == MachineState::released && !ends_something)
        return std::optional<ReceiptRecord>();
    machine.state = MachineState::released;
    auto kept = save_machine(stores, machine);
    if (kept) kept = stores.licenses.end_all(machine.id);
    if (!kept) return fail(std::move(kept.error()));
    if (licenses->empty()) return std::optional<ReceiptRecord>();
    const auto ended = std::count_if(licenses->begin(), licenses->end(), runs);
    auto receipt =
        receipt_of(context, machine, ends_something ? *newest : licenses->back(), {reason, ended});
    if (!receipt) return fail(std::move(receipt.error()));
    if (kept = stores.decisions.add_receipt(*receipt); !kept) return fail(std::move(kept.error()));
    return std::optional<ReceiptRecord>(std::move(*receipt));
}

}  // namespace latchkey::keyserver::admin
