#pragma once

// The settings that whoever manages the machine has set (platform/settings/policy_store.h), as
// settings of this agent: docs/windows.md, Policy. They win over every file. Pure.
//
//   keyserver : url                 [keyserver] url
//   publisher\url : example.org     [publisher."example.org"] url
//   activate\key_file : suite       key_file of the [[activate]] with product = "suite"
//
// What belongs to one of many has the id as the value's name, since that is the one list that a
// policy editor can fill in.

#include <string>
#include <vector>

#include "agent/daemon/settings.h"
#include "base/result.h"
#include "platform/settings/policy_store.h"

namespace latchkey::daemon {

/// One value that was found good.
struct ManagedSetting {
    const SettingRule* rule;
    std::vector<std::string> path;  ///< as in agent.toml: {"publisher", "example.org", "url"}
    SettingValue value;
    std::string source;  ///< "policy HKLM\SOFTWARE\Policies\Latchkey\agent : role"
};

struct Managed {
    std::vector<ManagedSetting> settings;
    /// Where names stand that this version does not know: those of a newer one's template, or
    /// mistakes. They are told and passed over, so that one policy fits agents of every version.
    std::vector<std::string> unknown;
};

/// All of them or, with Code::config_invalid, what is wrong with the first that cannot be taken:
/// where it is, what was found and what is allowed there. A product key is refused under any name.
Result<Managed> managed_settings(const std::vector<platform::PolicyValue>& values);

/// One sentence about Managed::unknown for log and status: the first few places, and how many more.
std::string words_of_unknown(const std::vector<std::string>& places);

/// A refusal of what stands at `source`, with a remedy that fits a policy.
Failure refuse_policy(const std::string& source, const std::string& why);

}  // namespace latchkey::daemon
