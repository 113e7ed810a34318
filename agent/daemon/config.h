#pragma once

// The agent's configuration: agent.toml and the drop-ins of agent.d beside it
// (docs/configuration.md), and above them the policy of whoever manages the machine
// (docs/windows.md). A value; reading it is all or nothing, so that the daemon can keep its last
// good one. What can be set is settings.h.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/core/policy.h"
#include "base/result.h"
#include "platform/paths.h"
#include "platform/settings/policy_store.h"

namespace latchkey::daemon {

enum class LogLevel : std::uint8_t { error, warn, info, debug, trace };
std::string_view name(LogLevel level);

/// What the TPM is used for (docs/tpm.md).
enum class TpmUse : std::uint8_t { off, evidence, proof };
std::string_view name(TpmUse use);

/// How to reach a key server; an empty member says nothing and leaves the word to the next in line
/// (publisher, then [keyserver], then the manifest).
struct KeyServerConfig {
    std::string url;
    std::string ca_file;
    std::string proxy;
};

struct Organization {
    std::string id;
    std::string location;
    std::string country;  ///< ISO 3166-1 alpha-2, upper case
};

/// One [[activate]]: activate without being asked.
struct UnattendedActivation {
    std::string product;
    std::filesystem::path key_file;  ///< absolute; a bare name in agent.toml is one in the inbox
    bool consume = false;            ///< remove the key file once the key is in the state
    bool hold = true;  ///< when_counted = "hold": ask before a known machine spends another

    friend bool operator==(const UnattendedActivation&, const UnattendedActivation&) = default;
};

enum class SetBy : std::uint8_t { initial, file, policy };
/// "default", "file", "policy"
std::string_view name(SetBy by);

/// Where one effective value came from, for `config show`. Never a secret: keys are in files.
struct Setting {
    std::string name;
    std::string value;
    /// "/etc/latchkey/agent.toml:3", "default", or
    /// "policy HKLM\SOFTWARE\Policies\Latchkey\agent : role"
    std::string source;
    SetBy by = SetBy::initial;

    friend bool operator==(const Setting&, const Setting&) = default;
};

struct Config {
    core::Role role = core::Role::workstation;
    bool allow_ephemeral = false;
    LogLevel log_level = LogLevel::info;
    TpmUse tpm = TpmUse::evidence;
    bool tpm_counter = false;
    KeyServerConfig keyserver;
    std::map<std::string, KeyServerConfig> publishers;
    Organization organization;
    std::vector<UnattendedActivation> activations;
    platform::Paths paths;
    std::vector<Setting> settings;  ///< every setting, sorted by name

    /// A machine whose TPM is left alone keeps no counter in it either.
    bool counts_in_tpm() const { return tpm_counter && tpm != TpmUse::off; }
    /// Places of a policy whose names this version does not know (managed.h).
    std::vector<std::string> unknown_policy;

    /// The server of a publisher: its own section, then [keyserver], then the manifest's URL.
    KeyServerConfig key_server_of(const std::string& publisher,
                                  const std::string& manifest_url) const;
};

/// Reads `file` and the *.toml of the directory `<stem>.d` beside it, in name order, then the
/// system's policy; a later value wins. The default file may be missing, another one may not. Fails
/// with Code::config_invalid naming file, line and key, or the policy's place.
Result<Config> load_config(const std::filesystem::path& file);

/// The same from what is already at hand, (origin, content) in order.
Result<Config> parse_config(const std::vector<std::pair<std::string, std::string>>& files,
                            const std::vector<platform::PolicyValue>& policy = {});

}  // namespace latchkey::daemon
