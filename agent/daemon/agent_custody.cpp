// The agent and the machine it stands on: state that turns out to be another machine's, and a
// machine that becomes an image.

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "agent/daemon/spawn.h"

namespace latchkey::daemon {
namespace {

localapi::HealthItem warning(Code code, std::string text) {
    return {std::string(info(code).name), localapi::Severity::warning, std::move(text),
            std::string(info(code).remedy)};
}

}  // namespace

/// After each look at the hardware, before anybody acts on it.
void Agent::looked() {
    if (image()) return;
    const auto look = [this](const Bytes& salt) { return desk_.machine.digests(salt); };
    const auto settled = store_.custody->settle(look, desk_.runner.moment().now);
    if (!settled) {
        spdlog::error("whose state this is was not stored: {}", printable(settled.error().detail));
        return;
    }
    desk_.settled = true;
    for (const auto& sentence : settled->done) spdlog::warn("{}", printable(sentence));
    if (!settled->foreign.empty()) {
        spdlog::warn("{}", printable(settled->foreign));
        custody_ = warning(Code::state_foreign, settled->foreign);
    }
    if (settled->time_changed || settled->rows_changed) read_again(settled->time_changed);
}

/// The store changed rows and keys by itself.
void Agent::read_again(bool time_changed) {
    desk_.trust.forget();
    auto& runner = desk_.runner;
    if (const auto loaded = time_changed ? runner.load() : runner.load_rows(); !loaded)
        spdlog::error("the state was not read again: {}", printable(loaded.error().detail));
    load_products();
    set_alarm();
    // Whoever looked tells one product at most what the hardware is.
    spawn(desk_.executor, renewal_.look_at_hardware());
}

const store::ImageReport* Agent::image() const {
    const auto& report = store_.custody->report();
    return report ? &*report : nullptr;
}

Result<ImagePlan> Agent::plan_image() {
    return daemon::plan_image(store_, {desk_.config, config_file_});
}

Result<ImageProof> Agent::prove_image() {
    return daemon::prove_image(store_, {desk_.config, config_file_});
}

Result<store::ImageReport> Agent::generalize(bool force) {
    auto plan = plan_image();
    if (!plan) return fail(plan.error());
    const auto* before = image();
    if (before && before->done && plan->removed.empty()) return *before;
    if (plan->refusal && !force) return fail(*plan->refusal);
    store::ImageReport report;
    if (before) report = *before;
    report.at = desk_.runner.moment().now;
    report.agent_version = agent_version();
    report.boot_id = desk_.runner.boot_id();
    report.removed.insert(report.removed.end(), plan->removed.begin(), plan->removed.end());
    report.kept = std::move(plan->kept);
    report.warnings = std::move(plan->warnings);
    const auto removed = store_.custody->generalize(std::move(report));
    if (image()) fall_asleep();
    if (!removed) return fail(removed.error());
    return *image();
}

/// Nothing of this machine is known any more, and nothing is started on it.
void Agent::fall_asleep() {
    alarm_.cancel();
    desk_.manifests.clear();
    desk_.runner.forget();
    desk_.trust.forget();
    desk_.settled = false;
    troubles_.clear();
    unattended_at_.reset();
    activation_.forget();
    custody_ =
        warning(Code::generalized, "This machine is prepared as a golden image (" +
                                       format_rfc3339(image()->at) + "); nothing starts on it.");
    spdlog::warn("{}", custody_->text);
}

}  // namespace latchkey::daemon
