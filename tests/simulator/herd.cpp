#include "tests/simulator/herd.h"

#include <algorithm>
#include <cmath>

#include "agent/core/backoff.h"
#include "agent/core/step.h"
#include "tests/simulator/dice.h"

namespace latchkey::simulator {
namespace {

constexpr Duration kBin = minutes{5};
constexpr std::uint32_t kNobody = 0xffffffff;
constexpr ServerTime kStart{seconds{1'780'272'000}};

core::Policy usual() { return {}; }

std::size_t slot(Duration at, Duration width) {
    return static_cast<std::size_t>(std::max(at, Duration{0}) / width);
}

/// Who comes when, to the second: one list a second, threaded through the agents.
class Calendar {
public:
    Calendar(std::uint32_t agents, Duration length)
        : first_(slot(length, seconds{1}) + 1, kNobody), next_(agents, kNobody) {}

    /// Later than the end: never.
    void put(std::uint32_t agent, Duration at) {
        const std::size_t second = slot(at, seconds{1});
        if (second >= first_.size()) return;
        next_[agent] = first_[second];
        first_[second] = agent;
    }
    std::size_t seconds_count() const { return first_.size(); }
    /// Takes one agent out of a second; kNobody where it is empty.
    std::uint32_t take(std::size_t second) {
        const std::uint32_t agent = first_[second];
        if (agent != kNobody) first_[second] = next_[agent];
        return agent;
    }

private:
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> next_;
};

class Herd {
public:
    explicit Herd(const HerdOptions& options)
        : options_(options),
          dice_(options.seed),
          length_(options.before + options.outage + options.after),
          calendar_(options.agents, length_),
          position_(options.agents, 0),
          arrivals_(slot(length_, kBin) + 1, 0) {
        // Somewhere between two renewals, as agents are that were installed on any day.
        for (std::uint32_t agent = 0; agent < options.agents; ++agent)
            calendar_.put(agent, dice_.between(Duration{0}, renewal_from(Duration{0})));
    }

    HerdFigures run() {
        for (std::size_t second = 0; second < calendar_.seconds_count(); ++second)
            for (auto agent = calendar_.take(second); agent != kNobody;
                 agent = calendar_.take(second))
                come(agent, seconds{static_cast<std::int64_t>(second)});
        return figures();
    }

private:
    Duration begins() const { return options_.before; }
    Duration ends() const { return options_.before + options_.outage; }

    Duration renewal_from(Duration now) {
        const ServerTime at = kStart + now;
        const auto next =
            core::next_renewal(at, at + options_.renewal, at + options_.renewal + options_.window,
                               policy_.renewal_interval, dice_.next(), policy_);
        return next - kStart;
    }

    void come(std::uint32_t agent, Duration now) {
        ++arrivals_[slot(now, kBin)];
        ++figures_.attempts;
        const bool away = now >= begins() && now < ends();
        if (!away) {
            if (position_[agent] > 0) late_.push_back(now - ends());
            position_[agent] = 0;
            return calendar_.put(agent, renewal_from(now));
        }
        ++figures_.failed;
        calendar_.put(
            agent, now + core::retry_delay(position_[agent], std::nullopt, dice_.next(), policy_));
        ++position_[agent];
    }

    double most(Duration from, Duration to) const {
        std::uint64_t worst = 0;
        for (auto bin = slot(from, kBin); bin < slot(to, kBin); ++bin)
            worst = std::max(worst, arrivals_[bin]);
        return static_cast<double>(worst) / seconds_of(kBin);
    }

    double mean(Duration from, Duration to) const {
        std::uint64_t all = 0;
        for (auto bin = slot(from, kBin); bin < slot(to, kBin); ++bin) all += arrivals_[bin];
        return static_cast<double>(all) / seconds_of(to - from);
    }

    static double seconds_of(Duration duration) {
        return static_cast<double>(duration.count()) / 1000.0;
    }

    HerdFigures figures() {
        figures_.rate = mean(Duration{0}, begins());
        std::sort(late_.begin(), late_.end());
        if (!late_.empty()) figures_.recovered = late_[late_.size() - 1 - late_.size() / 1000];
        const Duration served = std::max(figures_.recovered, kBin);
        figures_.peak = most(ends(), ends() + Days{1});
        figures_.mean_after = mean(ends(), ends() + (served / kBin + 1) * kBin);
        figures_.echo = most(ends() + Days{2}, length_);
        return figures_;
    }

    HerdOptions options_;
    core::Policy policy_ = usual();
    Dice dice_;
    Duration length_;
    Calendar calendar_;
    std::vector<std::uint8_t> position_;
    std::vector<std::uint64_t> arrivals_;
    std::vector<Duration> late_;
    HerdFigures figures_;
};

core::ProductState licensed_row(ServerTime now, Duration due_in) {
    core::ProductState row;
    row.publisher = "example.org";
    row.product = "studio";
    row.status = core::ProductStatus::licensed;
    row.license.emplace();
    row.license->kind = licensing::LicenseKind::lease;
    row.license->expires_at = now + Days{170};
    row.renew_at = row.next_attempt_at = now + due_in;
    return row;
}

}  // namespace

HerdFigures run_herd(const HerdOptions& options) { return Herd(options).run(); }

double formula(Duration first, Duration cap, Duration outage) {
    const double doublings =
        std::log2(static_cast<double>(cap.count()) / static_cast<double>(first.count()));
    const double at_cap =
        static_cast<double>((outage - cap).count()) / static_cast<double>(cap.count());
    return 1 + doublings + 2 * std::max(at_cap, 0.0);
}

double ladder_peak(Duration outage) {
    double waves = 1;
    Duration waited{0};
    for (const Duration rung : core::kRetryLadder) {
        waited += rung;
        if (waited > outage) break;
        waves += 1;
    }
    return waves;
}

Duration cap_within(Duration outage) {
    Duration waited{0};
    for (const Duration rung : core::kRetryLadder) {
        waited += rung;
        if (waited > outage) return rung;
    }
    return core::kRetryForever;
}

std::uint64_t contacts_of_boots(std::uint32_t agents, bool due) {
    std::uint64_t contacts = 0;
    Dice dice(agents);
    for (std::uint32_t agent = 0; agent < agents; ++agent) {
        const Duration in = due ? -seconds{1} : dice.between(seconds{1}, Days{8});
        core::Moment moment;
        moment.now = kStart;
        for (const auto& effect : core::pending_effects(licensed_row(kStart, in), moment, usual()))
            if (std::holds_alternative<core::effect::SendIntent>(effect) ||
                std::holds_alternative<core::effect::PrepareRenewal>(effect) ||
                std::holds_alternative<core::effect::PrepareReactivation>(effect))
                ++contacts;
    }
    return contacts;
}

double network_change_peak(std::uint64_t seed, std::uint32_t agents) {
    const auto policy = usual();
    const auto width = policy.network_change_delay;
    std::vector<std::uint32_t> minutes_of(static_cast<std::size_t>(width / minutes{1}) + 1, 0);
    Dice dice(seed);
    for (std::uint32_t agent = 0; agent < agents; ++agent) {
        auto row = licensed_row(kStart, -hours{3});
        row.intent.emplace();
        row.intent->kind = core::IntentKind::renew;
        row.next_attempt_at = kStart + hours{4};
        core::Moment moment;
        moment.now = kStart;
        moment.random = dice.next();
        const auto after =
            core::step(std::move(row), core::event::NetworkChanged{}, moment, policy).state;
        ++minutes_of[slot(*after.next_attempt_at - kStart, minutes{1})];
    }
    const auto worst = *std::max_element(minutes_of.begin(), minutes_of.end());
    return worst * static_cast<double>(width / minutes{1}) / agents;
}

}  // namespace latchkey::simulator
