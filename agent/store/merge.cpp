#include "agent/store/merge.h"

#include <algorithm>

#include "agent/core/carry_over.h"

namespace latchkey::store {
namespace {

/// A grace that a license stopped goes on from where it stood.
std::optional<core::Grace> grace_left(const AnchorProduct& anchor, ServerTime proven) {
    auto grace = anchor.grace;
    if (!grace || !anchor.stopped_at || grace->frozen) return grace;
    const Duration stood_still = std::max(Duration{proven - *anchor.stopped_at}, Duration{0});
    grace->started_at += stood_still;
    grace->ends_at += stood_still;
    return grace;
}

core::ProductState rebuilt(const ProductId& id, const AnchorProduct& anchor, ServerTime proven) {
    core::ProductState state;
    state.publisher = id.first;
    state.product = id.second;
    state.grace_granted = anchor.grace_granted;
    state.rearms_used = anchor.rearms_used;
    state.deactivated = anchor.deactivated;
    state.tpm = anchor.tpm;
    state.grace = grace_left(anchor, proven);
    // After a license was ended only a rearm grants a grace.
    if (anchor.deactivated && state.grace &&
        state.grace->kind != core::ProductStatus::extended_grace)
        state.grace.reset();
    // A grace that is over becomes notification at the first tick.
    if (state.grace)
        state.status = state.grace->kind;
    else if (anchor.grace_granted && !anchor.deactivated)
        state.status = core::ProductStatus::notification;
    return state;
}

/// What an older state would give back: grace that was used, a license that was ended.
bool gives_back(const core::ProductState& state, const AnchorProduct& anchor) {
    if (anchor.deactivated && !state.deactivated) return true;
    return !state.license && state.grace != anchor.grace;
}

/// The key server spoke of this row's rearms after the second copy was written.
bool was_told_later(const core::ProductState& state, const core::TimeLedger& written) {
    return state.ledger.told && state.ledger.told->as_of >= written.proven;
}

bool remember_rearms(core::ProductState& state, const AnchorProduct& anchor) {
    if (state.rearms_used >= anchor.rearms_used && (state.grace_granted || !anchor.grace_granted))
        return false;
    state.rearms_used = std::max(state.rearms_used, anchor.rearms_used);
    state.grace_granted = state.grace_granted || anchor.grace_granted;
    return true;
}

/// What the TPM's counter was told already is no news when it is read next.
bool remember_counter(core::ProductState& state, const AnchorProduct& anchor) {
    if (!anchor.tpm || (state.tpm && state.tpm->counted >= anchor.tpm->counted)) return false;
    state.tpm = anchor.tpm;
    return true;
}

bool is_first_look(const core::TimeLedger& ledger) { return ledger.boot_id.empty(); }

}  // namespace

Merged merge(Contents& contents, const Anchor& anchor, Line line) {
    Merged merged;
    const bool newer = line == Line::other || anchor.revision > contents.revision;
    const bool takes_time = is_first_look(contents.time)
                                ? !is_first_look(anchor.time)
                                : newer && anchor.time.proven > contents.time.proven;
    const core::TimeLedger own = contents.time;
    if (takes_time) contents.time = anchor.time;
    // The times of another line count from a zero of their own.
    if (line == Line::other && takes_time)
        for (auto& [id, state] : contents.products)
            if (state.grace) state.grace = core::told_in(*state.grace, own, contents.time);
    for (const auto& [id, product] : anchor.products) {
        const auto found = contents.products.find(id);
        const bool missing = found == contents.products.end();
        if (missing || (newer && gives_back(found->second, product))) {
            auto& state = contents.products[id] = rebuilt(id, product, anchor.time.proven);
            if (line == Line::other && !takes_time && state.grace)
                state.grace = core::told_in(*state.grace, anchor.time, contents.time);
            merged.done.push_back(
                "The state of " + id.second + " was rebuilt from the second copy." +
                (product.lease_sequence > 0 && !product.deactivated
                     ? " It was activated before; license and product key are lost: activate it "
                       "again."
                     : ""));
            merged.products.push_back(id);
            continue;
        }
        const bool rearms =
            !was_told_later(found->second, anchor.time) && remember_rearms(found->second, product);
        if (rearms)
            merged.done.push_back("The rearms of " + id.second +
                                  " were taken from the second copy.");
        const bool counter = remember_counter(found->second, product);
        if (rearms || counter) merged.products.push_back(id);
    }
    merged.time = takes_time;
    if (contents.machine_id.empty()) contents.machine_id = anchor.machine_id;
    // What comes from it belongs to the machine that it belongs to.
    if (!contents.hardware) contents.hardware = anchor.hardware;
    contents.revision = std::max(contents.revision, anchor.revision);
    return merged;
}

}  // namespace latchkey::store
