#include "agent/daemon/runner.h"

#include <algorithm>
#include <array>

#include "agent/daemon/log.h"

namespace latchkey::daemon {
namespace {

core::ClockFacts facts_of(const platform::ClockReading& reading) {
    return {reading.wall, reading.since_boot, reading.boot_id};
}

/// What took a license away is an error; what an admin may want to look at before that, a warning.
spdlog::level::level_enum level_of(std::string_view event) {
    constexpr std::array<std::string_view, 3> kErrors{"grace_ended", "license_revoked",
                                                      "suspected_clone"};
    constexpr std::array<std::string_view, 10> kWarnings{
        "activation_held",    "attempt_failed",    "hardware_changed",   "ledger_refused",
        "ledger_unreachable", "redemption_failed", "redemption_refused", "refused",
        "state_foreign",      "state_repaired"};
    const auto has = [event](const auto& names) {
        return std::find(names.begin(), names.end(), event) != names.end();
    };
    if (has(kErrors)) return spdlog::level::err;
    return has(kWarnings) ? spdlog::level::warn : spdlog::level::info;
}

void tell(const store::JournalEntry& entry, std::string_view code = {}) {
    const LogFields fields({entry.product, entry.publisher, entry.event, code});
    spdlog::log(level_of(entry.event), "{}: {}: {}", printable(entry.product), entry.event,
                printable(entry.detail));
}

RowKey key_of(const core::ProductState& state) { return {state.publisher, state.product}; }

/// The policy numbers of the clock are no product's business.
const core::Policy& clock_policy() {
    static const core::Policy policy;
    return policy;
}

/// What the journal adds to the core's words: the decision, as the receipt tells it.
std::string words_of(const licensing::Receipt& receipt) {
    std::string text = receipt.counted > 0 ? " Counted 1" : " Counted 0";
    text += " under " + std::string(name(receipt.rule)) + "; " +
            std::to_string(receipt.used_after) + " of " + std::to_string(receipt.limit) + " used.";
    for (const auto& reason : receipt.reasons) text += " " + reason;
    return text;
}

/// True where a tick changed anything that is worth keeping.
bool moved(const core::ProductState& before, const core::Step& step) {
    const auto& after = step.state;
    return !step.effects.empty() || before.status != after.status || before.grace != after.grace ||
           before.next_attempt_at != after.next_attempt_at || before.renew_at != after.renew_at ||
           before.reminder_due_at != after.reminder_due_at || before.ledger != after.ledger;
}

}  // namespace

Runner::Runner(store::Store& store, const platform::Clock& clock, Random random, Perform perform)
    : store_(store), clock_(clock), random_(std::move(random)), perform_(std::move(perform)) {}

Result<void> Runner::load() {
    auto time = store_.time();
    if (!time) return fail(std::move(time.error()));
    ledger_ = std::move(*time);
    return load_rows();
}

Result<void> Runner::load_rows() {
    auto products = store_.products();
    if (!products) return fail(std::move(products.error()));
    states_.clear();
    for (auto& state : *products) {
        core::remember_unanswered(state);
        RowKey key = key_of(state);
        states_[std::move(key)] = std::move(state);
    }
    return {};
}

void Runner::forget() {
    states_.clear();
    ledger_ = {};
}

core::Moment Runner::moment() {
    const auto reading = core::read_time(ledger_, facts_of(clock_.now()), clock_policy());
    ledger_ = reading.ledger;
    health_ = reading.health;
    return core::moment_of(reading, random_());
}

std::optional<ServerTime> Runner::signed_and_passed() const {
    if (!ledger_.server_proved) return std::nullopt;
    return ledger_.proven - ledger_.from_wall;
}

void Runner::signed_time(ServerTime server, Duration round_trip) {
    const ServerTime before = moment().now;
    const auto reading =
        core::signed_time(ledger_, facts_of(clock_.now()), server, round_trip, clock_policy());
    ledger_ = reading.ledger;
    health_ = reading.health;
    const Duration moved = moment().now - before;
    if (clock_moved && (moved > minutes{1} || moved < -minutes{1})) clock_moved();
}

Result<void> Runner::keep_time() {
    moment();
    store::Commit commit;
    commit.time = ledger_;
    return store_commit(commit);
}

Result<void> Runner::keep(store::Commit commit, std::string_view code) {
    commit.time = ledger_;
    if (auto done = store_commit(commit); !done) return done;
    for (const auto& entry : commit.journal) tell(entry, code);
    return {};
}

Result<void> Runner::store_commit(const store::Commit& commit) {
    auto done = store_.commit(commit);
    storage_trouble_ = done ? std::nullopt : std::optional(done.error());
    return done;
}

std::vector<store::JournalEntry> Runner::journal_of(const core::Step& step,
                                                    const core::Event& event,
                                                    ServerTime now) const {
    // A receipt belongs to the decision it proves, never to an answer that was refused.
    std::string document;
    std::string words;
    if (const auto* license = std::get_if<core::event::LicenseReceived>(&event)) {
        document = license->receipt_jws;
        if (license->receipt) words = words_of(*license->receipt);
    }
    if (const auto* release = std::get_if<core::event::ReleaseReceived>(&event))
        document = release->receipt_jws;
    std::vector<store::JournalEntry> entries;
    for (const auto& effect : step.effects) {
        const auto* report = std::get_if<core::effect::Report>(&effect);
        if (report == nullptr) continue;
        const bool activated = report->event == "activated";
        const bool proven = activated || report->event == "renewed" || report->event == "released";
        entries.push_back({0, now, step.state.product, report->event,
                           report->detail + (activated ? words : std::string()),
                           proven ? std::exchange(document, {}) : std::string(),
                           step.state.publisher});
    }
    return entries;
}

Result<void> Runner::apply(const std::string& publisher, const std::string& product,
                           const core::Event& event, const core::Policy& policy) {
    const core::Moment now = moment();
    return commit(core::step(row({publisher, product}), event, now, policy), event, now.now);
}

Result<void> Runner::tick(const RowKey& row, const core::Policy& policy) {
    const auto* before = find(row);
    if (before == nullptr) return {};
    const core::Moment now = moment();
    auto step = core::step(*before, core::event::Tick{}, now, policy);
    if (!moved(*before, step)) return {};
    return commit(std::move(step), core::event::Tick{}, now.now);
}

Result<void> Runner::commit(core::Step step, const core::Event& event, ServerTime now) {
    if (step.refused) return fail(std::move(*step.refused));
    const RowKey key = key_of(step.state);
    store::Commit commit;
    commit.product = step.state;
    commit.time = ledger_;
    commit.journal = journal_of(step, event, now);
    if (auto done = store_commit(commit); !done) {
        const LogFields fields(
            {key.product, key.publisher, core::name(event), done.error().name()});
        spdlog::error("{}: {} was not stored: {}", printable(key.product), core::name(event),
                      printable(done.error().detail));
        return done;
    }
    states_[key] = std::move(step.state);
    auto told = commit.journal.begin();  // one for each report, in their order
    for (const auto& effect : step.effects)
        if (const auto* report = std::get_if<core::effect::Report>(&effect))
            tell(*told++, report->code);
    perform_(key, step.effects);
    return {};
}

const core::ProductState* Runner::find(const RowKey& row) const {
    const auto known = states_.find(row);
    return known == states_.end() ? nullptr : &known->second;
}

core::ProductState Runner::row(const RowKey& key) const {
    if (const auto* known = find(key)) return *known;
    core::ProductState fresh;
    fresh.publisher = key.publisher;
    fresh.product = key.product;
    return fresh;
}

core::ProductState Runner::shown(const std::string& publisher, const std::string& product) {
    core::ProductState state = row({publisher, product});
    core::follow_corrected_clock(state, moment());
    return state;
}

}  // namespace latchkey::daemon
