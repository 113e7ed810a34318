#include "keyserver/rules/ledger_rules.h"

#include <algorithm>

#include "keyserver/rules/rules.h"

namespace latchkey::keyserver {
namespace {

/// The grace a request tells of, in the server's time.
struct Grace {
    bool extended = false;
    bool frozen = false;
    ServerTime began_at;
};

Grace told_grace(const LedgerFacts& facts) {
    const auto& grace = facts.request.grace;
    return {grace.extended, grace.frozen, facts.now - grace.used};
}

Grace grace_of(const LedgerRecord& record) {
    return {record.extended, record.frozen, record.grace_began_at};
}

void set_grace(LedgerRecord& record, const Grace& grace) {
    record.extended = grace.extended;
    record.frozen = grace.frozen;
    record.grace_began_at = grace.began_at;
}

/// Of two tales of one grace: one that runs has less left than one that waits for its first use.
const Grace& stricter(const Grace& a, const Grace& b) {
    if (a.frozen != b.frozen) return a.frozen ? b : a;
    return a.began_at <= b.began_at ? a : b;
}

/// Is what is told another grace than the one on record? A rearm makes one.
bool is_another(const Grace& told, const Grace& known) {
    if (told.extended != known.extended) return true;
    if (told.frozen || known.frozen) return told.frozen && !known.frozen;
    return told.began_at > known.began_at + kSameGrace;
}

/// Does the request still count what was forgiven since? An installation that has not heard of it
/// tells the old number of the old grace.
bool is_old_tale(const LedgerRecord& record, const LedgerFacts& facts) {
    return record.forgiven_from && facts.request.rearms_used > record.rearms_used &&
           facts.request.rearms_used <= *record.forgiven_from &&
           !is_another(told_grace(facts), grace_of(record));
}

void lower_rearms(LedgerRecord& record, int rearms) {
    if (rearms == record.rearms_used) return;
    record.forgiven_from = std::max(record.forgiven_from.value_or(0), record.rearms_used);
    record.rearms_used = rearms;
}

void book_grace(LedgerRecord& record, ServerTime began_at, ServerTime now, const Policy& policy) {
    std::erase_if(record.graces,
                  [&](ServerTime began) { return began <= now - policy.ledger_year; });
    record.graces.push_back(began_at);
}

LedgerRecord first_record(const LedgerFacts& facts) {
    LedgerRecord record;
    const Grace grace = told_grace(facts);
    set_grace(record, grace);
    record.first_grace_at = grace.began_at;
    record.graces = {grace.began_at};
    record.rearms_used = facts.request.rearms_used;
    record.period_began_at = grace.began_at;
    record.created_at = facts.now;
    return record;
}

/// The same installation tells again: more rearms are another grace, with as many the stricter tale
/// of the same one wins, and with fewer it is an old tale.
void hear_again(LedgerRecord& record, const LedgerFacts& facts) {
    const int reported = facts.request.rearms_used;
    if (is_old_tale(record, facts) || reported == record.rearms_used) {
        if (reported == record.rearms_used) record.forgiven_from.reset();
        set_grace(record, stricter(grace_of(record), told_grace(facts)));
    } else if (reported > record.rearms_used) {
        record.forgiven_from.reset();
        record.rearms_used = reported;
        set_grace(record, told_grace(facts));
    }
}

/// May this reimage begin a grace anew? Says so, and books it.
bool begins_anew(LedgerRecord& record, const LedgerFacts& facts, const Policy& policy) {
    const bool within_bound =
        facts.request.lab && graces_in_year(record, facts.now, policy) < policy.lab_graces_per_year;
    if (!within_bound && !record.fresh_allowed) return false;
    record.fresh_allowed = false;
    const Grace grace = told_grace(facts);
    set_grace(record, grace);
    book_grace(record, grace.began_at, facts.now, policy);
    return true;
}

/// Another installation on this hardware, which begins nothing anew. A grace that waited for its
/// first use is the one that runs there: a wiped machine must not use it twice.
void take_up(LedgerRecord& record, const LedgerFacts& facts) {
    const Grace told = told_grace(facts);
    if (record.frozen && !told.frozen) set_grace(record, {record.extended, false, told.began_at});
}

void refill(LedgerRecord& record, ServerTime now, const Policy& policy) {
    if (now < record.period_began_at + policy.ledger_year) return;
    lower_rearms(record, 0);
    record.period_began_at = now;
}

/// A grace that a license stopped goes on from where it stood.
void resume_grace(LedgerRecord& record, ServerTime now) {
    if (!record.stopped_at) return;
    record.grace_began_at += std::max(Duration{0}, now - *record.stopped_at);
    record.stopped_at.reset();
}

licensing::GraceUse use_of(const LedgerRecord& record, ServerTime now) {
    licensing::GraceUse use{record.extended, record.frozen, Duration{0}};
    if (record.frozen) return use;
    const Duration used = std::max(Duration{0}, now - record.grace_began_at);
    use.used =
        std::min<Duration>(std::chrono::duration_cast<seconds>(used), licensing::kLongestGraceUse);
    return use;
}

}  // namespace

Result<std::optional<std::size_t>> choose_ledger(const hwid::Fingerprint& seen,
                                                 const std::vector<LedgerCandidate>& candidates) {
    std::optional<std::size_t> best;
    bool undecided = hwid::strength(seen) == hwid::EvidenceStrength::weak;
    const auto rank = [&](std::size_t i) {
        return std::pair(candidates[i].match.score, candidates[i].created_at);
    };
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        switch (verdict_with_proof(candidates[i].match, candidates[i].known_device)) {
            case hwid::Verdict::same:
                if (!best || rank(i) > rank(*best)) best = i;
                break;
            case hwid::Verdict::different:
                break;
            case hwid::Verdict::insufficient:
                undecided = true;
                break;
        }
    }
    if (!best && undecided)
        return fail(Code::evidence_insufficient,
                    "this hardware cannot be told apart from others well enough for a ledger");
    return best;
}

LedgerDecision decide_ledger(const LedgerFacts& facts, const Policy& policy) {
    LedgerDecision decision;
    LedgerRecord& record = decision.record;
    bool fresh = false;
    if (!facts.record) {
        record = first_record(facts);
        fresh = true;
    } else {
        record = *facts.record;
        resume_grace(record, facts.now);
        if (facts.known_device) {
            hear_again(record, facts);
        } else {
            record.rearms_used = std::max(record.rearms_used, facts.request.rearms_used);
            fresh = begins_anew(record, facts, policy);
            if (!fresh) take_up(record, facts);
        }
        if (facts.request.lab) refill(record, facts.now, policy);
    }
    record.platform = facts.request.platform;
    record.lab = facts.request.lab;
    record.last_seen_at = facts.now;
    decision.reply = {.first_grace_at = record.first_grace_at,
                      .graces_this_year = graces_in_year(record, facts.now, policy),
                      .graces_allowed = facts.request.lab ? policy.lab_graces_per_year : 1,
                      .rearms_used = record.rearms_used,
                      .grace = use_of(record, facts.now),
                      .fresh = fresh};
    return decision;
}

int graces_in_year(const LedgerRecord& record, ServerTime now, const Policy& policy) {
    return static_cast<int>(
        std::count_if(record.graces.begin(), record.graces.end(),
                      [&](ServerTime began) { return began > now - policy.ledger_year; }));
}

void reset_rearms(LedgerRecord& record, ServerTime now) {
    lower_rearms(record, 0);
    record.period_began_at = now;
    record.fresh_allowed = true;
}

bool grant_rearm(LedgerRecord& record) {
    if (record.rearms_used == 0) return false;
    lower_rearms(record, record.rearms_used - 1);
    return true;
}

bool stop_grace(LedgerRecord& record, ServerTime now) {
    if (record.frozen || record.stopped_at) return false;
    record.stopped_at = now;
    return true;
}

}  // namespace latchkey::keyserver
