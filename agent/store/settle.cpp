// Does the state belong to this machine? Answered at every look at the hardware.

#include "agent/core/carry_over.h"
#include "agent/store/former.h"
#include "agent/store/merge.h"
#include "agent/store/sqlite_store.h"

namespace latchkey::store {
namespace {

const std::string kForeign =
    "The state was made by another machine: it was copied, or this machine was made from an image "
    "that was not generalized. Products without a license start afresh; machine id and device keys "
    "are made anew.";
const std::string kBack =
    "The state is back on a machine that it belonged to before; what was known of that machine is "
    "in force again.";
const std::string kForeignCopy =
    "The second copy was made by another machine; it does not count and is written anew.";

/// What a later return should find: rows, as a second copy keeps them, and device keys.
Former leave(const Contents& contents) {
    Former former{updated(Anchor{}, contents), {}};
    for (const auto& [id, publisher] : contents.publishers)
        if (!publisher.device_seed.empty()) former.seeds[id] = publisher.device_seed;
    return former;
}

/// The contents as the present machine's own.
Contents disowned(const Contents& before, const Look& look) {
    Contents after = before;
    after.former = to_row(leave(before));
    after.hardware = record_of(look);
    after.machine_id = licensing::random_id("mid_");
    for (auto& [id, publisher] : after.publishers) publisher.device_seed.clear();
    after.products.clear();
    for (const auto& [id, state] : before.products)
        if (auto kept = core::carried_over(state)) after.products[id] = std::move(*kept);
    // A request was the other machine's; what was given is its organization's and stays.
    std::erase_if(after.cloud, [](const auto& row) { return row.second.pending.has_value(); });
    return after;
}

void come_back(Contents& contents, const Former& former, const Look& look) {
    contents.machine_id = former.machine.machine_id;
    contents.hardware = rolled_forward(*former.machine.hardware, look);
    for (const auto& [id, seed] : former.seeds)
        if (const auto found = contents.publishers.find(id); found != contents.publishers.end())
            found->second.device_seed = seed;
    merge(contents, former.machine);
}

bool is_here(const Result<Former>& former, const Look& look) {
    return former && former->machine.hardware &&
           compare(*former->machine.hardware, look) == hwid::Verdict::same;
}

JournalEntry line(ServerTime now, std::string event, std::string detail) {
    return {0, now, {}, std::move(event), std::move(detail), {}};
}

/// Everything of `after`, and no row that only `before` has.
Result<Batch> batch_of(const MacKey& key, const Contents& before, const Contents& after) {
    Contents start = after;
    start.macs = before.macs;
    Batch batch(key, std::move(start));
    for (const auto& [id, state] : before.products)
        if (!after.products.contains(id)) batch.remove(id);
    for (const auto& [id, row] : before.cloud)
        if (!after.cloud.contains(id)) batch.remove_cloud(id);
    if (auto done = batch.put_all(); !done) return fail(done.error());
    return batch;
}

/// What a look comes to, before any of it is stored.
struct Outcome {
    Settled settled;
    Contents after;
    std::optional<Anchor> remembered;  ///< what the second copy goes on from, where that changes
    std::vector<JournalEntry> journal;
};

void state_is_another_machines(Outcome& outcome, const Contents& before, const Look& look,
                               ServerTime now) {
    const auto former = former_from_row(before.former);
    outcome.after = disowned(before, look);
    outcome.remembered = Anchor{};
    outcome.settled.foreign = kForeign;
    if (is_here(former, look)) {
        come_back(outcome.after, *former, look);
        outcome.remembered = former->machine;
        outcome.settled.foreign = kBack;
    }
    outcome.settled.rows_changed = true;
    outcome.journal.push_back(
        line(now, outcome.settled.foreign == kBack ? "state_is_back" : "state_foreign",
             outcome.settled.foreign));
}

void keep_record(Contents& contents, hwid::Verdict verdict, const Look& look) {
    if (verdict == hwid::Verdict::same)
        contents.hardware = rolled_forward(*contents.hardware, look);
    if (contents.hardware) return;
    // Digests that tell nobody apart are worth no record.
    auto record = record_of(look);
    if (hwid::strength(record.fingerprint) != hwid::EvidenceStrength::weak)
        contents.hardware = std::move(record);
}

/// The second copy that waited for the hardware to be seen counts now, or never.
void judge_waiting(Outcome& outcome, const Anchor& waiting, const Look& look, ServerTime now) {
    const bool theirs = compare(*waiting.hardware, look) == hwid::Verdict::different;
    auto merged =
        theirs ? Merged{{kForeignCopy}, {}, false} : merge(outcome.after, waiting, Line::other);
    outcome.remembered = theirs ? Anchor{} : waiting;
    if (!merged.products.empty()) outcome.settled.rows_changed = true;
    outcome.settled.time_changed = merged.time;
    for (auto& sentence : merged.done) {
        outcome.journal.push_back(line(now, "state_repaired", sentence));
        outcome.settled.done.push_back(std::move(sentence));
    }
}

}  // namespace

Result<Settled> SqliteStore::settle(const Look& look, ServerTime now) {
    if (!parts_.database) return Settled{};
    const Contents& before = parts_.contents;
    Outcome outcome{{}, before, {}, {}};
    const auto verdict =
        before.hardware ? compare(*before.hardware, look) : hwid::Verdict::insufficient;
    if (verdict == hwid::Verdict::different)
        state_is_another_machines(outcome, before, look, now);
    else
        keep_record(outcome.after, verdict, look);
    if (parts_.waiting) judge_waiting(outcome, *parts_.waiting, look, now);

    const RowName record{Table::meta, meta_name::kHardware, {}};
    const bool recorded =
        !outcome.after.hardware || (before.macs.contains(record) &&
                                    to_row(*before.hardware) == to_row(*outcome.after.hardware));
    const bool all = outcome.settled.rows_changed || !outcome.journal.empty();
    if (recorded && !all) return adopt(std::move(outcome.remembered), std::move(outcome.settled));
    auto batch = all ? batch_of(*parts_.key, before, outcome.after)
                     : Result<Batch>(Batch(*parts_.key, before));
    if (!batch) return fail(batch.error());
    if (auto done = bring_up_to_date(*batch); !done) return fail(done.error());
    if (!all) batch->put(*outcome.after.hardware);
    for (const auto& entry : outcome.journal) batch->append(entry);
    if (auto written = write(std::move(*batch)); !written) return fail(written.error());
    return adopt(std::move(outcome.remembered), std::move(outcome.settled));
}

/// The second copy follows: from now on it is this machine's.
Settled SqliteStore::adopt(std::optional<Anchor> remembered, Settled settled) {
    parts_.waiting.reset();
    if (remembered) anchored_ = std::move(*remembered);
    keep_second_copy();
    return settled;
}

}  // namespace latchkey::store
