// Activations and their previews: one decision, spent or only told.

#include <algorithm>

#include "keyserver/decisions/documents.h"
#include "keyserver/decisions/ledger_file.h"
#include "keyserver/decisions/once.h"
#include "keyserver/decisions/tpm.h"
#include "keyserver/rules/baselines.h"
#include "keyserver/rules/lease_tree.h"

namespace latchkey::keyserver {
namespace {

tl::unexpected<licensing::ProblemDocument> refuse_with_numbers(Problem problem,
                                                               const KeyRecord& key) {
    return tl::unexpected(licensing::ProblemDocument{std::move(problem), key.used, key.limit, {}});
}

Result<licensing::ActivationRequest> parse_activation(std::string_view message) {
    const auto value = json::parse_strict(message);
    if (!value) return fail(value.error());
    return licensing::activation_request_from_json(*value);
}

/// The record this machine has from now on.
MachineRecord next_record(const CaseFile& file, const Decision& decision) {
    MachineRecord machine;
    if (decision.candidate) {
        machine = file.records[*decision.candidate];
        move_baselines(machine, file.seen, decision, file.candidates[*decision.candidate].matching);
    } else {
        machine.id = licensing::random_id("mch_");
        machine.key = file.key.id;
        machine.counting_baseline = file.seen;
        machine.matching_baseline = file.seen;
        machine.created_at = file.now;
    }
    machine.state = MachineState::active;
    machine.counted += decision.counted;
    machine.platform = file.request.platform;
    machine.claimed_location = file.request.location;
    machine.claimed_country = file.request.country;
    machine.last_seen_at = file.now;
    return machine;
}

/// The license of the machine that the device key goes on with: one that nobody disputes, where it
/// holds several. A disputed one is not it where the activation counts: who pays gets a license of
/// its own.
Result<std::optional<LicenseRecord>> own_license(Stores& stores, const std::string& machine,
                                                 std::string_view device, bool counts) {
    auto licenses = stores.licenses.of(machine);
    if (!licenses) return fail(std::move(licenses.error()));
    std::optional<LicenseRecord> disputed;
    for (auto& license : *licenses) {
        if (license.device_key != device || license.ended) continue;
        const auto leases = stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        if (forks(*leases).empty()) return std::optional(std::move(license));
        if (!counts) disputed = std::move(license);
    }
    return disputed;
}

/// A device key keeps its license over repeated activations; a new one (a reimage) gets its own,
/// and the earlier holder's goes on until its lease ends: a live holder is never evicted.
Result<LicenseRecord> next_license(Stores& stores, const MachineRecord& machine,
                                   std::string_view device, const CaseFile& file, bool counts) {
    const auto own = own_license(stores, machine.id, device, counts);
    if (!own) return fail(own.error());
    LicenseRecord license;
    if (*own) {
        license = **own;
        ++license.lease_sequence;
    } else {
        license.id = licensing::random_id("lic_");
        license.machine = machine.id;
        license.key = file.key.id;
        license.device_key = std::string(device);
    }
    license.issued_at = file.now;
    license.expires_at = lease_end(file.program, file.now);
    return license;
}

/// An activation presents no lease, so its lease follows none: whoever held the license before and
/// renews it still is not taken for its ancestor (lease_tree.h).
Result<void> store_license(Stores& stores, const LicenseRecord& license, std::string_view platform,
                           ServerTime now) {
    if (auto saved = stores.licenses.save(license); !saved) return saved;
    return stores.licenses.add_lease({.license = license.id,
                                      .sequence = license.lease_sequence,
                                      .after = 0,
                                      .issued_at = now,
                                      .platform = std::string(platform)});
}

Result<void> commit_activation(Stores& stores, CaseFile& file, const MachineRecord& machine,
                               const LicenseRecord& license, const ReceiptRecord& receipt) {
    if (auto kept = save_machine(stores, machine); !kept) return kept;
    if (auto kept = stores.holders.seen(machine.id, license.device_key, file.now); !kept)
        return kept;
    if (auto kept = stores.keys.set_used(file.key.id, file.key.used); !kept) return kept;
    if (auto kept = store_license(stores, license, machine.platform, file.now); !kept) return kept;
    if (auto kept = stop_graces(stores, file.product.id, license.device_key, file.now); !kept)
        return kept;
    return stores.decisions.add_receipt(receipt);
}

licensing::PreviewReply preview_reply(const CaseFile& file, const Decision& decision) {
    licensing::PreviewReply reply;
    reply.new_machine = !decision.candidate;
    reply.verdict = decision.verdict;
    reply.significant = decision.significant;
    reply.changed_any = decision.changed_any;
    reply.count = decision.counted;
    reply.program = file.program.id;
    reply.rule = file.program.rule;
    reply.reasons = decision.reasons;
    if (const auto* match = explaining_match(file, decision))
        reply.components = findings(*match, file.seen, true);
    reply.activations = activations_of(file.key, file.now);
    reply.license_quantity = file.entitlement.quantity;
    reply.activate_by = file.entitlement.activate_by;
    if (decision.refusal) {
        reply.refusal = decision.refusal->name();
        reply.refusal_detail = decision.refusal->detail;
    }
    return reply;
}

Result<bool> preview_limit_reached(Stores& stores, const std::string& key, std::string_view device,
                                   const Policy& policy, ServerTime now) {
    const ServerTime since = now - hours{1};
    const auto own = stores.previews.count(key, device, since);
    if (!own) return fail(own.error());
    if (*own >= policy.previews_per_device) return true;
    const auto all = stores.previews.count(key, {}, since);
    if (!all) return fail(all.error());
    return *all >= policy.previews_per_key;
}

}  // namespace

Outcome DecisionService::decide_activation(Stores& stores, const ProvenRequest& request,
                                           licensing::ActivationRequest message, ServerTime now) {
    auto tpm = judge_tpm(room_, message, request.device_key, now, policy_.tpm_proof_kept);
    auto file = open_case(stores, room_.pepper(), policy_, room_.weights().table,
                          room_.publisher().salt_id, std::move(message), request.device, now);
    if (!file) return refuse(std::move(file.error()));
    file->tpm = std::move(tpm);
    const Decision decision = decide(file->facts(), policy_);
    if (decision.refusal) return refuse_with_numbers(*decision.refusal, file->key);

    Earlier earlier{file->key.used, {}};
    file->key.used += decision.counted;
    const MachineRecord machine = next_record(*file, decision);
    const ServerTime since = now - policy_.recent_window;
    const auto recent = stores.decisions.tally(machine.id, since);
    if (!recent) return refuse(recent.error());
    // The first one installed the machine; those after it installed it again.
    const bool first_is_among_them = machine.created_at >= since;
    earlier.reimages = recent->counted + decision.counted - (first_is_among_them ? 1 : 0);
    const auto license = next_license(stores, machine, request.device, *file, decision.counted > 0);
    if (!license) return refuse(license.error());

    const Grant grant{room_,     file->product.id, file->program, file->entitlement,
                      file->key, machine,          *license,      request.device_key};
    const auto receipt =
        signed_receipt(grant, activation_receipt(grant, *file, decision, earlier), false);
    if (auto kept = commit_activation(stores, *file, machine, *license, receipt); !kept)
        return refuse(std::move(kept.error()));
    return Answer{
        201,
        licensing::to_json(licensing::ActivationReply{sign_license_of(grant, now), receipt.jws}),
        false};
}

Outcome DecisionService::activate(const ProvenRequest& request, std::string_view message,
                                  ServerTime now) {
    auto parsed = parse_activation(message);
    if (!parsed) return refuse(std::move(parsed.error()));
    auto outcome = once(request, message, now, [&](Stores& stores) {
        return decide_activation(stores, request, *parsed, now);
    });
    licensing::wipe(parsed->product_key);
    return outcome;
}

Outcome DecisionService::preview(const ProvenRequest& request, std::string_view message,
                                 ServerTime now) {
    auto parsed = parse_activation(message);
    if (!parsed) return refuse(std::move(parsed.error()));
    parsed->max_count = 1;
    auto outcome = repeated([&] { return decide_preview(request, *parsed, now); });
    licensing::wipe(parsed->product_key);
    return outcome;
}

Outcome DecisionService::decide_preview(const ProvenRequest& request,
                                        const licensing::ActivationRequest& message,
                                        ServerTime now) {
    auto transaction = store_.begin(Store::Access::write);
    if (!transaction) return refuse(std::move(transaction.error()));
    auto outcome = look_ahead((*transaction)->stores(), request, message, now);
    auto ended = outcome ? (*transaction)->commit() : (*transaction)->let_go();
    if (!ended) return refuse(std::move(ended.error()));
    return outcome;
}

Outcome DecisionService::look_ahead(Stores& stores, const ProvenRequest& request,
                                    const licensing::ActivationRequest& message, ServerTime now) {
    auto file = open_case(stores, room_.pepper(), policy_, room_.weights().table,
                          room_.publisher().salt_id, message, request.device, now);
    if (!file) return refuse(file.error());
    file->tpm = judge_tpm(room_, message, request.device_key, now, policy_.tpm_proof_kept);
    const auto limited = preview_limit_reached(stores, file->key.id, request.device, policy_, now);
    if (!limited) return refuse(limited.error());
    if (*limited) {
        constexpr std::int64_t kTryAgainInSeconds = 600;
        return tl::unexpected(licensing::ProblemDocument{
            {Code::rate_limited, "too many previews of this key in the last hour", {}},
            {},
            {},
            kTryAgainInSeconds});
    }

    const Decision decision = decide(file->facts(), policy_);
    const auto reply = preview_reply(*file, decision);
    auto kept = stores.previews.add({file->key.id, request.device,
                                     std::string(hwid::name(decision.verdict)), reply.refusal,
                                     decision.counted, now});
    if (!kept) return refuse(std::move(kept.error()));
    return Answer{200, licensing::to_json(reply), false};
}

}  // namespace latchkey::keyserver
