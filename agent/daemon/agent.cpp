#include "agent/daemon/agent.h"

#include <boost/asio/post.hpp>

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/daemon/health.h"
#include "agent/daemon/log.h"
#include "agent/daemon/settings_log.h"
#include "agent/daemon/spawn.h"
#include "base/path_text.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

/// Proven time is made durable this often, so that a power cut gives back no more than this.
constexpr Duration kTimeKept = hours{1};
constexpr Duration kShortestSleep = seconds{1};
constexpr Duration kStorageRetry = minutes{1};

/// A manifest says something new to the row only in these cases; a start costs no commit otherwise.
bool says_something(const licensing::Manifest& manifest, const core::ProductState* state) {
    if (state == nullptr) return true;
    const bool not_required = state->status == core::ProductStatus::not_required;
    if (manifest.needs_activation == not_required) return true;
    return state->status == core::ProductStatus::unlicensed && !state->grace_granted &&
           !state->deactivated;
}

bool still_there(const Manifests& manifests, const licensing::Manifest& manifest) {
    const auto found = manifests.find(manifest.product);
    return found != manifests.end() && found->second.publisher == manifest.publisher;
}

std::string reminder(const core::ProductState* state) {
    if (state == nullptr || state->status != core::ProductStatus::licensed || !state->license ||
        !state->license->expires_at)
        return "this product is not activated";
    return "the license runs out at " + format_rfc3339(*state->license->expires_at) +
           " unless the key server renews it";
}

}  // namespace

Agent::Agent(AgentParts parts)
    : store_(std::move(parts.store)),
      config_file_(std::move(parts.config_file)),
      desk_{parts.executor,
            parts.client,
            std::move(parts.config),
            {},
            Trust(*store_.store),
            Machine(parts.executor, parts.captures),
            Runner(*store_.store, parts.clock, std::move(parts.random),
                   [this](const RowKey& row, const core::Effects& effects) {
                       perform(row, effects);
                   })},
      proofs_(desk_, parts.tpm, TpmOccasion::activation, parts.tpm_wait),
      questions_(desk_, std::move(parts.tpm), TpmOccasion::question, parts.tpm_wait),
      counts_(desk_, std::move(parts.counter), parts.tpm_wait),
      courier_(desk_, proofs_),
      activation_(desk_, courier_, questions_),
      renewal_(desk_, courier_),
      redemption_(desk_, *store_.shelf),
      grace_ledger_(desk_),
      alarm_(parts.executor) {
    desk_.machine.use_tpm(desk_.config.tpm != TpmUse::off);
    store_.second_copy->changed = [this] { tell_second_copy(); };
    desk_.machine.looked = [this] { looked(); };
    // Later, for somebody is in the middle of an answer.
    desk_.runner.clock_moved = [this] {
        asio::post(desk_.executor, [this, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) wake();
        });
    };
}

Agent::~Agent() = default;

Result<void> Agent::start() {
    if (auto loaded = desk_.runner.load(); !loaded) return loaded;
    started_at_ = desk_.runner.moment().now;
    if (image()) {
        fall_asleep();
        return {};
    }
    if (store_.second_copy->trouble) tell_second_copy();
    ca_files_.troubles(desk_.config);
    load_products();
    for (const auto& [product, manifest] : desk_.manifests) {
        const auto* state = desk_.row(manifest);
        if (state != nullptr)
            perform({manifest.publisher, product},
                    core::pending_effects(*state, desk_.runner.moment(), desk_.policy(manifest)));
    }
    wake();
    spawn(desk_.executor, settle_in());
    return {};
}

void Agent::load_products() {
    if (image()) return;
    auto loaded = load_manifests(
        desk_.config.paths.products_dir,
        [this](const std::string& publisher) { return desk_.trust.pinned_root(publisher); },
        desk_.manifests);
    for (const auto& trouble : loaded.troubles) spdlog::warn("{}", printable(trouble.text));
    for (const auto& [product, manifest] : desk_.manifests)
        if (!still_there(loaded.products, manifest))
            (void)desk_.apply(manifest, core::event::ManifestRemoved{});
    desk_.manifests = std::move(loaded.products);
    troubles_ = std::move(loaded.troubles);
    const Manifests seen = desk_.manifests;
    for (const auto& [product, manifest] : seen) {
        // Pinned when first seen, not when first used.
        if (const auto pinned = desk_.trust.of(manifest); !pinned)
            spdlog::error("{}: {}", printable(product), printable(pinned.error().detail));
        if (says_something(manifest, desk_.row(manifest)))
            (void)desk_.apply(manifest, core::event::ManifestSeen{manifest.needs_activation});
    }
}

void Agent::perform(const RowKey& row, const core::Effects& effects) {
    // The row of a publisher whose manifest is not there sleeps, whoever else has that product id.
    const auto manifest = desk_.manifest(row.product);
    if (!manifest || manifest->publisher != row.publisher) return;
    const std::string& product = row.product;
    for (const auto& effect : effects) {
        if (std::holds_alternative<core::effect::SendIntent>(effect))
            courier_.send(row);
        else if (std::holds_alternative<core::effect::PrepareRenewal>(effect))
            spawn(desk_.executor, renewal_.renew(product));
        else if (std::holds_alternative<core::effect::PrepareReactivation>(effect))
            spawn(desk_.executor, activation_.reactivate(product));
        else if (std::holds_alternative<core::effect::AskLedger>(effect))
            grace_ledger_.ask(row);
        else if (const auto* raise = std::get_if<core::effect::RaiseCounter>(&effect))
            counts_.raise(row, raise->target);
        else if (std::holds_alternative<core::effect::Remind>(effect)) {
            const LogFields fields({product, row.publisher, "reminder"});
            spdlog::warn("{}: reminder: {}", printable(product), reminder(desk_.row(*manifest)));
        }
    }
    set_alarm();
}

void Agent::wake() {
    if (image()) return;
    const core::Moment now = desk_.runner.moment();
    const Manifests manifests = desk_.manifests;
    for (const auto& [product, manifest] : manifests) {
        // What a full disk did not let begin at the start begins now.
        if (says_something(manifest, desk_.row(manifest)))
            (void)desk_.apply(manifest, core::event::ManifestSeen{manifest.needs_activation});
        if (const auto looked =
                desk_.runner.tick({manifest.publisher, product}, desk_.policy(manifest));
            !looked) {
            const LogFields fields({product, manifest.publisher, {}, looked.error().name()});
            spdlog::error("{}: {}", printable(product), printable(looked.error().detail));
        }
    }
    const bool cannot_store =
        store_.second_copy->trouble || desk_.runner.storage_trouble() != nullptr;
    if (now.now - time_kept_at_ >= (cannot_store ? kStorageRetry : kTimeKept)) {
        if (const auto kept = desk_.runner.keep_time(); !kept)
            spdlog::error("proven time was not stored: {}", printable(kept.error().detail));
        time_kept_at_ = now.now;
    }
    if (unattended_at_ && *unattended_at_ <= now.now) spawn(desk_.executor, activate_unattended());
    if (renewal_.look_is_due(now.now)) spawn(desk_.executor, renewal_.look_at_hardware());
    set_alarm();
}

void Agent::tell_second_copy() const {
    if (const auto& trouble = store_.second_copy->trouble)
        spdlog::warn("{}", printable(trouble->detail));
    else
        spdlog::info("the second copy of the state is written again");
}

void Agent::set_alarm() {
    if (image()) return;
    const core::Moment now = desk_.runner.moment();
    Duration wait = store_.second_copy->trouble ? kStorageRetry : kTimeKept;
    for (const auto& [product, manifest] : desk_.manifests) {
        const auto* state = desk_.row(manifest);
        if (state == nullptr) continue;
        if (const auto due = core::next_due(*state, now, desk_.policy(manifest)))
            wait = std::min(wait, *due - now.now);
    }
    const bool cannot_store = desk_.runner.storage_trouble() != nullptr;
    if (unattended_at_) wait = std::min(wait, *unattended_at_ - now.now);
    alarm_.expires_after(std::max(wait, cannot_store ? kStorageRetry : kShortestSleep));
    alarm_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
        if (!cancelled && !alive.expired()) wake();
    });
}

asio::awaitable<void> Agent::settle_in() {
    if (image()) co_return;
    co_await renewal_.look_at_hardware();
    if (desk_.settled) counts_.look();
    activation_.retry_soon();
    co_await activate_unattended();
}

asio::awaitable<void> Agent::activate_unattended() {
    unattended_again_ = true;  // for who runs already: the configuration may be another one now
    if (unattended_runs_) co_return;
    unattended_runs_ = true;
    std::optional<Duration> soonest;
    while (unattended_again_ && !image()) {
        unattended_again_ = false;
        unattended_at_.reset();
        soonest.reset();
        const auto wanted = desk_.config.activations;
        for (const auto& one : wanted)
            if (const auto wait = co_await activation_.unattended(one))
                soonest = std::min(soonest.value_or(*wait), *wait);
    }
    unattended_runs_ = false;
    const bool hurries = std::exchange(unattended_hurries_, false);
    if (!soonest || image()) co_return;
    const core::Moment now = desk_.runner.moment();
    if (hurries) soonest = std::min(*soonest, core::network_wait(now.random, core::Policy{}));
    unattended_at_ = now.now + *soonest;
    set_alarm();
}

Result<std::vector<std::string>> Agent::reload() {
    auto config = load_config(config_file_);
    if (!config) {
        config_trouble_ = config.error();
        spdlog::error("configuration not loaded: {}", printable(config.error().detail));
        return fail(std::move(config.error()));
    }
    config_trouble_.reset();
    std::vector<std::string> warnings;
    const platform::Paths running = desk_.config.paths;
    auto& next = config->paths;
    if (next.state_dir != running.state_dir || next.anchor_dir != running.anchor_dir ||
        next.endpoint != running.endpoint)
        warnings.push_back("[paths] state, anchor and socket change at the next start only");
    next.state_dir = running.state_dir;
    next.anchor_dir = running.anchor_dir;
    next.endpoint = running.endpoint;
    log_settings(config->settings, desk_.config.settings);
    log_unknown_policy(config->unknown_policy, desk_.config.unknown_policy);
    desk_.config = std::move(*config);
    desk_.machine.use_tpm(desk_.config.tpm != TpmUse::off);
    set_log_level(desk_.config.log_level);
    load_products();
    for (const auto& trouble : ca_files_.read_again(desk_.config))
        warnings.push_back(trouble.detail);
    for (const auto& trouble : troubles_) warnings.push_back(trouble.text);
    wake();
    // What failed for a wrong setting is worth another try soon.
    network_changed();
    spawn(desk_.executor, settle_in());
    return warnings;
}

void Agent::network_changed() {
    const core::Moment now = desk_.runner.moment();
    const Manifests manifests = desk_.manifests;
    for (const auto& [product, manifest] : manifests) {
        const auto* state = desk_.row(manifest);
        if (state == nullptr) continue;
        const bool waits = (state->intent && !state->intent->awaiting_answer) || state->drifted ||
                           (state->ledger.ask_at && state->ledger.retry_position > 0) ||
                           (state->renew_at && *state->renew_at <= now.now);
        if (waits) (void)desk_.apply(manifest, core::event::NetworkChanged{});
    }
    courier_.network_changed();
    unattended_hurries_ = unattended_runs_;
    if (!unattended_at_) return;
    unattended_at_ =
        std::min(*unattended_at_, now.now + core::network_wait(now.random, core::Policy{}));
    set_alarm();
}

localapi::StatusView Agent::status() {
    const auto& copy = store_.second_copy->trouble;
    auto view = status_view(
        desk_, {store_.custody->machine_id(), started_at_, &store_.report, copy ? &*copy : nullptr,
                &troubles_, custody_ ? &*custody_ : nullptr,
                config_trouble_ ? &*config_trouble_ : nullptr, &ca_files_.troubles(desk_.config),
                &activation_.troubles(), store_.shelf->cloud(), proofs_.last(), counts_.last()});
    view.config_file = utf8_text(config_file_);
    return view;
}

}  // namespace latchkey::daemon
