#include "hwid/compare.h"

#include <algorithm>
#include <limits>

namespace latchkey::hwid {
namespace {

constexpr std::size_t kQualityCount = static_cast<std::size_t>(Quality::absent) + 1;
/// Hiding places: one a quality, and one for values that too many machines share.
constexpr std::size_t kShared = kQualityCount;
using Hidden = std::array<std::vector<std::int32_t>, kQualityCount + 1>;

struct Sorted {
    std::vector<std::int32_t> usable;  ///< indexes into the fingerprint, by digest
    Hidden hidden;
};

bool is_listed_kind(Kind kind) {
    return kind == Kind::nic || kind == Kind::disk || kind == Kind::memory_module ||
           kind == Kind::gpu || kind == Kind::nic_device || kind == Kind::battery ||
           kind == Kind::monitor || kind == Kind::bmc_mac || kind == Kind::infiniband_guid;
}

/// A made-up disk or address is no evidence of hardware. In a virtual machine, addresses are all
/// there is; and words about a model ("VirtualBox") are as good as any.
bool virtual_value_counts(Kind kind, const CompareContext& context) {
    if (kind == Kind::disk) return false;
    if (kind == Kind::nic || kind == Kind::bmc_mac) return context.is_virtual;
    return true;
}

Sorted sort_side(Kind kind, const Side& side, const CompareContext& context) {
    Sorted out;
    for (std::size_t i = 0; i < side.evidence.size(); ++i) {
        const Evidence& e = side.evidence[i];
        const auto index = side.first + static_cast<std::int32_t>(i);
        const bool counts = e.quality == Quality::good ||
                            (e.quality == Quality::virtual_ && virtual_value_counts(kind, context));
        if (!counts) {
            out.hidden[static_cast<std::size_t>(e.quality)].push_back(index);
        } else if (e.multiplicity >= context.worthless_multiplicity) {
            out.hidden[kShared].push_back(index);
        } else {
            out.usable.push_back(index);
        }
    }
    return out;
}

Why why_hidden(std::size_t place) {
    if (place == kShared) return Why::shared_value;
    switch (static_cast<Quality>(place)) {
        case Quality::placeholder:
            return Why::placeholder;
        case Quality::virtual_:
            return Why::virtual_value;
        case Quality::removable:
            return Why::removable_device;
        case Quality::local:
            return Why::local_address;
        case Quality::unreadable:
            return Why::not_readable;
        case Quality::good:
        case Quality::absent:
            break;
    }
    return Why::not_compared;
}

bool can_hide(std::size_t place) {
    return place != static_cast<std::size_t>(Quality::removable) &&
           place != static_cast<std::size_t>(Quality::absent);
}

/// Room for values that are hidden in one place.
struct Cover {
    std::size_t count;
    Why why;
};

/// What `here` may hide of what is seen `there`. What is hidden on both sides is the same hidden
/// thing; one new RAID volume hides any number of disks. `unread` is why, where the value cannot be
/// read; otherwise its place tells.
std::vector<Cover> newly_hidden(Kind kind, const Hidden& here, const Hidden& there, Why unread) {
    std::vector<Cover> covers;
    for (std::size_t place = 0; place < here.size(); ++place) {
        if (!can_hide(place) || here[place].size() <= there[place].size()) continue;
        const Why why = why_hidden(place) == Why::not_readable ? unread : why_hidden(place);
        const bool is_volume =
            kind == Kind::disk && place == static_cast<std::size_t>(Quality::virtual_);
        covers.push_back({is_volume ? std::numeric_limits<std::size_t>::max()
                                    : here[place].size() - there[place].size(),
                          why});
    }
    return covers;
}

class KindComparer {
public:
    KindComparer(Kind kind, const Side& before, const Side& after, const CompareContext& context,
                 std::vector<ComponentResult>& results)
        : kind_(kind), before_(before), after_(after), context_(context), results_(results) {}

    KindComparison run() {
        const Sorted before = sort_side(kind_, before_, context_);
        const Sorted after = sort_side(kind_, after_, context_);
        std::vector<std::int32_t> lost;
        std::vector<std::int32_t> gained;
        split(before.usable, after.usable, lost, gained);
        if (after_.evidence.empty()) {
            cover(lost, {{lost.size(), Why::not_readable}}, true);
        } else if (before_.evidence.empty()) {
            cover(gained, {{gained.size(), Why::became_readable}}, false);
        } else {
            cover(lost, newly_hidden(kind_, after.hidden, before.hidden, Why::not_readable), true);
            cover(gained, newly_hidden(kind_, before.hidden, after.hidden, Why::became_readable),
                  false);
        }
        in_order_of_snapshot(before_, lost);
        in_order_of_snapshot(after_, gained);
        report_changes(lost, gained);
        report_hidden(before.hidden, after.hidden);
        conclude();
        return out_;
    }

private:
    const Digest& digest(const Side& side, std::int32_t index) const {
        return side.evidence[static_cast<std::size_t>(index - side.first)].digest;
    }

    void add(Outcome outcome, Why why, std::int32_t before, std::int32_t after) {
        results_.push_back({kind_, outcome, why, 0, before, after});
    }

    /// Both lists are sorted by digest; equal values pair off.
    void split(const std::vector<std::int32_t>& before, const std::vector<std::int32_t>& after,
               std::vector<std::int32_t>& lost, std::vector<std::int32_t>& gained) {
        auto b = before.begin();
        auto a = after.begin();
        while (b != before.end() && a != after.end()) {
            const auto order = digest(before_, *b) <=> digest(after_, *a);
            if (order == 0) {
                note_shared(*b, *a);
                add(Outcome::match, Why::agrees, *b++, *a++);
                ++out_.matched;
            } else if (order < 0) {
                lost.push_back(*b++);
            } else {
                gained.push_back(*a++);
            }
        }
        lost.insert(lost.end(), b, before.end());
        gained.insert(gained.end(), a, after.end());
    }

    void note_shared(std::int32_t before, std::int32_t after) {
        const auto multiplicity = [](const Side& side, std::int32_t index) {
            return side.evidence[static_cast<std::size_t>(index - side.first)].multiplicity;
        };
        const auto shown = std::max(multiplicity(before_, before), multiplicity(after_, after));
        out_.rarest_multiplicity =
            out_.matched == 0 ? shown : std::min(out_.rarest_multiplicity, shown);
    }

    /// Takes what the covers have room for out of the list: it is hidden, not changed.
    void cover(std::vector<std::int32_t>& values, const std::vector<Cover>& covers,
               bool is_before) {
        for (auto [room, why] : covers) {
            for (; room > 0 && !values.empty(); --room) {
                const auto index = values.back();
                values.pop_back();
                ++out_.hidden;
                add(Outcome::unreadable, why, is_before ? index : -1, is_before ? -1 : index);
            }
        }
    }

    /// So that the words pair eth0 with eth0. A record that came over the wire knows no order but
    /// that of its digests; nothing but words depends on it.
    static void in_order_of_snapshot(const Side& side, std::vector<std::int32_t>& indexes) {
        std::stable_sort(indexes.begin(), indexes.end(), [&side](auto a, auto b) {
            return side.evidence[static_cast<std::size_t>(a - side.first)].component <
                   side.evidence[static_cast<std::size_t>(b - side.first)].component;
        });
    }

    void report_changes(const std::vector<std::int32_t>& lost,
                        const std::vector<std::int32_t>& gained) {
        const Why replaced = is_listed_kind(kind_) ? Why::replaced : Why::differs;
        for (std::size_t i = 0; i < std::max(lost.size(), gained.size()); ++i) {
            if (i < lost.size() && i < gained.size()) {
                add(Outcome::changed, replaced, lost[i], gained[i]);
                ++out_.replaced;
            } else if (i < lost.size()) {
                add(Outcome::removed, Why::set_lost, lost[i], -1);
                ++out_.removed;
            } else {
                add(Outcome::added, Why::set_gained, -1, gained[i]);
                ++out_.added;
            }
        }
    }

    void report_hidden(const Hidden& before, const Hidden& after) {
        for (std::size_t place = 0; place < before.size(); ++place) {
            const Why why = why_hidden(place);
            const Outcome outcome =
                why == Why::not_readable ? Outcome::unreadable : Outcome::ignored;
            for (std::size_t i = 0; i < std::max(before[place].size(), after[place].size()); ++i) {
                add(outcome, why, i < before[place].size() ? before[place][i] : -1,
                    i < after[place].size() ? after[place][i] : -1);
            }
        }
    }

    void conclude() {
        if (out_.matched > 0) {
            out_.agreement = out_.changed() ? Agreement::partly : Agreement::all;
        } else if (out_.replaced > 0) {
            out_.agreement = Agreement::none;
        }
    }

    Kind kind_;
    const Side& before_;
    const Side& after_;
    const CompareContext& context_;
    std::vector<ComponentResult>& results_;
    KindComparison out_;
};

}  // namespace

KindComparison compare_kind(Kind kind, const Side& before, const Side& after,
                            const CompareContext& context, std::vector<ComponentResult>& results) {
    return KindComparer(kind, before, after, context, results).run();
}

}  // namespace latchkey::hwid
