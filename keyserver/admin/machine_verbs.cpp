// machine list | show | release | resolve, receipt list | verify

#include <boost/json/array.hpp>

#include "keyserver/admin/ledger_words.h"
#include "keyserver/admin/machine_release.h"
#include "keyserver/admin/verb.h"
#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/documents.h"
#include "keyserver/rules/lease_tree.h"
#include "licensing/receipt.h"

namespace latchkey::keyserver::admin {
namespace {

bj::object shown(const MachineRecord& machine) {
    return {{"id", machine.id},
            {"key", machine.key},
            {"state", name(machine.state)},
            {"counted", machine.counted},
            {"platform", machine.platform},
            {"claimed_location", text_or_null(machine.claimed_location)},
            {"claimed_country", text_or_null(machine.claimed_country)},
            {"evidence", hwid::name(hwid::strength(machine.matching_baseline))},
            {"created_at", format_rfc3339(machine.created_at)},
            {"last_seen_at", format_rfc3339(machine.last_seen_at)},
            {"resolved_at", time_or_null(machine.resolved_at)},
            {"return_due", time_or_null(machine.return_due)}};
}

Result<MachineRecord> required_machine(Context& context, const std::string& id) {
    auto machine = context.stores.machines.find(id);
    if (!machine) return fail(std::move(machine.error()));
    if (!*machine) return fail(Code::record_unknown, "machine \"" + id + "\"");
    return std::move(**machine);
}

bj::object shown_fork(const std::string& license, const Fork& fork) {
    const auto lease = [](const Lease& newest) {
        return "lease " + std::to_string(newest.sequence) + " of " +
               format_rfc3339(newest.issued_at).substr(0, 10);
    };
    return {
        {"license", license},
        {"what", "two machines renew it in turns since lease " + std::to_string(fork.parted_after) +
                     "; the one that holds " + lease(fork.first) + " goes on, the one that holds " +
                     lease(fork.other) + " is refused"},
        {"parted_after", fork.parted_after},
        {"platform", fork.other.platform},
        {"goes_on", fork.first.sequence},
        {"goes_on_seen_at", format_rfc3339(fork.first.issued_at)},
        {"refused", fork.other.sequence},
        {"refused_seen_at", format_rfc3339(fork.other.issued_at)}};
}

/// Of the machine's licenses that go on.
Result<bj::array> shown_forks(Context& context, const std::string& machine) {
    const auto licenses = context.stores.licenses.of(machine);
    if (!licenses) return fail(licenses.error());
    bj::array out;
    for (const auto& license : *licenses) {
        if (license.ended) continue;
        const auto leases = context.stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        for (const auto& fork : forks(*leases)) out.push_back(shown_fork(license.id, fork));
    }
    return out;
}

/// What a list tells besides the record: is a clone suspected, and what the grace of that hardware
/// has cost.
Result<void> tell_more(Context& context, bj::object& item) {
    const auto machine = required_machine(context, std::string(item.at("id").as_string()));
    if (!machine) return fail(machine.error());
    const auto forked = shown_forks(context, machine->id);
    if (!forked) return fail(forked.error());
    const auto ledger = ledger_of(context.stores, *machine);
    if (!ledger) return fail(ledger.error());
    item["suspected_clone"] = !forked->empty();
    item["ledger"] = *ledger ? bj::value(shown_ledger(**ledger, context.now)) : bj::value(nullptr);
    return {};
}

Result<bj::object> list(Context& context, const Arguments& arguments) {
    MachineFilter filter;
    filter.key = arguments.text("key");
    filter.last_seen_before = arguments.date("last-seen-before");
    if (arguments.has("state")) {
        filter.state = machine_state_from_name(arguments.text("state"));
        if (!filter.state) return fail(Code::usage, "--state must be active or released");
    }
    auto out = listed(context.stores.machines.list(filter, arguments.page()), "machines", shown);
    if (!out) return out;
    for (auto& item : out->at("machines").as_array())
        if (auto told = tell_more(context, item.as_object()); !told)
            return fail(std::move(told.error()));
    return out;
}

Result<bj::array> shown_holders(Context& context, const std::string& machine) {
    const auto holders = context.stores.holders.of(machine);
    if (!holders) return fail(holders.error());
    bj::array out;
    for (const auto& holder : *holders)
        out.push_back(bj::object{{"device_key", holder.device_key},
                                 {"first_seen_at", format_rfc3339(holder.first_seen_at)},
                                 {"last_seen_at", format_rfc3339(holder.last_seen_at)}});
    return out;
}

Result<bj::array> shown_licenses(Context& context, const std::string& machine) {
    const auto licenses = context.stores.licenses.of(machine);
    if (!licenses) return fail(licenses.error());
    bj::array out;
    for (const auto& license : *licenses) {
        const auto leases = context.stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        out.push_back(bj::object{{"id", license.id},
                                 {"device_key", license.device_key},
                                 {"ended", license.ended},
                                 {"lease_sequence", license.lease_sequence},
                                 {"branches", branches(*leases)},
                                 {"issued_at", format_rfc3339(license.issued_at)},
                                 {"expires_at", time_or_null(license.expires_at)}});
    }
    return out;
}

Result<bj::object> show(Context& context, const Arguments& arguments) {
    const auto machine = required_machine(context, arguments.text("id"));
    if (!machine) return fail(machine.error());
    auto holders = shown_holders(context, machine->id);
    if (!holders) return fail(std::move(holders.error()));
    auto licenses = shown_licenses(context, machine->id);
    if (!licenses) return fail(std::move(licenses.error()));
    bj::array components;
    for (const auto& evidence : machine->matching_baseline.evidence)
        components.push_back(bj::object{{"kind", hwid::name(evidence.kind)},
                                        {"quality", hwid::name(evidence.quality)}});
    auto forked = shown_forks(context, machine->id);
    if (!forked) return fail(std::move(forked.error()));
    bj::object out = shown(*machine);
    if (auto told = tell_more(context, out); !told) return fail(std::move(told.error()));
    out["holders"] = std::move(*holders);
    out["licenses"] = std::move(*licenses);
    out["forks"] = std::move(*forked);
    out["components"] = std::move(components);
    return out;
}

Result<bj::object> release(Context& context, const Arguments& arguments) {
    auto machine = required_machine(context, arguments.text("id"));
    if (!machine) return fail(std::move(machine.error()));
    const auto receipt = release_machine(context, *machine, arguments.text("reason"));
    if (!receipt) return fail(receipt.error());
    bj::object out = shown(*machine);
    out["receipt_id"] = *receipt ? bj::value((*receipt)->id) : bj::value(nullptr);
    out["receipt"] = *receipt ? bj::value((*receipt)->jws) : bj::value(nullptr);
    return out;
}

/// Where two machines dispute a license, the refused one goes on at its next renewal, and the other
/// is refused from then on; `keep_first` takes such a word back.
Result<void> resolve_forks(Context& context, const std::string& machine, bool keep_first) {
    const auto licenses = context.stores.licenses.of(machine);
    if (!licenses) return fail(licenses.error());
    for (LicenseRecord license : *licenses) {
        const auto leases = context.stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        if (license.ended || forks(*leases).empty()) continue;
        license.adopt_next = !keep_first;
        if (auto kept = context.stores.licenses.save(license); !kept) return kept;
    }
    return {};
}

/// Who goes on and who does not, by the lease each holds.
Result<bj::array> outcome_of_forks(Context& context, const std::string& machine, bool keep_first) {
    const auto licenses = context.stores.licenses.of(machine);
    if (!licenses) return fail(licenses.error());
    bj::array out;
    const auto side = [](const Lease& lease) {
        return bj::object{{"lease", lease.sequence},
                          {"renewed_at", format_rfc3339(lease.issued_at)}};
    };
    for (const auto& license : *licenses) {
        const auto leases = context.stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        if (license.ended) continue;
        for (const auto& fork : forks(*leases))
            out.push_back(bj::object{{"license", license.id},
                                     {"goes_on", side(keep_first ? fork.first : fork.other)},
                                     {"is_refused", side(keep_first ? fork.other : fork.first)}});
    }
    return out;
}

Result<void> reset(LedgerRecord& ledger, ServerTime now) {
    reset_rearms(ledger, now);
    return {};
}

/// When it takes effect: both agents renew in their own time.
std::string_view effect_of(bool any_dispute) {
    return any_dispute
               ? "The one that goes on is taken at its next renewal; the other one is refused at "
                 "the renewal after that."
               : "No two machines dispute a license of this record. Activations that did not count "
                 "are forgiven up to now.";
}

Result<bj::object> resolve(Context& context, const Arguments& arguments) {
    const auto id = arguments.text("id");
    const bool rearms = arguments.has("reset-rearms");
    if (is_ledger_id(id)) {
        if (!rearms)
            return fail(Code::usage, "of a ledger there is nothing to resolve but --reset-rearms");
        return change_ledger(context, id, reset);
    }
    auto machine = required_machine(context, id);
    if (!machine) return fail(std::move(machine.error()));
    machine->resolved_at = context.now;
    auto kept = save_machine(context.stores, *machine);
    const bool keep_first = arguments.has("keep-first");
    if (kept) kept = resolve_forks(context, machine->id, keep_first);
    if (!kept) return fail(std::move(kept.error()));
    bj::object out = shown(*machine);
    auto disputes = outcome_of_forks(context, machine->id, keep_first);
    if (!disputes) return fail(std::move(disputes.error()));
    out["effect"] = effect_of(!disputes->empty());
    if (!disputes->empty()) out["disputes"] = std::move(*disputes);
    if (rearms) {
        auto ledger = change_ledger(context, id, reset);
        if (!ledger) return ledger;
        out["ledger"] = std::move(*ledger);
    }
    return out;
}

/// Null where nobody looked at hardware.
bj::value shown_judgement(const ReceiptRecord& receipt) {
    if (!looked_at_machine(receipt)) return nullptr;
    return bj::object{{"verdict", receipt.verdict}, {"continuity", receipt.continuity}};
}

bj::object shown_receipt(const ReceiptRecord& receipt) {
    return {{"id", receipt.id},
            {"kind", receipt.kind},
            {"at", format_rfc3339(receipt.at)},
            {"machine", text_or_null(receipt.machine)},
            {"key", text_or_null(receipt.key)},
            {"token", text_or_null(receipt.token)},
            {"license", receipt.license},
            {"device_key", receipt.device_key},
            {"counted", receipt.counted},
            {"verdict", receipt.verdict},
            {"continuity", receipt.continuity},
            {"judged", shown_judgement(receipt)},
            {"receipt", receipt.jws}};
}

Result<ReceiptFilter> receipt_filter(Context& context, const Arguments& arguments) {
    ReceiptFilter filter{arguments.text("machine"), arguments.text("key"), arguments.text("kind")};
    if (arguments.has("machine") + arguments.has("key") + arguments.has("kind") > 1)
        return fail(Code::usage, "--machine, --key and --kind exclude each other");
    if (!filter.kind.empty() && !licensing::receipt_kind_from_name(filter.kind))
        return fail(Code::usage,
                    "--kind must be activation, release, returned, adoption or redemption");
    if (!filter.key.empty()) {
        const auto key = context.stores.keys.find(filter.key);
        if (!key) return fail(key.error());
        if (!*key)
            return fail(Problem{Code::record_unknown, "product key \"" + filter.key + "\"",
                                "See 'latchkey-keyserver admin key list'."});
    }
    return filter;
}

Result<bj::object> list_receipts(Context& context, const Arguments& arguments) {
    const auto filter = receipt_filter(context, arguments);
    if (!filter) return fail(filter.error());
    if (!filter->key.empty() || !filter->kind.empty())
        return listed(context.stores.survey.receipts(*filter, arguments.page()), "receipts",
                      shown_receipt);
    return listed(context.stores.decisions.receipts(arguments.text("machine"), arguments.page()),
                  "receipts", shown_receipt);
}

Result<bj::object> verify_receipt(Context& context, const Arguments& arguments) {
    std::string jws = arguments.text("file");
    while (!jws.empty() && (jws.back() == '\n' || jws.back() == '\r' || jws.back() == ' '))
        jws.pop_back();
    const auto receipt = licensing::verify_receipt(jws, context.room.key_set());
    if (!receipt) return fail(receipt.error());
    const auto shown = licensing::to_json(**receipt);
    return shown.as_object();
}

}  // namespace

std::vector<Verb> machine_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"machine",
         "list",
         "List machine records",
         {{"key", text, false, "Of this product key only"},
          {"state", text, false, "active or released"},
          {"last-seen-before", date, false, "Not heard of since"},
          limit_rule(),
          cursor_rule()},
         read,
         list,
         "machines",
         {{"ID", "id"},
          {"KEY", "key"},
          {"STATE", "state"},
          {"COUNTED", "counted"},
          {"CLONE", "suspected_clone"},
          {"FIRST GRACE", "ledger.first_grace_at"},
          {"GRACES", "ledger.graces_this_year"},
          {"REARMS", "ledger.rearms_used"},
          {"PLATFORM", "platform"},
          {"EVIDENCE", "evidence"},
          {"LAST SEEN", "last_seen_at"}}},
        {"machine",
         "show",
         "Show one machine: holders, licenses, forks, its grace ledger, kinds of evidence",
         {{"id", text, true, "The machine's id", true}},
         read,
         show,
         {},
         {}},
        {"machine",
         "release",
         "End a machine's licenses; its next activation counts",
         {{"id", text, true, "The machine's id", true},
          {"reason", text, false, "Why, for the receipt"}},
         write,
         release,
         {},
         {}},
        {"machine",
         "resolve",
         "Let a machine go on: forgive its uncounted activations; of two that dispute its license "
         "the refused one goes on and the other is refused",
         {{"id", text, true, "The machine's id, or its ledger's", true},
          {"keep-first", flag, false,
           "Of two that dispute its license let the one go on that was there first"},
          {"reset-rearms", flag, false,
           "After a resale or repair: no rearm is used, and the next installation gets a grace "
           "anew"}},
         write,
         resolve,
         {},
         {}},
        {"receipt",
         "list",
         "List decision receipts, the oldest first; of a key or a kind the newest first",
         {{"machine", text, false, "Of this machine only"},
          {"key", text, false, "Of this product key only, by its id"},
          {"kind", text, false,
           "Of this kind only: activation, release, returned, adoption or redemption"},
          limit_rule(),
          cursor_rule()},
         read,
         list_receipts,
         "receipts",
         {{"ID", "id"},
          {"AT", "at"},
          {"KIND", "kind"},
          {"COUNTED", "counted"},
          {"VERDICT", "judged.verdict"},
          {"CONTINUITY", "judged.continuity"},
          {"MACHINE", "machine"}}},
        {"receipt",
         "verify",
         "Verify a receipt and show what it says",
         {{"file", file, true, "The receipt (a JWS in a file)", true}},
         read,
         verify_receipt,
         {},
         {}},
    };
}

}  // namespace latchkey::keyserver::admin
