#include "agent/daemon/renewal.h"

#include <algorithm>

#include "hwid/weights.h"
#include "licensing/messages.h"

namespace latchkey::daemon {

namespace asio = boost::asio;

namespace {
constexpr Duration kLookEvery = Days{1};

bool is_drift(const hwid::MatchResult& result) {
    return result.verdict != hwid::Verdict::same || result.significant;
}

}  // namespace

void Renewal::tell_hardware(const licensing::Manifest& manifest) {
    const auto* state = desk_.row(manifest);
    if (state == nullptr || !state->license || !state->matching_baseline) return;
    core::event::HardwareSeen seen;
    seen.fingerprint = desk_.machine.fingerprint(manifest);
    seen.result = hwid::match(*state->matching_baseline, seen.fingerprint, hwid::default_weights());
    // A newer table never takes a license away: what is the same by either of them is the same.
    if (is_drift(seen.result)) {
        const auto newer = hwid::match(*state->matching_baseline, seen.fingerprint,
                                       desk_.trust.weights(manifest.publisher));
        if (!is_drift(newer)) seen.result = newer;
    }
    const bool says_something = seen.result.verdict != hwid::Verdict::insufficient;
    const bool drifted = is_drift(seen.result);
    if (!says_something || drifted == state->drifted) return;
    (void)desk_.apply(manifest, seen);
}

bool Renewal::look_is_due(ServerTime now) const {
    // A clock that was set back by a correction makes it due, too.
    if (looked_at_ && *looked_at_ <= now && now - *looked_at_ < kLookEvery) return false;
    return std::any_of(desk_.manifests.begin(), desk_.manifests.end(),
                       [this](const auto& manifest) {
                           const auto* state = desk_.row(manifest.second);
                           return state != nullptr && state->license && state->matching_baseline;
                       });
}

asio::awaitable<void> Renewal::look() {
    looked_at_ = desk_.runner.moment().now;
    co_await desk_.machine.look(desk_.runner.wall());
}

asio::awaitable<void> Renewal::look_at_hardware() {
    co_await look();
    const Manifests manifests = desk_.manifests;
    for (const auto& [product, manifest] : manifests) tell_hardware(manifest);
}

asio::awaitable<void> Renewal::renew(std::string product) {
    const auto manifest = desk_.manifest(product);
    if (!manifest) co_return;
    co_await look();
    tell_hardware(*manifest);
    const auto* state = desk_.row(*manifest);
    if (state == nullptr || !state->license || state->intent || state->drifted) co_return;
    licensing::RenewRequest request;
    request.product = product;
    request.lease_sequence = state->lease_sequence;
    request.fingerprint = desk_.machine.fingerprint(*manifest);
    request.platform = desk_.machine.facts().platform;
    request.agent_version = std::string(agent_version());
    core::event::RenewalDecided decided;
    decided.body = json::to_text(licensing::to_json(request));
    decided.idempotency_key = licensing::random_id("idk_");
    (void)desk_.apply(*manifest, decided);
}

asio::awaitable<Result<Refund>> Renewal::release(std::string product) {
    const auto manifest = desk_.manifest(product);
    if (!manifest) co_return fail(manifest.error());
    const auto* before = desk_.row(*manifest);
    const bool had_license = before != nullptr && before->license;
    core::event::ReleaseDecided decided;
    decided.body = json::to_text(licensing::to_json(licensing::ReleaseRequest{product}));
    decided.idempotency_key = licensing::random_id("idk_");
    const auto done = desk_.apply(*manifest, decided);
    if (!done) co_return fail(done.error());
    const RowKey row{manifest->publisher, product};
    courier_.send(row);
    const auto* state = desk_.row(*manifest);
    std::string key = decided.idempotency_key;
    const bool queued = state->queued && state->queued->idempotency_key == key;
    if (!queued && state->intent) key = state->intent->idempotency_key;
    const Delivery delivery = co_await courier_.finished(row, key);
    const auto* after = desk_.row(*manifest);
    const bool given_up = had_license && after != nullptr && !after->license;
    if (delivery.problem && !given_up) co_return fail(*delivery.problem);
    co_return delivery.refund;
}

}  // namespace latchkey::daemon
