// The grace ledger of the key server: when it is asked, and what its word changes. It can only make
// a grace shorter and rearms fewer, except that it may give rearms back (a lab machine's yearly
// refill, an administrator's grant) and the grace of a rearm that a restored backup forgot. It
// never touches a license, nor the graces of one; a rearm that is used while a license is held
// counts as every other.

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/core/turn.h"

namespace latchkey::core {
namespace {

bool is_granted(const Grace& grace) {
    return grace.kind == ProductStatus::initial_grace ||
           grace.kind == ProductStatus::extended_grace;
}

Duration left(const Grace& grace, ServerTime now) {
    if (grace.frozen) return grace.length;
    return std::max(Duration{grace.ends_at - now}, Duration{0});
}

/// The row is what the request told: nothing happened to its grace since.
bool is_as_asked(const ProductState& state, const LedgerReport& asked) {
    return state.grace && state.rearms_used == asked.rearms_used &&
           state.grace->frozen == asked.grace.frozen &&
           (state.grace->kind == ProductStatus::extended_grace) == asked.grace.extended;
}

bool is_lab(const Turn& turn) { return turn.policy.role == Role::lab; }

/// What was used here since the request left counts on top of what the key server knew. A key
/// server that was told the number and signs a lower one gave rearms back: a lab machine's are
/// refilled each year, and an administrator may grant some.
int rearms_after(const Turn& turn, const event::LedgerReceived& event) {
    const int own = turn.state.rearms_used;
    const int told = event.reply.rearms_used;
    if (!is_as_asked(turn.state, event.asked))
        return std::max(own, told + std::max(own - event.asked.rearms_used, 0));
    return told;
}

/// A lab machine's reimage starts anew while the key server books it so; everything else continues
/// what the hardware had, as far as that is less. A frozen grace is a full one.
bool continues_told_grace(const Turn& turn, const event::LedgerReceived& event) {
    const auto& told = event.reply.grace;
    if (told.frozen || (is_lab(turn) && event.reply.fresh)) return false;
    if (!has_grace_to_report(turn.state, turn.policy)) return false;
    if (!is_as_asked(turn.state, event.asked)) return false;
    const Duration theirs = std::max(turn.state.grace->length - told.used, Duration{0});
    return theirs + turn.policy.ledger_noise < left(*turn.state.grace, turn.now());
}

/// As long as it was granted here, whatever a newer manifest says.
void continue_grace(Turn& turn, const licensing::GraceUse& told) {
    start_grace(turn, told.extended ? ProductStatus::extended_grace : ProductStatus::initial_grace,
                turn.state.grace->length);
    turn.state.grace->started_at -= told.used;
    turn.state.grace->ends_at -= told.used;
}

std::string days_left(Duration time) {
    const auto days = std::chrono::duration_cast<Days>(time).count();
    if (time <= Duration{0}) return "no time is left";
    if (days == 0) return "less than a day is left";
    return days == 1 ? "1 day is left" : std::to_string(days) + " days are left";
}

std::string date_of(ServerTime at) { return format_rfc3339(at).substr(0, 10); }

std::string words_on_grace(const Turn& turn) {
    const auto& grace = *turn.state.grace;
    return "The key server remembers this hardware: its grace began on " +
           date_of(grace.started_at) + "; " + days_left(left(grace, turn.now())) + ".";
}

std::string words_on_rearms(int before, int after) {
    if (after < before)
        return " The key server gave rearms back: " + std::to_string(after) + " of " +
               std::to_string(before) + " are used now.";
    if (after > before) return " Rearms used on this hardware: " + std::to_string(after) + ".";
    return {};
}

std::string words_on_booking(const Turn& turn, const std::optional<LedgerWord>& before) {
    const auto& told = *turn.state.ledger.told;
    if (before && before->graces_this_year == told.graces_this_year) return {};
    if (!is_lab(turn)) return before ? "" : "The key server keeps this grace for this hardware.";
    return "The key server counts initial grace " + std::to_string(told.graces_this_year) + " of " +
           std::to_string(told.graces_allowed) + " in a year for this lab machine.";
}

}  // namespace

bool has_grace_to_report(const ProductState& state, const Policy& policy) {
    if (!policy.rearm_ledger || !state.grace || !is_granted(*state.grace)) return false;
    switch (state.status) {
        case ProductStatus::initial_grace:
        case ProductStatus::extended_grace:
        case ProductStatus::notification:
            return true;
        case ProductStatus::unlicensed:
        case ProductStatus::licensed:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::not_required:
            break;
    }
    return false;
}

LedgerReport ledger_report(const ProductState& state, ServerTime now) {
    const Grace& grace = *state.grace;
    LedgerReport report;
    report.rearms_used = state.rearms_used;
    report.grace.extended = grace.kind == ProductStatus::extended_grace;
    report.grace.frozen = grace.frozen;
    if (grace.frozen) return report;
    const Duration used = std::clamp(Duration{now - grace.started_at}, Duration{0},
                                     Duration{licensing::kLongestGraceUse});
    report.grace.used = std::chrono::duration_cast<seconds>(used);
    return report;
}

void want_ledger(Turn& turn) {
    auto& ledger = turn.state.ledger;
    const auto window = static_cast<std::uint64_t>(turn.policy.ledger_spread.count()) + 1;
    ledger.ask_at = turn.now() + Duration{static_cast<std::int64_t>(turn.moment.random % window)};
    ledger.retry_position = 0;
    ledger.refused.clear();
}

void ask_due_ledger(Turn& turn) {
    auto& ledger = turn.state.ledger;
    if (!has_grace_to_report(turn.state, turn.policy)) return;
    if (!ledger.ask_at || *ledger.ask_at > turn.now()) return;
    // The runner answers with an event; if none comes, it is asked again.
    ledger.ask_at = turn.now() + turn.policy.answer_wait;
    turn.effects.push_back(effect::AskLedger{});
}

void settle_ledger(Turn& turn) {
    auto& ledger = turn.state.ledger;
    if (!has_grace_to_report(turn.state, turn.policy)) {
        ledger.ask_at.reset();
        ledger.retry_position = 0;
        return;
    }
    if (ledger.ask_at) return;
    // Rows of older agents and rows rebuilt from the second copy were never told of.
    if (!ledger.told && ledger.refused.empty()) return want_ledger(turn);
    // A wrong calendar, a restored copy or a granted rearm is found out at the next word with the
    // key server: so there always is a next one.
    ledger.ask_at = next_renewal(turn.now(), {}, {}, turn.policy.ledger_interval,
                                 turn.moment.random, turn.policy);
}

void doubt_end_of_grace(Turn& turn) {
    auto& ledger = turn.state.ledger;
    if (!has_grace_to_report(turn.state, turn.policy)) return;
    const bool just_heard = ledger.told && turn.now() < ledger.told->as_of + kFreshAnswer;
    if (!just_heard) ledger.ask_at = turn.now();
}

void on(Turn& turn, const event::LedgerReceived& event) {
    auto& state = turn.state;
    const auto told_before = state.ledger.told;
    const int rearms_before = state.rearms_used;
    if (is_as_asked(state, event.asked)) state.ledger.ask_at.reset();
    state.ledger.retry_position = 0;
    state.ledger.refused.clear();
    state.ledger.told = LedgerWord{event.reply.first_grace_at, event.reply.graces_this_year,
                                   event.reply.graces_allowed, turn.now()};
    const bool continues = continues_told_grace(turn, event);
    state.rearms_used = rearms_after(turn, event);
    // It knows when they were, and not only how many.
    if (state.tpm) state.tpm->before = 0;
    if (continues) continue_grace(turn, event.reply.grace);
    std::string words = continues ? words_on_grace(turn) : words_on_booking(turn, told_before);
    words += words_on_rearms(rearms_before, state.rearms_used);
    words.erase(0, words.find_first_not_of(' '));
    if (!words.empty()) report(turn, "ledger_told", std::move(words));
}

void on(Turn& turn, const event::LedgerFailed& event) {
    auto& ledger = turn.state.ledger;
    if (!ledger.ask_at || !has_grace_to_report(turn.state, turn.policy)) return;
    const std::string title(event.problem.title());
    if (event.final) {
        if (!is_as_asked(turn.state, event.asked)) return;
        ledger.ask_at.reset();
        ledger.retry_position = 0;
        if (ledger.refused == event.problem.name()) return;
        ledger.refused = event.problem.name();
        return report(turn, "ledger_refused",
                      "The key server keeps no ledger of this grace (" + title +
                          "): what this machine counts itself decides.",
                      event.problem.name());
    }
    const bool first = ledger.retry_position == 0;
    ledger.ask_at = turn.now() + retry_delay(ledger.retry_position, event.retry_after,
                                             turn.moment.random, turn.policy);
    if (ledger.retry_position < static_cast<int>(kRetryLadder.size())) ++ledger.retry_position;
    if (first)
        report(turn, "ledger_unreachable",
               "What the key server knows of this hardware's grace could not be asked (" + title +
                   "): until then this machine counts alone.",
               event.problem.name());
}

}  // namespace latchkey::core
