#pragma once

// The agent's real store, with a disk that can be full, a machine that can die on the way, and a
// witness that remembers what was acknowledged.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/store/store.h"
#include "tests/simulator/fuse.h"

namespace latchkey::simulator {

/// What of a row must survive anything, as text.
std::string essence_of(const core::ProductState& state);

/// Whatever the store said yes to, by publisher and product.
using Acknowledged = std::map<std::pair<std::string, std::string>, std::string>;

struct StoreWorld {
    bool full = false;
    Fuse* fuse = nullptr;
    Acknowledged acknowledged;
    std::string lost;  ///< what the last start found otherwise than it was acknowledged
    /// Parts or files were replaced since its agent last saw all of the machine: the state may be
    /// another one's, and products without a license rightly start afresh.
    bool strays = false;
    std::uint64_t commits = 0;
    std::uint64_t refused_full = 0;
    std::function<void(const store::Commit&)> committed;  ///< after each that is durable
};

class WatchedStore final : public store::Store {
public:
    /// `world` outlives it.
    WatchedStore(std::unique_ptr<store::Store> real, StoreWorld& world)
        : real_(std::move(real)), world_(world) {}

    /// Compares what is there with what was acknowledged.
    Result<std::vector<core::ProductState>> products() override;
    Result<core::TimeLedger> time() override { return real_->time(); }
    Result<void> commit(const store::Commit& commit) override;
    Result<std::optional<store::PublisherState>> publisher(const std::string& id) override {
        return real_->publisher(id);
    }
    Result<void> save_publisher(const store::PublisherState& state) override;
    Result<std::vector<store::JournalEntry>> journal(const store::JournalFilter& filter,
                                                     std::optional<std::int64_t> before,
                                                     std::size_t limit) override {
        return real_->journal(filter, before, limit);
    }

private:
    template <class Write>
    Result<void> guarded(const Write& write);

    std::unique_ptr<store::Store> real_;
    StoreWorld& world_;
};

}  // namespace latchkey::simulator
