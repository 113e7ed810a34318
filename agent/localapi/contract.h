#pragma once

// The local API: HTTP/1.1 with JSON over the local endpoint (docs/local-api.md). Paths, limits and
// the documents both ends share. Reading is for every local user (secrets masked), changing for
// administrators, judged by the peer's credentials.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/moment.h"
#include "agent/core/policy.h"
#include "agent/core/state.h"
#include "agent/localapi/problem_json.h"
#include "base/problem.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "licensing/redemption.h"

namespace latchkey::localapi {

inline constexpr std::string_view kSchemaVersion = "1.0";
inline constexpr std::size_t kMaxMessage = 64 * 1024;
inline constexpr std::size_t kMaxLargeMessage =
    512 * 1024;  ///< where a snapshot or offline file is the body
inline constexpr Duration kMessageDeadline = seconds{5};
inline constexpr std::size_t kMaxConnectionsPerUser = 8;
inline constexpr std::size_t kMaxConnections = 64;
inline constexpr std::size_t kKeptForAdministrators =
    8;  ///< of them, so that nobody locks them out
inline constexpr std::string_view kAdminGroup = "latchkey-admin";

enum class Severity { info, warning, critical };
std::string_view name(Severity severity);

struct HealthItem {
    std::string id;
    Severity severity = Severity::warning;
    std::string text;
    std::string remedy;
    std::string product{};  ///< whose it is; empty: the machine's
};

/// One product as status shows it: the state, and what only the manifest and configuration know.
struct ProductView {
    core::ProductState state;
    std::string name;
    core::Policy policy;
    /// What changed, in words, where the hardware drifted from the one that was activated.
    std::vector<std::string> drift{};
    int weights_version = 0;  ///< of the evidence table in force for it
};

/// What became of the TPM's proof at the last activation this agent prepared, or for a question.
struct TpmAttempt {
    std::string outcome;  ///< "made", or why not: "hierarchy_locked" (docs/tpm.md)
    std::string text;     ///< why not, in words
    ServerTime at{};
};

/// One value of the configuration that is not a default.
struct SettingView {
    std::string name;
    std::string value;
    std::string source;  ///< as `config show` says it
    std::string from;    ///< "file", "policy"
};

/// More are left out of the document; `config show` has them all.
constexpr std::size_t kMaxSettingsShown = 64;

struct StatusView {
    std::string version;
    core::Role role = core::Role::workstation;
    ServerTime started_at{};
    ServerTime now{};
    core::ClockHealth clock = core::ClockHealth::ok;
    std::vector<HealthItem> health;
    std::string config_file{};
    std::vector<SettingView> settings{};
    std::string machine_id;
    std::string support_code;
    std::string evidence;        ///< "strong", "fair", "weak"
    std::string anchor;          ///< "tpm2", "none"
    std::string tpm_use;         ///< "off", "evidence", "proof"
    std::string tpm_evidence{};  ///< "read", "absent", "unreadable", "off"; empty: not looked yet
    std::string tpm_reason{};    ///< why it is unreadable
    std::optional<TpmAttempt> tpm_attempt{};
    std::optional<TpmAttempt> tpm_counter{};  ///< "kept", or why there is none
    bool is_virtual = false;
    bool ephemeral = false;
    std::vector<ProductView> products;
    std::vector<licensing::CloudEntitlement> cloud{};
    core::Policy cloud_policy{};  ///< how long ahead their end is warned about
};

/// The document of `status --json` and GET /v1/status, every member present, null where it does not
/// apply.
json::bj::value to_json(const StatusView& view);

/// Parts of it that other answers show too; null where they do not apply.
json::bj::value tpm_attempt_json(const std::optional<TpmAttempt>& attempt);
json::bj::value activations_summary(const licensing::Activations& activations);
json::bj::value decision_summary(const core::Decision& decision);
json::bj::value license_summary(const core::ProductState& state);
json::bj::value grace_summary(const ProductView& product, ServerTime now);

/// Why the product is not simply licensed, or what waits for somebody; empty in everyday life.
json::bj::value conditions(const ProductView& product, ServerTime now);

/// "ok", "warning" or "critical": the worst of health and products.
Severity overall(const StatusView& view);
Severity severity_of(const ProductView& product, ServerTime now);

}  // namespace latchkey::localapi
