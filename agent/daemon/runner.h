#pragma once

// Event -> step -> commit -> effects. The row is the truth: what is decided is durable before
// anything is done about it, and after a crash the rows say what is still to do. One thread.

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/core/event.h"
#include "agent/core/policy.h"
#include "agent/core/step.h"
#include "agent/core/trusted_time.h"
#include "agent/store/store.h"
#include "base/result.h"
#include "platform/clock.h"

namespace latchkey::daemon {

/// Whose row it is. A product id is unique within its publisher only.
struct RowKey {
    std::string publisher;
    std::string product;

    auto operator<=>(const RowKey&) const = default;
};

class Runner {
public:
    using Random = std::function<std::uint64_t()>;
    using Perform = std::function<void(const RowKey& row, const core::Effects& effects)>;

    /// `store` and `clock` outlive it. `perform` is called after each commit.
    Runner(store::Store& store, const platform::Clock& clock, Random random, Perform perform);

    /// Reads what the store remembers.
    Result<void> load();

    /// Reads the rows again, after the store changed them by itself.
    Result<void> load_rows();
    /// The store holds nothing any more.
    void forget();

    /// What time is it, as far as can be known? Never goes back.
    core::Moment moment();
    core::ClockHealth clock_health() const { return health_; }
    WallTime wall() const { return clock_.now().wall; }
    std::string boot_id() const { return clock_.now().boot_id; }
    /// A key server signed a time. Durable with the next commit.
    void signed_time(ServerTime server, Duration round_trip);
    /// Called when a signed time moved the clock by more than a minute: whatever product's request
    /// brought it, every row has to be looked at. Must not change a row itself.
    std::function<void()> clock_moved;
    /// One did in this boot: what the calendar says since changes nothing any more.
    bool time_was_signed() const {
        return !ledger_.proved_boot.empty() && ledger_.proved_boot == ledger_.boot_id;
    }
    /// An instant that has passed for certain, by a key server's signature and the boot clock
    /// since; nothing before the first signature.
    std::optional<ServerTime> signed_and_passed() const;
    /// Makes the time proven so far durable, so that a power cut does not give it back.
    Result<void> keep_time();

    /// Commits what is no product's step, with the time; its journal lines are logged, with the
    /// code of the problem behind them.
    Result<void> keep(store::Commit commit, std::string_view code = {});

    /// One step of one product. A refusal of the core is the returned problem, and so is a commit
    /// that failed; nothing was changed then. `policy` is the product's.
    Result<void> apply(const std::string& publisher, const std::string& product,
                       const core::Event& event, const core::Policy& policy);

    /// A look at every deadline of the product. Committed only where it moved something, so that
    /// looking often costs nothing; nothing at all happens to a product without a row.
    Result<void> tick(const RowKey& row, const core::Policy& policy);

    /// Why the last attempt to store anything failed; nullptr while storing works.
    const Problem* storage_trouble() const {
        return storage_trouble_ ? &*storage_trouble_ : nullptr;
    }

    /// nullptr where nothing was ever decided about the product.
    const core::ProductState* find(const RowKey& row) const;
    /// As find(), deadlines moved along with a corrected clock: for showing.
    core::ProductState shown(const std::string& publisher, const std::string& product);

private:
    core::ProductState row(const RowKey& key) const;
    Result<void> store_commit(const store::Commit& commit);
    Result<void> commit(core::Step step, const core::Event& event, ServerTime now);
    std::vector<store::JournalEntry> journal_of(const core::Step& step, const core::Event& event,
                                                ServerTime now) const;

    store::Store& store_;
    const platform::Clock& clock_;
    Random random_;
    Perform perform_;
    std::map<RowKey, core::ProductState> states_;
    core::TimeLedger ledger_;
    std::optional<Problem> storage_trouble_;
    core::ClockHealth health_ = core::ClockHealth::unproven;
};

}  // namespace latchkey::daemon
