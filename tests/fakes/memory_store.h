#pragma once

// The store in memory, for tests of what stands on it. `fail_commits` makes every commit fail as a
// full disk does: nothing is changed then. Kept across agents by sharing one object: a restart is a
// new agent on the same store.

#include <map>
#include <utility>

#include "agent/store/store.h"

namespace latchkey::fakes {

class MemoryStore final : public store::Store {
public:
    bool fail_commits = false;
    int commits = 0;

    Result<std::vector<core::ProductState>> products() override {
        std::vector<core::ProductState> all;
        for (const auto& [id, state] : products_) all.push_back(state);
        return all;
    }

    Result<core::TimeLedger> time() override { return time_; }

    Result<void> commit(const store::Commit& commit) override {
        if (fail_commits) return fail(Code::storage_failed, "no space left on device");
        ++commits;
        if (commit.product)
            products_[{commit.product->publisher, commit.product->product}] = *commit.product;
        if (commit.time) time_ = *commit.time;
        for (auto entry : commit.journal) {
            entry.number = static_cast<std::int64_t>(journal_.size()) + 1;
            journal_.push_back(std::move(entry));
        }
        return {};
    }

    Result<std::optional<store::PublisherState>> publisher(const std::string& id) override {
        const auto found = publishers_.find(id);
        if (found == publishers_.end()) return std::nullopt;
        return found->second;
    }

    Result<void> save_publisher(const store::PublisherState& state) override {
        if (fail_commits) return fail(Code::storage_failed, "no space left on device");
        publishers_[state.root.publisher] = state;
        return {};
    }

    Result<std::vector<store::JournalEntry>> journal(const store::JournalFilter& filter,
                                                     std::optional<std::int64_t> before,
                                                     std::size_t limit) override {
        std::vector<store::JournalEntry> newest;
        for (auto entry = journal_.rbegin(); entry != journal_.rend(); ++entry) {
            if (newest.size() == limit) break;
            if (before && entry->number >= *before) continue;
            if (!filter.product.empty() && entry->product != filter.product) continue;
            if (!filter.publisher.empty() && entry->publisher != filter.publisher) continue;
            newest.push_back(*entry);
        }
        return newest;
    }

private:
    std::map<std::pair<std::string, std::string>, core::ProductState> products_;
    std::map<std::string, store::PublisherState> publishers_;
    core::TimeLedger time_;
    std::vector<store::JournalEntry> journal_;
};

}  // namespace latchkey::fakes
