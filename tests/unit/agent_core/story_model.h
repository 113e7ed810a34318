#pragma once

// A second opinion on a product's life, so small that it can be seen to be right: what the key
// server decided, what was granted, and how long the machine has really run in each state. It knows
// nothing of the code it judges.

#include <map>
#include <string>

#include "agent/core/state.h"
#include "tests/unit/agent_core/world.h"

namespace latchkey::core {

/// A key server that decides each request once, whatever becomes of its answers.
class ModelServer {
public:
    /// What it answers; to the same request always the same. `luck` decides a new one.
    Event decide(const Intent& request, ServerTime now, std::uint64_t luck) {
        const auto [known, is_new] = bodies_.emplace(request.idempotency_key, request.body);
        EXPECT_EQ(known->second, request.body) << "a request is sent again to the letter";
        if (is_new) answers_[request.idempotency_key] = decide_anew(request, now, luck);
        return answers_.at(request.idempotency_key);
    }

    int counted() const { return counted_; }
    std::int64_t sequence() const { return sequence_; }
    /// A license that it granted last and that nobody gave up or that it ended.
    bool holds_one() const { return holds_one_; }

private:
    Event decide_anew(const Intent& request, ServerTime now, std::uint64_t luck) {
        constexpr std::array refusals{Code::activation_limit_reached, Code::would_count,
                                      Code::key_blocked, Code::suspected_clone,
                                      Code::license_revoked};
        const bool refuses = luck % 4 == 0;
        if (refuses) return failed(refusals[luck / 4 % refusals.size()], true);
        switch (request.kind) {
            case IntentKind::activate: {
                const int count = request.max_count > 0 ? static_cast<int>(luck / 4 % 2) : 0;
                counted_ += count;
                holds_one_ = true;
                return answer(lease(now, ++sequence_), count);
            }
            case IntentKind::renew:
                if (!holds_one_) return failed(Code::record_unknown, true);
                return renewal(lease(now, ++sequence_));
            case IntentKind::release:
                holds_one_ = false;
                return event::ReleaseReceived{"released"};
        }
        return event::Tick{};
    }

    std::map<std::string, std::string> bodies_;
    std::map<std::string, Event> answers_;
    int counted_ = 0;
    std::int64_t sequence_ = 0;
    bool holds_one_ = false;
};

/// How long the machine ran in each kind of permission, and how long it may.
class Ledger {
public:
    /// The machine ran for so long with the product in that state, `left` of it before its end.
    void ran(const ProductState& state, Duration passed, std::optional<Duration> left) {
        const Duration in_it = left ? std::clamp(*left, Duration{0}, passed) : passed;
        const bool frozen = state.grace && state.grace->frozen;
        if (!frozen) used_[state.status] += in_it;
    }
    void power_was_cut() { forgotten_ += hours{1}; }
    void clone_was_told() { clone_told_ = true; }
    void license_arrived() {
        clone_told_ = false;
        for (const auto status : {ProductStatus::licensed, ProductStatus::out_of_tolerance_grace,
                                  ProductStatus::non_genuine_grace})
            used_[status] = Duration{0};
    }

    void check(const ProductState& state, const Policy& policy) {
        using S = ProductStatus;
        ASSERT_LE(used_[S::initial_grace], policy.initial_grace + forgotten_);
        ASSERT_LE(used_[S::extended_grace], policy.initial_grace * state.rearms_used + forgotten_);
        ASSERT_LE(state.rearms_used, policy.rearms);
        ASSERT_LE(used_[S::licensed], Days{180} + forgotten_);
        // One budget for drifted hardware and a lease that ended; a clone has one of its own.
        ASSERT_LE(used_[S::out_of_tolerance_grace],
                  policy.out_of_tolerance_grace * (clone_told_ ? 2 : 1) + forgotten_);
        ASSERT_LE(used_[S::non_genuine_grace], policy.non_genuine_notice + forgotten_);
    }

private:
    std::map<ProductStatus, Duration> used_;
    Duration forgotten_{minutes{2}};
    bool clone_told_ = false;
};

}  // namespace latchkey::core
