// What happens to a license after it was given: renewals and release.

#include <algorithm>
#include <utility>

#include "keyserver/decisions/documents.h"
#include "keyserver/decisions/ledger_file.h"
#include "keyserver/decisions/multiplicity.h"
#include "keyserver/decisions/once.h"
#include "keyserver/rules/baselines.h"
#include "keyserver/rules/lease_tree.h"

namespace latchkey::keyserver {
namespace {

/// All that stands behind one license.
struct LicenseFile {
    LicenseRecord license;
    MachineRecord machine;
    KeyRecord key;
    Entitlement entitlement;
    licensing::Program program;
};

template <class T>
Result<T> required(Result<std::optional<T>> found, std::string_view what) {
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(Code::state_corrupt, "a license has no " + std::string(what));
    return std::move(**found);
}

/// A license is known only to the device key it was given to.
Result<LicenseFile> open_license(Stores& stores, std::string_view id, std::string_view device,
                                 ServerTime now) {
    auto license = stores.licenses.find(id);
    if (!license) return fail(std::move(license.error()));
    if (!*license || (*license)->device_key != device)
        return fail(Problem{Code::record_unknown, "this device key holds no such license",
                            "Activate the product on this machine; that gives a license of its "
                            "own ('latchkey explain' tells beforehand whether it counts)."});
    LicenseFile file;
    file.license = std::move(**license);
    auto key = required(stores.keys.find(file.license.key), "product key");
    if (!key) return fail(std::move(key.error()));
    if (auto returned = apply_returns(stores, *key, now); !returned)
        return fail(std::move(returned.error()));
    auto machine = required(stores.machines.find(file.license.machine), "machine");
    if (!machine) return fail(std::move(machine.error()));
    auto entitlement = required(stores.entitlements.find(key->entitlement), "entitlement");
    if (!entitlement) return fail(std::move(entitlement.error()));
    auto program = find_program(stores, entitlement->program);
    if (!program) return fail(std::move(program.error()));
    file.machine = std::move(*machine);
    file.key = std::move(*key);
    file.entitlement = std::move(*entitlement);
    file.program = std::move(*program);
    return file;
}

Problem suspected(const Fork& fork) {
    return {
        Code::suspected_clone,
        "two machines renew this license in turns, with one identity; the other one renewed on " +
            format_rfc3339(fork.first.issued_at).substr(0, 10) + " and goes on",
        {}};
}

Result<void> commit_renewal(Stores& stores, const LicenseFile& file, const Lease& lease) {
    if (auto kept = save_machine(stores, file.machine); !kept) return kept;
    if (auto kept = stores.holders.seen(file.machine.id, file.license.device_key, lease.issued_at);
        !kept)
        return kept;
    if (auto kept = stores.licenses.save(file.license); !kept) return kept;
    if (auto kept =
            stop_graces(stores, file.entitlement.product, file.license.device_key, lease.issued_at);
        !kept)
        return kept;
    return stores.licenses.add_lease(lease);
}

/// Did another device key use the record after this one first did? Then it is alive, and this one's
/// release must not end its license. Earlier holders fell silent when the machine was reimaged.
Result<bool> others_live(Stores& stores, const LicenseRecord& license) {
    const auto holders = stores.holders.of(license.machine);
    if (!holders) return fail(holders.error());
    const auto mine = std::find_if(holders->begin(), holders->end(), [&](const Holder& holder) {
        return holder.device_key == license.device_key;
    });
    if (mine == holders->end()) return false;
    return std::any_of(holders->begin(), holders->end(), [&](const Holder& holder) {
        return holder.device_key != license.device_key && holder.last_seen_at > mine->first_seen_at;
    });
}

Result<void> commit_release(Stores& stores, const LicenseFile& file, bool whole_machine,
                            bool returned) {
    LicenseRecord ended = file.license;
    ended.ended = true;
    if (auto kept = save_machine(stores, file.machine); !kept) return kept;
    if (auto kept = stores.licenses.save(ended); !kept) return kept;
    if (returned)
        if (auto kept = stores.machines.owe_return(file.machine, *file.license.expires_at); !kept)
            return kept;
    if (!whole_machine) return {};
    return stores.licenses.end_all(file.machine.id);
}

Grant grant_of(const KeyRoom& room, const LicenseFile& file, const ProvenRequest& request) {
    return {room,         file.entitlement.product,
            file.program, file.entitlement,
            file.key,     file.machine,
            file.license, request.device_key};
}

}  // namespace

Outcome DecisionService::decide_renewal(Stores& stores, std::string_view license,
                                        const ProvenRequest& request,
                                        const licensing::RenewRequest& message, ServerTime now) {
    auto file = open_license(stores, license, request.device, now);
    if (!file) return refuse(std::move(file.error()));
    if (message.fingerprint.salt_id != room_.publisher().salt_id) return refuse(other_salt());
    hwid::Fingerprint seen = room_.pepper().of(message.fingerprint);
    if (auto counted = fill_multiplicities(stores, seen); !counted)
        return refuse(std::move(counted.error()));
    auto match = hwid::match(file->machine.matching_baseline, seen, hwid::default_weights());
    const bool product_matches = message.product == file->entitlement.product;
    auto refusal =
        refuse_renewal({file->key, file->machine, file->license, match, product_matches});
    // A newer table never takes a license away: who goes on by either of them goes on.
    if (refusal && !room_.weights().jws.empty()) {
        const auto newer =
            hwid::match(file->machine.matching_baseline, seen, room_.weights().table);
        if (!refuse_renewal({file->key, file->machine, file->license, newer, product_matches})) {
            refusal.reset();
            match = newer;
        }
    }
    if (refusal) return refuse(std::move(*refusal));

    const auto leases = stores.licenses.leases(file->license.id, kMaxLeases);
    if (!leases) return refuse(leases.error());
    Growing growing = grow(*leases,
                           {message.lease_sequence, message.platform, file->license.adopt_next,
                            file->program.renewal_days, now},
                           policy_);
    if (growing.growth == Growth::suspected) return refuse(suspected(*growing.fork));
    growing.lease.license = file->license.id;
    // The word of an administrator waits for the machine it is about.
    const bool adopted = growing.growth == Growth::adopted;
    const bool by_administrator = adopted && std::exchange(file->license.adopt_next, false);

    const Lease& lease = growing.lease;
    roll_matching_baseline(file->machine, seen, match);
    file->machine.last_seen_at = now;
    file->license.lease_sequence = lease.sequence;
    file->license.issued_at = now;
    file->license.expires_at = lease_end(file->program, now);
    const Grant grant = grant_of(room_, *file, request);
    auto kept = commit_renewal(stores, *file, lease);
    if (kept && growing.growth == Growth::adopted)
        kept = stores.decisions.add_receipt(
            signed_receipt(grant, adoption_receipt(grant, by_administrator, now), false));
    if (!kept) return refuse(std::move(kept.error()));
    const auto document = sign_license_of(grant, now);
    return Answer{200, licensing::to_json(licensing::RenewReply{document}), false};
}

Outcome DecisionService::renew(std::string_view license, const ProvenRequest& request,
                               std::string_view message, ServerTime now) {
    const auto value = json::parse_strict(message);
    if (!value) return refuse(value.error());
    const auto parsed = licensing::renew_request_from_json(*value);
    if (!parsed) return refuse(parsed.error());
    return once(request, message, now, [&](Stores& stores) {
        return decide_renewal(stores, license, request, *parsed, now);
    });
}

Outcome DecisionService::decide_release(Stores& stores, std::string_view license,
                                        const ProvenRequest& request,
                                        const licensing::ReleaseRequest& message, ServerTime now) {
    auto file = open_license(stores, license, request.device, now);
    if (!file) return refuse(std::move(file.error()));
    if (message.product != file->entitlement.product)
        return refuse({Code::key_wrong_product, "the license is for another product", {}});
    if (file->license.ended)
        return refuse({Code::not_activated, "the license was ended before", {}});
    const auto shared = others_live(stores, file->license);
    if (!shared) return refuse(shared.error());
    const auto tally = stores.decisions.tally(file->machine.id, now - policy_.returns_window);
    if (!tally) return refuse(tally.error());
    const bool returned =
        !*shared && gives_back(file->program, file->license, tally->returned, policy_);

    if (!*shared) file->machine.state = MachineState::released;
    file->machine.last_seen_at = now;
    const Grant grant = grant_of(room_, *file, request);
    const auto receipt = signed_receipt(grant, release_receipt(grant, returned, now), returned);
    auto kept = commit_release(stores, *file, !*shared, returned);
    if (kept) kept = stores.decisions.add_receipt(receipt);
    if (!kept) return refuse(std::move(kept.error()));
    licensing::ReleaseReply reply{receipt.jws, returned, activations_of(file->key, now), {}};
    if (returned) reply.returns_at = file->license.expires_at;
    return Answer{200, licensing::to_json(reply), false};
}

Outcome DecisionService::release(std::string_view license, const ProvenRequest& request,
                                 std::string_view message, ServerTime now) {
    const auto value = json::parse_strict(message);
    if (!value) return refuse(value.error());
    const auto parsed = licensing::release_request_from_json(*value);
    if (!parsed) return refuse(parsed.error());
    return once(request, message, now, [&](Stores& stores) {
        return decide_release(stores, license, request, *parsed, now);
    });
}

}  // namespace latchkey::keyserver
