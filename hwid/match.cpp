#include "hwid/match.h"

#include <algorithm>
#include <initializer_list>

#include "hwid/compare.h"

namespace latchkey::hwid {
namespace {

using Comparisons = std::array<KindComparison, kKindCount>;

/// What may change with the system that runs on the machine, or tells nothing about hardware.
bool is_never_identity(Kind kind) {
    return kind == Kind::os_machine_id || kind == Kind::os_edition ||
           kind == Kind::vm_generation_id || kind == Kind::hypervisor;
}

constexpr std::initializer_list<Kind> kBoardKinds = {Kind::system_uuid, Kind::system_serial,
                                                     Kind::board_serial, Kind::chassis_serial};

Side side_of(const std::vector<Evidence>& evidence, Kind kind) {
    const auto [begin, end] =
        std::equal_range(evidence.begin(), evidence.end(), Evidence{kind},
                         [](const Evidence& a, const Evidence& b) { return a.kind < b.kind; });
    const auto first = static_cast<std::int32_t>(begin - evidence.begin());
    return {std::span<const Evidence>(begin, end), first};
}

void ignore(Kind kind, const Side& before, const Side& after, std::vector<ComponentResult>& out) {
    const auto count = std::max(before.evidence.size(), after.evidence.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto index = [i](const Side& side) {
            return i < side.evidence.size() ? side.first + static_cast<std::int32_t>(i) : -1;
        };
        out.push_back(
            {kind, Outcome::ignored, Why::never_identity, 0, index(before), index(after)});
    }
}

/// Works out one match from the comparisons of all kinds.
class Judge {
public:
    Judge(const Comparisons& comparisons, const Weights& weights, bool is_virtual, MatchResult& out)
        : comparisons_(comparisons), weights_(weights), is_virtual_(is_virtual), out_(out) {}

    void run() {
        set_anchors();
        set_score();
        for (std::size_t i = 0; i < kKindCount; ++i) {
            const bool changed =
                is_counted_change(static_cast<Kind>(i)) && comparisons_[i].changed();
            out_.changed_any = out_.changed_any || changed;
        }
        out_.verdict = is_virtual_ ? judge_virtual() : judge_physical();
        if (out_.verdict == Verdict::same) find_significant_losses();
        out_.significant = out_.verdict != Verdict::same || !out_.lost_significantly.empty();
    }

private:
    const KindComparison& of(Kind kind) const {
        return comparisons_[static_cast<std::size_t>(kind)];
    }
    bool agrees(Kind kind) const {
        const auto agreement = of(kind).agreement;
        return agreement == Agreement::all || agreement == Agreement::partly;
    }
    bool contradicts(Kind kind) const { return of(kind).agreement == Agreement::none; }
    AnchorState& anchor(Anchor which) const {
        return out_.anchors[static_cast<std::size_t>(which)];
    }

    /// One card or disk that moved into another machine does not make it this one: where a single
    /// member stayed and several were replaced, the set contradicts.
    static AnchorState state_of(const KindComparison& comparison) {
        switch (comparison.agreement) {
            case Agreement::unknown:
                break;
            case Agreement::all:
                return AnchorState::agrees;
            case Agreement::partly:
                return comparison.matched == 1 && comparison.replaced > 1 ? AnchorState::contradicts
                                                                          : AnchorState::partly;
            case Agreement::none:
                return AnchorState::contradicts;
        }
        return AnchorState::unknown;
    }

    /// One group, never four votes. A chassis is shared by blades and a UUID by whole batches, so
    /// neither alone outweighs a contradiction within the group.
    AnchorState board_state() const {
        bool any_agrees = false;
        bool any_contradicts = false;
        for (const Kind kind : kBoardKinds) {
            any_agrees = any_agrees || agrees(kind);
            any_contradicts = any_contradicts || contradicts(kind);
        }
        if (!any_contradicts) return any_agrees ? AnchorState::agrees : AnchorState::unknown;
        const bool serial_stayed = agrees(Kind::system_serial) || agrees(Kind::board_serial);
        return serial_stayed && !is_another_system() ? AnchorState::partly
                                                     : AnchorState::contradicts;
    }

    /// UUID and serial number of the system are both new: a board serial that stayed is then more
    /// likely printed on a whole batch than carried into another system.
    bool is_another_system() const {
        return contradicts(Kind::system_uuid) && !agrees(Kind::system_serial) &&
               !agrees(Kind::chassis_serial) &&
               (contradicts(Kind::system_serial) || contradicts(Kind::chassis_serial));
    }

    bool is_same_model() const {
        return !contradicts(Kind::system_product) && !contradicts(Kind::board_product);
    }

    void set_anchors() {
        anchor(Anchor::board) = board_state();
        anchor(Anchor::tpm) = state_of(of(Kind::tpm_ek));
        anchor(Anchor::nic) = state_of(of(Kind::nic));
        anchor(Anchor::disk) = state_of(of(Kind::disk));
        anchor(Anchor::cloud) = state_of(of(Kind::cloud_instance_id));
    }

    std::int32_t weight_of(Kind kind) const {
        switch (of(kind).agreement) {
            case Agreement::unknown:
                break;
            case Agreement::all:
                return less_where_shared(kind, weights_[kind].agree);
            case Agreement::partly:
                return less_where_shared(kind, weights_[kind].partly);
            case Agreement::none:
                return weights_[kind].disagree;
        }
        return 0;
    }

    /// An agreement on a value that others show too is the likelier chance; at worst it says
    /// nothing.
    std::int32_t less_where_shared(Kind kind, std::int32_t weight) const {
        const auto loss = weights_.shared_loss(of(kind).rarest_multiplicity);
        return weight > 0 ? std::max(weight - loss, 0) : weight;
    }

    /// Of the board's group only the strongest agreement and the strongest contradiction weigh.
    void set_score() {
        std::optional<Kind> best;
        std::optional<Kind> worst;
        for (const Kind kind : kBoardKinds) {
            const auto weight = weight_of(kind);
            if (weight > 0 && (!best || weight > weight_of(*best))) best = kind;
            if (weight < 0 && (!worst || weight < weight_of(*worst))) worst = kind;
        }
        for (std::size_t i = 0; i < kKindCount; ++i) {
            const auto kind = static_cast<Kind>(i);
            const bool in_board = kind <= Kind::chassis_serial;
            if (!in_board || best == kind || worst == kind) give(kind, weight_of(kind));
        }
    }

    /// The kind's weight stands at its first telling component.
    void give(Kind kind, std::int32_t weight) {
        out_.score += weight;
        for (auto& result : out_.components) {
            const bool tells =
                result.outcome != Outcome::ignored && result.outcome != Outcome::unreadable;
            if (result.kind == kind && tells) {
                result.weight = weight;
                return;
            }
        }
    }

    bool is_for(Anchor which) const {
        return anchor(which) == AnchorState::agrees || anchor(which) == AnchorState::partly;
    }
    bool is_against(Anchor which) const { return anchor(which) == AnchorState::contradicts; }

    int count(bool (Judge::*what)(Anchor) const) const {
        int n = 0;
        for (std::size_t i = 0; i < kAnchorCount; ++i) n += (this->*what)(static_cast<Anchor>(i));
        return n;
    }

    /// Only the chassis speaks for the board: blades and multi-node servers share it.
    bool is_chassis_only() const {
        return is_for(Anchor::board) && !agrees(Kind::system_uuid) &&
               !agrees(Kind::system_serial) && !agrees(Kind::board_serial);
    }

    /// Two values of the group agree and none contradicts. One value alone may be a whole batch's
    /// (a UUID that a vendor gave to every board), so it stands against one contradiction at most,
    /// and only where the group shows the same gaps as before.
    bool board_stands_alone(int against) const {
        if (anchor(Anchor::board) != AnchorState::agrees || is_chassis_only()) return false;
        int agreeing = 0;
        int hidden = 0;
        for (const Kind kind : kBoardKinds) {
            agreeing += agrees(kind);
            hidden += of(kind).hidden;
        }
        return agreeing >= 2 || (against <= 1 && hidden == 0);
    }

    /// A serial number was written anew while every onboard address stayed: the board is still
    /// there. Cards may have come or gone, none replaced; the model must not contradict.
    bool board_was_rewritten() const {
        const auto& nic = of(Kind::nic);
        return nic.matched > 0 && nic.replaced == 0 && !is_every_board_value_new() &&
               is_same_model();
    }

    /// Service software rewrites a serial number or the UUID. Another board brings a UUID and a
    /// serial number of its own; what the technician writes back is the system's and the chassis's.
    bool is_every_board_value_new() const {
        const bool serial_is_new =
            contradicts(Kind::board_serial) ||
            (contradicts(Kind::system_serial) && !agrees(Kind::board_serial));
        return contradicts(Kind::system_uuid) && serial_is_new;
    }

    /// A white-box board has no identity but the addresses on it: where all of them stayed, one
    /// other anchor may have changed.
    bool addresses_stand_for_board(int against) const {
        return anchor(Anchor::board) == AnchorState::unknown && against <= 1 &&
               of(Kind::nic).agreement == Agreement::all && is_same_model();
    }

    /// Under a hypervisor a UUID travels with the disk image; only with the address does it tell.
    Verdict judge_virtual() const {
        if (is_against(Anchor::cloud)) return Verdict::different;
        const bool uuid_and_address = agrees(Kind::system_uuid) && is_for(Anchor::nic);
        const bool proven = uuid_and_address || is_for(Anchor::tpm) || is_for(Anchor::cloud);
        if (proven && out_.score >= weights_.same_threshold) return Verdict::same;
        const bool contradicted =
            contradicts(Kind::system_uuid) || is_against(Anchor::nic) || is_against(Anchor::tpm);
        return contradicted ? Verdict::different : Verdict::insufficient;
    }

    Verdict judge_physical() const {
        const int agreeing = count(&Judge::is_for);
        const int against = count(&Judge::is_against);
        if (agreeing + against == 0) return Verdict::insufficient;
        const bool rewritten =
            is_against(Anchor::board) && against == 1 && agreeing >= 1 && board_was_rewritten();
        // Where disks alone speak, they were moved into a machine of another model; firmware that
        // renames its model keeps its addresses.
        const bool one_unopposed = agreeing == 1 && against == 0 && !is_chassis_only() &&
                                   (!is_for(Anchor::disk) || is_same_model());
        const bool anchored = agreeing >= 2 || one_unopposed || board_stands_alone(against) ||
                              rewritten || addresses_stand_for_board(against);
        if (anchored && out_.score >= weights_.same_threshold) return Verdict::same;
        return is_undecidable(agreeing, against) ? Verdict::insufficient : Verdict::different;
    }

    /// One anchor against one, and the board says nothing of its own: a card or disk moved, or a
    /// machine was repaired. Nobody can tell.
    bool is_undecidable(int agreeing, int against) const {
        if (contradicts(Kind::system_product)) return false;
        const bool board_is_silent = anchor(Anchor::board) == AnchorState::unknown;
        return agreeing == 1 && against <= 1 && (board_is_silent || is_chassis_only());
    }

    bool is_board_lost() const {
        if (is_against(Anchor::board)) return true;
        return (contradicts(Kind::system_uuid) || contradicts(Kind::board_serial)) &&
               !agrees(Kind::board_serial);
    }

    bool is_lost(Anchor which) const {
        switch (which) {
            case Anchor::board:
                return is_board_lost() && !board_was_rewritten();
            case Anchor::nic:
                return of(Kind::nic).all_lost();
            case Anchor::disk:
                return of(Kind::disk).all_lost();
            case Anchor::tpm:
            case Anchor::cloud:
                break;
        }
        return is_against(which);
    }

    void find_significant_losses() {
        AnchorSet lost;
        AnchorSet kept;
        for (std::size_t i = 0; i < kAnchorCount; ++i) {
            const auto which = static_cast<Anchor>(i);
            if (is_lost(which)) lost.insert(which);
            if (is_for(which)) kept.insert(which);
        }
        for (const auto& row : weights_.significant()) {
            if (lost.contains_all(row.lost) && !kept.contains_any(row.unless))
                out_.lost_significantly.insert(row.lost);
        }
    }

    const Comparisons& comparisons_;
    const Weights& weights_;
    bool is_virtual_;
    MatchResult& out_;
};

}  // namespace

bool is_counted_change(Kind kind) {
    constexpr auto kCounted = std::to_array<Kind>(
        {Kind::system_uuid, Kind::system_serial, Kind::board_serial, Kind::chassis_serial,
         Kind::nic, Kind::disk, Kind::cpu_model, Kind::cpu_signature, Kind::cpu_count, Kind::gpu,
         Kind::memory_total_mb, Kind::memory_module});
    return std::find(kCounted.begin(), kCounted.end(), kind) != kCounted.end();
}

MatchResult match(const Fingerprint& before, const Fingerprint& after, const Weights& weights) {
    MatchResult out;
    out.significant = true;
    if (before.salt_id != after.salt_id) return out;
    const bool is_virtual = is_virtual_machine(before) || is_virtual_machine(after);
    out.is_virtual = is_virtual;
    const CompareContext context{is_virtual, weights.worthless_multiplicity};
    out.components.reserve(before.evidence.size() + 8);
    Comparisons comparisons{};
    for (std::size_t i = 0; i < kKindCount; ++i) {
        const auto kind = static_cast<Kind>(i);
        const Side b = side_of(before.evidence, kind);
        const Side a = side_of(after.evidence, kind);
        if (is_never_identity(kind)) {
            ignore(kind, b, a, out.components);
        } else {
            comparisons[i] = compare_kind(kind, b, a, context, out.components);
        }
    }
    Judge(comparisons, weights, is_virtual, out).run();
    return out;
}

}  // namespace latchkey::hwid
