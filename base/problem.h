#pragma once

// The one table of everything that can go wrong: code, title, remedy, retryable, exit code, HTTP
// status. CLI, local API, key server and log all take their words from here; nobody spells a code
// by hand. The codes are a contract: more may come, none changes its meaning.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey {

/// One entry a row of the table in problem.cpp, in the same order. The enumerator's name is the
/// code's spelling.
enum class Code : std::uint8_t {
    // counting and keys
    activation_limit_reached,
    would_count,
    confirmation_required,
    needs_admin,
    key_malformed,
    token_not_key,
    key_not_token,
    key_unknown,
    key_blocked,
    key_wrong_product,
    token_malformed,
    token_unknown,
    token_blocked,
    token_redeemed,
    enrollment_ended,
    activate_by_passed,
    platform_excluded,
    os_not_qualified,
    location_unknown,
    territory,
    organization_mismatch,
    cap_reached,
    version_window,
    toolkit_not_eligible,
    activation_not_required,
    // policy of this machine
    lab_mode,
    lab_recommended,
    evidence_insufficient,
    ephemeral_machine,
    hardware_unreadable,
    tpm_unproven,
    rearm_exhausted,
    no_grace_period,
    not_activated,
    // trust
    signature_invalid,
    reply_not_fresh,
    challenge_expired,
    version_not_newer,
    clock_behind,
    clock_ahead,
    suspected_clone,
    license_revoked,
    license_expired,
    // state
    state_corrupt,
    state_newer,
    state_locked,
    storage_failed,
    database_unavailable,
    state_foreign,
    generalized,
    request_pending,
    // reaching each other
    agent_unreachable,
    keyserver_unreachable,
    keyserver_unavailable,
    tls_untrusted,
    tls_intercepted,
    captive_portal,
    not_permitted,
    rate_limited,
    agent_too_old,
    // configuration and input
    config_invalid,
    manifest_invalid,
    product_unknown,
    entitlement_unknown,
    record_unknown,
    already_exists,
    idempotency_conflict,
    path_unknown,
    method_not_allowed,
    request_invalid,
    request_too_large,
    input_unreadable,
    usage,
    internal,
};

/// Exit codes of every verb but `check` (docs/cli.md).
enum class ExitCode : int {
    ok = 0,
    unexpected = 1,
    refused_by_server = 10,
    refused_by_policy = 11,
    key_malformed = 12,
    verification_failed = 13,
    usage = 64,
    input_unreadable = 65,
    agent_unreachable = 69,
    keyserver_unreachable = 75,
    not_permitted = 77,
    config_error = 78,
};

struct ProblemInfo {
    Code code;
    std::string_view name;    ///< the stable spelling, e.g. "activation_limit_reached"
    std::string_view title;   ///< one sentence in the user's words
    std::string_view remedy;  ///< what to do about it
    bool retryable;  ///< true: the same request may succeed later without anybody doing anything
    ExitCode exit_code;
    int http_status;  ///< what the key server answers with (RFC 9110)
};

/// The row of a code. Total: every enumerator has one.
const ProblemInfo& info(Code code);

/// The code of a spelling; nullopt for one this version does not know.
std::optional<Code> code_from_name(std::string_view name);

/// Every row, for documentation and tests.
std::span<const ProblemInfo> all_problems();

/// One failure. `detail` says what and where, and never holds a secret, a raw serial or a digest.
struct Problem {
    Code code = Code::internal;
    std::string detail;
    /// Replaces the table's remedy where a better one is known; empty means the table's.
    std::string remedy;

    std::string_view name() const { return info(code).name; }
    std::string_view title() const { return info(code).title; }
    std::string_view remedy_text() const {
        return remedy.empty() ? info(code).remedy : std::string_view(remedy);
    }
    bool retryable() const { return info(code).retryable; }
    ExitCode exit_code() const { return info(code).exit_code; }

    friend bool operator==(const Problem&, const Problem&) = default;
};

}  // namespace latchkey
