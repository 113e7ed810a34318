#include "licensing/counting.h"

namespace latchkey::licensing {
namespace {

CountDecision decide_count_same(CountingRule rule, bool significant, bool changed_any) {
    switch (rule) {
        case CountingRule::significant_change:
            if (significant) return {1, "Same machine, significant hardware change: counted."};
            return {0, "Same machine, no significant hardware change: not counted."};
        case CountingRule::any_change:
            if (changed_any)
                return {1,
                        "Same machine, but its hardware changed, and under this program any "
                        "hardware change counts: counted."};
            return {0, "Same machine, no hardware change: not counted."};
        case CountingRule::every_activation:
            return {1, "Same machine, but under this program every activation counts: counted."};
    }
    return {};
}

}  // namespace

CountDecision decide_count(CountingRule rule, hwid::Verdict verdict, bool significant,
                           bool changed_any) {
    switch (verdict) {
        case hwid::Verdict::same:
            return decide_count_same(rule, significant, changed_any);
        case hwid::Verdict::different:
            return {1, "A different machine: counted."};
        case hwid::Verdict::insufficient:
            return {1,
                    "Too little hardware evidence to prove that it is the same machine: counted."};
    }
    return {};
}

CountDecision decide_count_new_machine() {
    return {1, "The first activation on this machine: counted."};
}

}  // namespace latchkey::licensing
