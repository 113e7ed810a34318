#include "licensing/program.h"

#include <array>

namespace latchkey::licensing {

std::string_view name(CountingRule rule) {
    switch (rule) {
        case CountingRule::significant_change:
            return "significant-change";
        case CountingRule::any_change:
            return "any-change";
        case CountingRule::every_activation:
            return "every-activation";
    }
    return {};
}

std::optional<CountingRule> counting_rule_from_name(std::string_view text) {
    for (const auto rule : {CountingRule::significant_change, CountingRule::any_change,
                            CountingRule::every_activation})
        if (name(rule) == text) return rule;
    return std::nullopt;
}

std::span<const Program> program_presets() {
    static const std::array<Program, 3> presets{{
        {.id = "action-pack",
         .title = "Action Pack",
         .rule = CountingRule::any_change,
         .sharing = Sharing::country},
        {.id = "competency",
         .title = "Competency",
         .rule = CountingRule::every_activation,
         .sharing = Sharing::worldwide},
        {.id = "ai-cloud",
         .title = "AI Cloud",
         .rule = CountingRule::significant_change,
         .sharing = Sharing::worldwide},
    }};
    return presets;
}

const Program* find_preset(std::string_view id) {
    for (const auto& program : program_presets())
        if (program.id == id) return &program;
    return nullptr;
}

}  // namespace latchkey::licensing
