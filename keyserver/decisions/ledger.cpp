// POST /v1/rearms: what this hardware's grace has cost, told by an installation and told back.

#include "keyserver/decisions/ledger_file.h"
#include "keyserver/decisions/multiplicity.h"
#include "keyserver/decisions/once.h"
#include "keyserver/rules/baselines.h"

namespace latchkey::keyserver {
namespace {

/// The fitting refusal, if any. Where a product keeps no ledger the answer is the one of a key
/// server that knows none.
std::optional<Problem> refuse_ledger(const Product& product, std::string_view salt_id,
                                     const licensing::LedgerRequest& request) {
    if (!product.needs_activation) return Problem{Code::activation_not_required, product.id, {}};
    if (!product.rearm_ledger)
        return Problem{Code::record_unknown, "no grace ledger is kept for " + product.id,
                       "Nothing to do: the agent goes on counting by itself."};
    if (request.fingerprint.salt_id != salt_id) return other_salt();
    return std::nullopt;
}

}  // namespace

Outcome DecisionService::decide_rearms(Stores& stores, const ProvenRequest& request,
                                       const licensing::LedgerRequest& message, ServerTime now) {
    const auto product = find_product(stores, message.product);
    if (!product) return refuse(product.error());
    if (auto refusal = refuse_ledger(*product, room_.publisher().salt_id, message))
        return refuse(std::move(*refusal));
    hwid::Fingerprint seen = room_.pepper().of(message.fingerprint);
    if (auto counted = fill_multiplicities(stores, seen); !counted)
        return refuse(std::move(counted.error()));
    auto file = open_ledgers(stores, product->id, request.device, seen);
    if (!file) return refuse(std::move(file.error()));

    std::optional<LedgerRecord> known;
    const LedgerCandidate* candidate = nullptr;
    if (file->chosen) {
        known = std::move(file->records[*file->chosen]);
        candidate = &file->candidates[*file->chosen];
    }
    const bool known_device = candidate && candidate->known_device;
    Policy policy = policy_;
    policy.lab_graces_per_year = product->lab_reimages_per_year;
    LedgerDecision decision = decide_ledger({message, known, known_device, now}, policy);
    LedgerRecord& ledger = decision.record;
    if (!known) {
        ledger.id = licensing::random_id("led_");
        ledger.product = product->id;
        ledger.matching_baseline = seen;
    } else if (known_device) {
        roll_baseline(ledger.matching_baseline, seen, candidate->match);
    }
    auto kept = save_ledger(stores, ledger);
    if (kept) kept = stores.ledgers.seen(ledger.id, request.device, now);
    if (!kept) return refuse(std::move(kept.error()));
    return Answer{200, licensing::to_json(decision.reply), false};
}

Outcome DecisionService::rearms(const ProvenRequest& request, std::string_view message,
                                ServerTime now) {
    const auto value = json::parse_strict(message);
    if (!value) return refuse(value.error());
    const auto parsed = licensing::ledger_request_from_json(*value);
    if (!parsed) return refuse(parsed.error());
    return once(request, message, now,
                [&](Stores& stores) { return decide_rearms(stores, request, *parsed, now); });
}

}  // namespace latchkey::keyserver
