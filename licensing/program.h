#pragma once

// The programs' rules as data (rules C1-C6, E1, E2): a preset names its counting rule and how
// licenses may be shared.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::licensing {

/// When a repeated activation of the same machine counts.
enum class CountingRule : std::uint8_t {
    significant_change,  ///< "significant-change": only after a significant hardware change (C2,
                         ///< C3)
    any_change,          ///< "any-change": after any hardware change (C4, C5)
    every_activation,    ///< "every-activation": always (C6)
};

std::string_view name(CountingRule rule);
std::optional<CountingRule> counting_rule_from_name(std::string_view name);

/// How far an entitlement may be shared inside its organization.
enum class Sharing : std::uint8_t { country, worldwide };

struct Program {
    std::string id;
    std::string title;
    CountingRule rule = CountingRule::significant_change;
    Sharing sharing = Sharing::worldwide;
    bool returnable = false;  ///< deactivation gives the activation back (no preset does)
    bool lease = true;        ///< false: perpetual licenses
    int lease_days = 180;
    int renewal_days = 7;
};

/// "action-pack", "competency", "ai-cloud".
std::span<const Program> program_presets();
const Program* find_preset(std::string_view id);

}  // namespace latchkey::licensing
