#pragma once

// The one table of what can be set: agent.toml (config.*) and the policy of whoever manages the
// machine (managed.*) hold their values against it, and a test holds the ADMX against it
// (tests/arch/policy_template_test.cpp).

#include <string>
#include <string_view>
#include <vector>

#include "agent/daemon/config.h"
#include "agent/daemon/toml_document.h"

namespace latchkey::daemon {

constexpr std::size_t kMaxActivations = 64;

enum class Shape : std::uint8_t { choice, flag, text, place, url, proxy, country };

/// Where a value goes; `server` and `activation` are set for the settings that are theirs.
struct Target {
    Config& config;
    KeyServerConfig* server = nullptr;
    UnattendedActivation* activation = nullptr;
};

/// A value that was found good: `text` of every shape but a flag.
struct GoodValue {
    std::string text;
    bool flag = false;
};

struct SettingRule {
    /// "agent.role"; "publisher.*.url" where * stands for the publisher's (or product's) id.
    std::string_view name;
    Shape shape;
    std::vector<std::string_view> choices;  ///< of Shape::choice
    std::string_view
        initial;  ///< what is in force where nothing sets it; a place's is the system's
    std::filesystem::path platform::Paths::*place;  ///< of paths.*
    void (*store)(const Target& target, const GoodValue& value);

    bool of_many() const { return name.find('*') != std::string_view::npos; }
};

const std::vector<SettingRule>& setting_rules();

/// Of {"agent", "role"} or {"publisher", ID, "url"}; null where there is no such setting.
const SettingRule* rule_of(const std::vector<std::string>& path);

/// Why the value cannot be taken, or empty.
std::string wrong_with(const SettingRule& rule, const SettingValue& value);

/// Takes a value that wrong_with() finds nothing wrong with.
void store(const SettingRule& rule, const SettingValue& value, const Target& target);

}  // namespace latchkey::daemon
