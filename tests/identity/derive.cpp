#include "tests/identity/derive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hwid/match.h"

namespace latchkey::identity {
namespace {

using hwid::Anchor;
using hwid::Kind;
using hwid::Weight;
using hwid::Weights;

/// Raised whenever the committed table changes.
constexpr int kTableVersion = 4;

/// A rate learned from fewer pairs is none.
constexpr std::int64_t kFewestPairs = 50;

// --- What the data cannot teach. -----------------------------------------------------------------

constexpr double kMovedPart = 0.001;
constexpr double kAllReplaced = 0.02;
constexpr double kTpmChanged = 0.25;
constexpr double kTpmShared = 0.0001;
constexpr double kCloudChanged = 0.00001;
constexpr std::uint32_t kSharedByRight = 2;
constexpr double kToldApart = 0.9;
constexpr std::int32_t kThresholdMargin = 10;

constexpr auto kAssumptions = std::to_array<Assumption>({
    {"UUID, system and board serial numbers, kept", "as often as the chassis serial number",
     "the records that follow a machine over years show one serial number of the four; firmware "
     "holds them all, and one repair rewrites them all"},
    {"disagreement of network cards or disks, one machine", "at least 2 %",
     "the machines followed over years are servers; clients are rebuilt by their owners, and "
     "replacing every card or every disk must never weigh as if it did not happen"},
    {"agreement of network cards or disks, two machines", "at least 0.1 %",
     "the records show no part that moved into another unit; in an office one does"},
    {"TPM, changed on one machine", "25 %",
     "no record holds a TPM; those in firmware change with the processor and can be reset"},
    {"TPM, equal on two machines", "0.01 %",
     "an endorsement key is made for one chip; what remains are emulators and errors"},
    {"cloud instance, changed on one machine", "0.001 %",
     "the provider never gives a running instance another id, nor an id to two"},
    {"machines that may share a value by right", "2 others",
     "a unit is recorded anew after its board was replaced, and a part of it may have moved on"},
    {"a value that more machines share", "is a batch's",
     "checked: at least 90 % of the pairs that share one are told apart by another anchor"},
    {"an agreement on a value that k other machines show", "loses log2(k + 1) bits",
     "the chance of agreeing on it by accident rises with the machines that show it"},
    {"a stranger", "is a unit of the same fleet as often as any machine",
     "a partner installs on the machines it bought together, and on others"},
    {"one kind of model-level evidence in each group weighs",
     "product, processor, memory, BIOS, graphics",
     "vendor, family, board and version follow from the product; counting them again would count "
     "one fact many times"},
    {"significant", "a lost board; network cards and disks together unless the TPM agrees",
     "the policy's, not the data's"},
    {"threshold", "1 bit under the hardest case that must be the same machine",
     "the anchor rule decides, the score only refuses where the whole evidence speaks against; "
     "one bit for records not seen"},
});

// -------------------------------------------------------------------------------------------------

struct Rates {
    double all = 0;
    double partly = 0;
    double none = 0;
};

/// Half an observation is added to each outcome, so that what was not seen yet is rare and not
/// impossible.
Rates rates_of(const Outcomes& seen) {
    const double total = static_cast<double>(seen.total()) + 1.5;
    const auto share = [total](std::int64_t n) { return (static_cast<double>(n) + 0.5) / total; };
    return {share(seen.all), share(seen.partly), share(seen.none)};
}

Rates mean(const Rates& a, const Rates& b) {
    return {(a.all + b.all) / 2, (a.partly + b.partly) / 2, (a.none + b.none) / 2};
}

std::int16_t tenths(double m, double u) {
    return static_cast<std::int16_t>(std::lround(10 * std::log2(m / u)));
}

/// A member of a set that stayed never counts more than the whole set, nor less than none.
Weight weight_of(const Rates& m, const Rates& u) {
    Weight out{std::max<std::int16_t>(tenths(m.all, u.all), 0), 0,
               std::min<std::int16_t>(tenths(m.none, u.none), 0)};
    out.partly = std::clamp(tenths(m.partly, u.partly), out.disagree, out.agree);
    return out;
}

/// A kind with one value agrees or does not.
Weight single(Weight weight) {
    weight.partly = weight.agree;
    return weight;
}

const Outcomes& of(const OutcomesByKind& outcomes, Kind kind) {
    return outcomes[static_cast<std::size_t>(kind)];
}

class Deriver {
public:
    explicit Deriver(const Dataset& data) : data_(data) {}

    Result<Derivation> run(std::int64_t strangers) {
        out_.learned = learn(data_, strangers);
        out_.sharing = learn_sharing(data_);
        out_.weights.version = kTableVersion;
        weigh_anchors();
        for (const auto kind : {Kind::bmc_mac, Kind::infiniband_guid})
            set(kind, weight_of(m(kind), u(kind)), "learned");
        for (const auto kind :
             {Kind::system_product, Kind::cpu_model, Kind::memory_total_mb, Kind::bios_version})
            set(kind, single(weight_of(m(kind), u(kind))), "learned");
        set(Kind::gpu, weight_of(m(Kind::gpu), u(Kind::gpu)), "learned");
        set_significance();
        if (const auto ok = set_sharing(); !ok) return fail(ok.error());
        if (!too_few_.empty())
            return fail(Code::input_unreadable, "too few pairs to learn from: " + too_few_);
        find_threshold();
        name_sources();
        out_.weights.provenance = provenance();
        if (auto why = hwid::unsound(out_.weights); !why.empty())
            return fail(Code::input_unreadable, "the data give no sound table: " + why);
        return std::move(out_);
    }

private:
    Rates m(Kind kind) {
        const auto& seen = of(out_.learned.same, kind);
        if (seen.total() < kFewestPairs) too_few_ += std::string(hwid::name(kind)) + " (same) ";
        return rates_of(seen);
    }

    Rates u(Kind kind) {
        const auto& fleet = of(out_.learned.fleet, kind);
        const auto& strangers = of(out_.learned.strangers, kind);
        if (fleet.total() < kFewestPairs && strangers.total() < kFewestPairs)
            too_few_ += std::string(hwid::name(kind)) + " (different) ";
        if (fleet.total() < kFewestPairs) return rates_of(strangers);
        if (strangers.total() < kFewestPairs) return rates_of(fleet);
        return mean(rates_of(fleet), rates_of(strangers));
    }

    void set(Kind kind, Weight weight, std::string_view origin) {
        out_.weights[kind] = weight;
        out_.rows.push_back({kind, origin});
    }

    void weigh_anchors() {
        const Rates kept = m(Kind::chassis_serial);
        for (const auto kind : {Kind::system_uuid, Kind::system_serial, Kind::board_serial})
            set(kind, single(weight_of(kept, u(kind))), "u learned, m as chassis_serial");
        set(Kind::chassis_serial, single(weight_of(kept, u(Kind::chassis_serial))), "learned");
        const Rates tpm_m{1 - kTpmChanged, 1 - kTpmChanged, kTpmChanged};
        const Rates tpm_u{kTpmShared, kTpmShared, 1 - kTpmShared};
        set(Kind::tpm_ek, single(weight_of(tpm_m, tpm_u)), "assumed");
        const Rates cloud_m{1 - kCloudChanged, 1 - kCloudChanged, kCloudChanged};
        const Rates cloud_u{kCloudChanged, kCloudChanged, 1 - kCloudChanged};
        set(Kind::cloud_instance_id, single(weight_of(cloud_m, cloud_u)), "assumed");
        for (const auto kind : {Kind::nic, Kind::disk}) {
            Rates same = m(kind);
            Rates other = u(kind);
            same.none = std::max(same.none, kAllReplaced);
            other.all = std::max(other.all, kMovedPart);
            other.partly = std::max(other.partly, kMovedPart);
            set(kind, weight_of(same, other), "learned within the assumed bounds");
        }
    }

    void set_significance() {
        out_.weights.losses[0] = {{Anchor::board}, {}};
        out_.weights.losses[1] = {{Anchor::nic, Anchor::disk}, {Anchor::tpm}};
        out_.weights.loss_count = 2;
    }

    Result<void> set_sharing() {
        Sharing more;
        for (const auto& [others, sharing] : out_.sharing) {
            if (others <= kSharedByRight) continue;
            more.pairs += sharing.pairs;
            more.told_apart += sharing.told_apart;
        }
        if (static_cast<double>(more.told_apart) < kToldApart * static_cast<double>(more.pairs))
            return fail(Code::input_unreadable,
                        "values that many machines share are not batches' here: an assumption "
                        "does not hold");
        out_.weights.worthless_multiplicity = kSharedByRight + 1;
        for (std::uint32_t k = 0; k < Weights::kMaxMultiplicity; ++k)
            out_.weights.loss_when_shared[k] = tenths(k + 1.0, 1.0);
        return {};
    }

    /// Every pair that the anchor rule accepts, whatever its score, and the case that the records
    /// may lack: two values of the board stay, the weaker kinds of them, while all else is new.
    void find_threshold() {
        Weights lenient = out_.weights;
        lenient.same_threshold = std::numeric_limits<std::int32_t>::min();
        out_.lowest_same = std::numeric_limits<std::int32_t>::max();
        for (const auto* pairs : {&data_.real, &data_.scenarios}) {
            for (const auto& pair : *pairs) {
                if (!pair.same) continue;
                const auto result = hwid::match(*pair.before, *pair.after, lenient);
                if (result.verdict != hwid::Verdict::same) continue;
                ++(*pair.same ? out_.known_again : out_.mistaken);
                if (*pair.same) out_.lowest_same = std::min(out_.lowest_same, result.score);
            }
        }
        const Weights& w = out_.weights;
        std::array board{w[Kind::system_uuid].agree, w[Kind::system_serial].agree,
                         w[Kind::board_serial].agree};
        std::sort(board.begin(), board.end());
        out_.lone_board = board[1];  // two values stay, and the better one of them weighs
        for (const auto kind : {Kind::tpm_ek, Kind::nic, Kind::disk})
            out_.lone_board += w[kind].disagree;
        const auto hardest = std::min(out_.lowest_same, out_.lone_board);
        out_.weights.same_threshold = hardest - kThresholdMargin;
    }

    void name_sources() {
        std::map<std::string, int> machines;
        for (const auto& machine : data_.machines) ++machines[machine.source];
        for (const auto& [source, count] : machines)
            out_.sources.push_back(source + ": " + std::to_string(count));
    }

    std::string provenance() const {
        return "log2(m/u) in tenths of a bit; m from " + std::to_string(out_.learned.same_pairs) +
               " pairs of records of one machine, u from " +
               std::to_string(out_.learned.fleet_pairs) + " of one fleet and " +
               std::to_string(out_.learned.stranger_pairs) + " kinds of two machines, of " +
               std::to_string(data_.machines.size()) +
               " recorded machines; what they cannot teach is assumed: tpm_ek, cloud_instance_id, "
               "moved parts, clients' repairs (hwid/weights_table.cpp names each).";
    }

    const Dataset& data_;
    Derivation out_;
    std::string too_few_;
};

}  // namespace

std::span<const Assumption> assumptions() { return kAssumptions; }

Result<Derivation> derive(const Dataset& data, std::int64_t strangers) {
    return Deriver(data).run(strangers);
}

}  // namespace latchkey::identity
