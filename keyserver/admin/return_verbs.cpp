// activation return: an activation that was given in error goes back to its key.

#include <algorithm>

#include "keyserver/admin/verb.h"
#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/documents.h"

namespace latchkey::keyserver::admin {
namespace {

/// Oldest first.
Result<std::vector<ReceiptRecord>> all_receipts(Context& context, const std::string& machine) {
    std::vector<ReceiptRecord> all;
    Page page{kMaxPage, {}};
    for (;;) {
        auto piece = context.stores.decisions.receipts(machine, page);
        if (!piece) return fail(std::move(piece.error()));
        std::move(piece->items.begin(), piece->items.end(), std::back_inserter(all));
        if (piece->next.empty()) return all;
        page.after = piece->next;
    }
}

bool counted(const ReceiptRecord& receipt) {
    return receipt.kind == licensing::name(licensing::ReceiptKind::activation) &&
           receipt.counted > 0;
}

/// The activations of a machine that used something and keep it: neither given back by an
/// administrator nor by the release of a returnable license, which gives back the newest of its
/// license. Oldest first.
std::vector<ReceiptRecord> standing(const std::vector<ReceiptRecord>& all) {
    std::vector<ReceiptRecord> out;
    for (const auto& receipt : all) {
        const auto returned = [&](const ReceiptRecord& other) {
            return other.id == return_receipt_id(receipt.id);
        };
        if (counted(receipt) && std::none_of(all.begin(), all.end(), returned))
            out.push_back(receipt);
    }
    for (const auto& release : all) {
        if (!release.returned) continue;
        const auto newest = std::find_if(
            out.rbegin(), out.rend(),
            [&](const ReceiptRecord& receipt) { return receipt.license == release.license; });
        if (newest != out.rend()) out.erase(std::next(newest).base());
    }
    return out;
}

struct Chosen {
    ReceiptRecord receipt;
    std::vector<ReceiptRecord> others;  ///< of the machine, that stand
};

/// A receipt's id, or a machine's: then its newest activation that counted and stands.
Result<Chosen> choose(Context& context, const std::string& id) {
    auto named = context.stores.decisions.receipt(id);
    if (!named) return fail(std::move(named.error()));
    if (*named && !counted(**named))
        return fail(Problem{Code::already_exists,
                            "receipt \"" + id + "\" is not of an activation that counted",
                            "See 'latchkey-keyserver admin receipt list --machine'."});
    const auto all = all_receipts(context, *named ? (*named)->machine : id);
    if (!all) return fail(all.error());
    if (all->empty())
        return fail(Problem{Code::record_unknown, "there is no receipt or machine \"" + id + "\"",
                            "See 'latchkey-keyserver admin receipt list'."});
    auto stands = standing(*all);
    const auto chosen = std::find_if(
        stands.rbegin(), stands.rend(),
        [&](const ReceiptRecord& receipt) { return !*named || receipt.id == (*named)->id; });
    if (chosen == stands.rend())
        return fail(Problem{
            Code::already_exists,
            "nothing is left to give back of \"" + id + "\": it went back to its key already",
            "See 'latchkey-keyserver admin receipt list --machine'."});
    Chosen out{*chosen, {}};
    stands.erase(std::next(chosen).base());
    out.others = std::move(stands);
    return out;
}

template <class T>
Result<T> required(Result<std::optional<T>> found, std::string_view what) {
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(Code::state_corrupt, "a receipt has no " + std::string(what));
    return std::move(**found);
}

/// What nothing pays for any more ends: the license, or all of the machine's.
Result<bool> end_licenses(Context& context, const Chosen& chosen, MachineRecord& machine,
                          LicenseRecord& license) {
    if (chosen.others.empty()) {
        machine.state = MachineState::released;
        if (auto ended = context.stores.licenses.end_all(machine.id); !ended)
            return fail(std::move(ended.error()));
        return true;
    }
    const bool paid =
        std::any_of(chosen.others.begin(), chosen.others.end(),
                    [&](const ReceiptRecord& other) { return other.license == license.id; });
    if (paid || license.ended) return false;
    license.ended = true;
    if (auto kept = context.stores.licenses.save(license); !kept)
        return fail(std::move(kept.error()));
    return true;
}

Result<bj::object> give_back(Context& context, const Arguments& arguments) {
    const auto chosen = choose(context, arguments.text("id"));
    if (!chosen) return fail(chosen.error());
    Stores& stores = context.stores;
    auto key = required(stores.keys.find(chosen->receipt.key), "product key");
    if (!key) return fail(std::move(key.error()));
    if (auto due = apply_returns(stores, *key, context.now); !due)
        return fail(std::move(due.error()));
    auto machine = required(stores.machines.find(chosen->receipt.machine), "machine");
    if (!machine) return fail(std::move(machine.error()));
    auto license = required(stores.licenses.find(chosen->receipt.license), "license");
    if (!license) return fail(std::move(license.error()));
    const auto entitlement = required(stores.entitlements.find(key->entitlement), "entitlement");
    if (!entitlement) return fail(entitlement.error());
    const auto program = find_program(stores, entitlement->program);
    if (!program) return fail(program.error());
    const auto device = licensing::public_key_from_text(chosen->receipt.device_key);
    if (!device) return fail(Code::state_corrupt, "a receipt names no device key");

    const std::int64_t used_before = key->used;
    key->used = std::max<std::int64_t>(0, key->used - 1);
    machine->counted = std::max<std::int64_t>(0, machine->counted - 1);
    const auto ended = end_licenses(context, *chosen, *machine, *license);
    if (!ended) return fail(ended.error());
    const Grant grant{
        context.room, entitlement->product, *program, *entitlement, *key, *machine, *license,
        *device};
    const auto receipt = signed_receipt(
        grant,
        return_receipt(grant, chosen->receipt, arguments.text("reason"), used_before, context.now),
        false);
    auto kept = stores.keys.set_used(key->id, key->used);
    if (kept) kept = save_machine(stores, *machine);
    if (kept) kept = stores.decisions.add_receipt(receipt);
    if (!kept) return fail(std::move(kept.error()));
    return bj::object{
        {"id", receipt.id},
        {"returns", chosen->receipt.id},
        {"machine", machine->id},
        {"machine_state", name(machine->state)},
        {"license", license->id},
        {"license_ended", *ended},
        {"key", key->id},
        {"activations",
         bj::object{{"used", key->used}, {"limit", key->limit}, {"left", key->limit - key->used}}},
        {"receipt", receipt.jws}};
}

}  // namespace

std::vector<Verb> return_verbs() {
    using enum ArgumentKind;
    return {
        {.noun = "activation",
         .name = "return",
         .help = "Give an activation that was counted in error back to its key, at once, and end "
                 "the license that it paid for",
         .arguments = {{"id", text, true,
                        "The activation's receipt; or a machine: its newest activation that "
                        "counted",
                        true},
                       {"reason", text, true, "Why, for the receipt"}},
         .access = Store::Access::write,
         .run = give_back,
         .items = {},
         .columns = {}},
    };
}

}  // namespace latchkey::keyserver::admin
