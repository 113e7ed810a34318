#include "keyserver/rules/lease_tree.h"

#include <algorithm>

namespace latchkey::keyserver {
namespace {

constexpr std::size_t kRoot = static_cast<std::size_t>(-1);

/// Current and previous are the ordinary way.
constexpr std::int64_t kOrdinaryDistance = 2;

bool is_branch(std::int64_t sequence, std::int64_t after) {
    return after > 0 && sequence - after > kOrdinaryDistance;
}

/// Indices into `leases`, which are in the order of their sequences; so a child comes after its
/// parent. What is not there hangs on the nearest lease before it.
class Tree {
public:
    explicit Tree(const std::vector<Lease>& leases) : leases_(leases), children_(leases.size()) {
        for (std::size_t i = 0; i < leases.size(); ++i) {
            parents_.push_back(leases[i].after == 0 ? kRoot : nearest(leases[i].after, i));
            children_of(parents_[i]).push_back(i);
            if (leases[i].adopted) last_adopted_ = leases[i].sequence;
        }
        newest_.resize(leases.size());
        adopted_.resize(leases.size());
        for (std::size_t i = leases.size(); i-- > 0;) {
            newest_[i] = std::max(newest_[i], i);
            if (leases[i].adopted) adopted_[i] = std::max(adopted_[i], leases[i].sequence);
            if (parents_[i] == kRoot) continue;
            newest_[parents_[i]] = std::max(newest_[parents_[i]], newest_[i]);
            adopted_[parents_[i]] = std::max(adopted_[parents_[i]], adopted_[i]);
        }
    }

    /// The lease of that sequence or the nearest before it, among the first `end`.
    std::size_t nearest(std::int64_t sequence, std::size_t end) const {
        const auto stop = leases_.begin() + static_cast<std::ptrdiff_t>(end);
        const auto after = std::upper_bound(
            leases_.begin(), stop, sequence,
            [](std::int64_t wanted, const Lease& lease) { return wanted < lease.sequence; });
        return after == leases_.begin() ? kRoot
                                        : static_cast<std::size_t>(after - leases_.begin()) - 1;
    }

    std::size_t parent(std::size_t lease) const { return parents_[lease]; }
    const std::vector<std::size_t>& children_of(std::size_t lease) const {
        return lease == kRoot ? tops_ : children_[lease];
    }
    const Lease& newest(std::size_t top) const { return leases_[newest_[top]]; }
    const Lease& at(std::size_t lease) const { return leases_[lease]; }

    bool below(std::size_t lease, std::size_t top) const {
        while (lease != kRoot && lease > top) lease = parents_[lease];
        return lease == top;
    }

    /// Does `other` stand back behind `first`? The one that was adopted last goes on, otherwise the
    /// one that was there first.
    bool goes_first(std::size_t first, std::size_t other) const {
        return adopted_[first] != adopted_[other] ? adopted_[first] > adopted_[other]
                                                  : first < other;
    }

    /// first, other, first: after they parted, and after the last adoption.
    bool took_turns(std::size_t first, std::size_t other) const {
        const std::int64_t since = std::max(last_adopted_, at(std::max(first, other)).sequence);
        if (newest(first).sequence < since || newest(other).sequence < since) return false;
        constexpr int kTurns = 3;
        int turns = 0;
        for (std::size_t i = std::min(first, other); i < leases_.size() && turns < kTurns; ++i)
            if (leases_[i].sequence >= since && below(i, turns == 1 ? other : first)) ++turns;
        return turns == kTurns;
    }

private:
    std::vector<std::size_t>& children_of(std::size_t lease) {
        return lease == kRoot ? tops_ : children_[lease];
    }

    const std::vector<Lease>& leases_;
    std::vector<std::size_t> parents_;
    std::vector<std::vector<std::size_t>> children_;
    std::vector<std::size_t> tops_;
    std::vector<std::size_t> newest_;    ///< the newest lease of the branch that begins there
    std::vector<std::int64_t> adopted_;  ///< the newest sequence adopted in it; 0: none
    std::int64_t last_adopted_ = 0;
};

/// Two kinds of OS on one hardware are a dual boot. A lease of an older version names none, and
/// accuses nobody.
bool one_system(std::string_view a, std::string_view b) { return !a.empty() && a == b; }

struct Place {
    std::size_t top = kRoot;  ///< where the asking branch parted
    Fork fork;
};

std::optional<Place> find_fork(const Tree& tree, std::size_t presented, std::string_view platform) {
    for (std::size_t top = presented; top != kRoot; top = tree.parent(top))
        for (const std::size_t other : tree.children_of(tree.parent(top))) {
            if (other == top || !one_system(tree.newest(other).platform, platform)) continue;
            if (!tree.goes_first(other, top) || !tree.took_turns(other, top)) continue;
            return Place{top, {tree.at(top).after, tree.newest(other), tree.newest(top)}};
        }
    return std::nullopt;
}

/// Was no other branch of this kind of OS heard of for so long? What both follow is older than
/// either.
bool others_silent(const std::vector<Lease>& leases, const Tree& tree, std::size_t top,
                   const RenewalCall& call, const Policy& policy) {
    const Duration silence = std::max<Duration>(
        policy.clone_silence, Days{call.renewal_days} * policy.clone_silence_renewals);
    for (std::size_t i = leases.size(); i-- > 0;) {
        if (tree.below(i, top)) continue;
        if (one_system(leases[i].platform, call.platform) &&
            leases[i].issued_at > call.now - silence)
            return false;
    }
    return true;
}

}  // namespace

Growing grow(const std::vector<Lease>& leases, const RenewalCall& call, const Policy& policy) {
    const Tree tree(leases);
    const std::int64_t newest = leases.empty() ? 0 : leases.back().sequence;
    Growing growing;
    growing.lease.sequence = std::max(newest, call.presented) + 1;
    growing.lease.after = call.presented;
    growing.lease.issued_at = call.now;
    growing.lease.platform = std::string(call.platform);
    if (is_branch(growing.lease.sequence, call.presented)) growing.growth = Growth::branch;

    const std::size_t presented = tree.nearest(call.presented, leases.size());
    auto place = find_fork(tree, presented, call.platform);
    if (place) growing.fork = std::move(place->fork);
    if (place && (call.adopt || others_silent(leases, tree, place->top, call, policy)))
        growing.growth = Growth::adopted;
    else if (place)
        growing.growth = Growth::suspected;
    growing.lease.adopted = growing.growth == Growth::adopted;
    return growing;
}

std::vector<Fork> forks(const std::vector<Lease>& leases) {
    const Tree tree(leases);
    std::vector<Fork> found;
    for (std::size_t top = 0; top < leases.size(); ++top)
        for (const std::size_t first : tree.children_of(tree.parent(top))) {
            if (first == top || !tree.goes_first(first, top)) continue;
            if (!one_system(tree.newest(first).platform, tree.newest(top).platform)) continue;
            if (tree.took_turns(first, top))
                found.push_back({tree.at(top).after, tree.newest(first), tree.newest(top)});
        }
    return found;
}

std::int64_t branches(const std::vector<Lease>& leases) {
    return std::count_if(leases.begin(), leases.end(),
                         [](const Lease& lease) { return is_branch(lease.sequence, lease.after); });
}

}  // namespace latchkey::keyserver
