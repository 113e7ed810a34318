#pragma once

// What agent and key server say to each other inside the envelopes (docs/keyserver-api.yaml says it
// in OpenAPI), with limits on everything. Parsers are strict about what they know. Replies and what
// is in a fingerprint may hold more than this version knows, which is passed over; a request may
// not: whoever asks for something that the key server would pass over must hear of it. All fail
// with Code::request_invalid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"
#include "hwid/fingerprint.h"
#include "licensing/envelope.h"
#include "licensing/license.h"
#include "licensing/receipt.h"
#include "licensing/tpm_messages.h"

namespace latchkey::licensing {

// --- messages
// -------------------------------------------------------------------------------------------------------

/// Digest and quality of each component; nothing else of the machine.
json::bj::value to_json(const hwid::Fingerprint& fingerprint);
Result<hwid::Fingerprint> fingerprint_from_json(const json::bj::value& value);

/// The inner message of POST /v1/activations and /v1/activations/preview.
struct ActivationRequest {
    std::string product;
    std::string product_key;  ///< canonical text; secret
    hwid::Fingerprint fingerprint;
    int max_count =
        1;  ///< 0: only if it does not count (Code::would_count otherwise); ignored by preview
    std::string platform;  ///< "linux", "windows", "mac"
    std::string os_edition;
    std::string product_version;
    std::string agent_version;
    std::string organization;
    std::string location;
    std::string country;  ///< ISO 3166-1 alpha-2, upper case; may be empty
    std::optional<AgentVerdict> agent_verdict;
    std::optional<TpmProof> tpm = {};
    std::string tpm_unproven = {};  ///< why a proof that was wanted is missing (tpm_messages.h)
};
json::bj::value to_json(const ActivationRequest& request);
Result<ActivationRequest> activation_request_from_json(const json::bj::value& value);

/// Answer to POST /v1/activations (201, or 200 when it was decided before).
struct ActivationReply {
    std::string license;  ///< JWS
    std::string receipt;  ///< JWS
};
json::bj::value to_json(const ActivationReply& reply);
Result<ActivationReply> activation_reply_from_json(const json::bj::value& value);

/// Answer to POST /v1/activations/preview: what activating now would cost, and why. Nothing is
/// spent.
struct PreviewReply {
    bool new_machine = true;  ///< the key has no record of this machine
    hwid::Verdict verdict = hwid::Verdict::insufficient;
    bool significant = false;
    bool changed_any = false;
    int count = 1;
    std::string program;
    CountingRule rule = CountingRule::significant_change;
    std::vector<std::string> reasons;
    std::vector<ComponentFinding>
        components;  ///< only where the verdict is `same`, only of what was sent
    Activations activations;
    std::int64_t license_quantity = 0;
    std::optional<ServerTime> activate_by;
    std::string refusal;  ///< code name of what would refuse it; empty: it would be given
    std::string refusal_detail;
};
json::bj::value to_json(const PreviewReply& reply);
Result<PreviewReply> preview_reply_from_json(const json::bj::value& value);

/// The inner message of POST /v1/licenses/{id}/renew.
struct RenewRequest {
    std::string product;
    std::int64_t lease_sequence = 0;  ///< the newest the agent holds
    hwid::Fingerprint fingerprint;
    std::string platform;
    std::string agent_version;
};
json::bj::value to_json(const RenewRequest& request);
Result<RenewRequest> renew_request_from_json(const json::bj::value& value);

struct RenewReply {
    std::string license;  ///< JWS of the next lease
};
json::bj::value to_json(const RenewReply& reply);
Result<RenewReply> renew_reply_from_json(const json::bj::value& value);

/// The inner message of DELETE /v1/licenses/{id}.
struct ReleaseRequest {
    std::string product;
};
json::bj::value to_json(const ReleaseRequest& request);
Result<ReleaseRequest> release_request_from_json(const json::bj::value& value);

struct ReleaseReply {
    std::string receipt;    ///< JWS
    bool returned = false;  ///< the activation goes back to the key: at `returns_at`
    Activations activations;
    std::optional<ServerTime> returns_at;  ///< only where `returned`; older key servers name none
};
json::bj::value to_json(const ReleaseReply& reply);
Result<ReleaseReply> release_reply_from_json(const json::bj::value& value);

/// How much of a grace one installation has used. Elapsed time, so that no clocks are compared.
struct GraceUse {
    bool extended = false;  ///< after a rearm; otherwise the initial grace
    bool frozen = false;    ///< after a rearm, until the product is first used; `used` is 0 then
    Duration used{0};       ///< whole seconds, at most kLongestGraceUse

    friend bool operator==(const GraceUse&, const GraceUse&) = default;
};
inline constexpr Days kLongestGraceUse{3660};
json::bj::value to_json(const GraceUse& grace);
Result<GraceUse> grace_use_from_json(const json::bj::value& value);

/// The inner message of POST /v1/rearms: what this installation knows of its grace. No product key:
/// the ledger belongs to the hardware. Spends nothing that the agent did not spend already.
struct LedgerRequest {
    std::string product;
    hwid::Fingerprint fingerprint;
    std::string platform;
    std::string agent_version;
    bool lab = false;  ///< the machine's role
    int rearms_used = 0;
    GraceUse grace;
};
json::bj::value to_json(const LedgerRequest& request);
Result<LedgerRequest> ledger_request_from_json(const json::bj::value& value);

/// The ledger of that hardware after the request: the stricter of both. The agent takes it over.
struct LedgerReply {
    ServerTime first_grace_at;
    int graces_this_year = 1;  ///< initial graces started on this hardware in 365 days
    int graces_allowed = 1;    ///< of them; more than one for lab machines only
    int rearms_used = 0;       ///< a lab machine's start anew every 365 days
    GraceUse grace;            ///< of the grace that runs, or ran, on this hardware
    bool fresh = false;        ///< this installation's initial grace was booked as a new one
};
json::bj::value to_json(const LedgerReply& reply);
Result<LedgerReply> ledger_reply_from_json(const json::bj::value& value);

}  // namespace latchkey::licensing
