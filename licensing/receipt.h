#pragma once

// The signed decision receipt: what was counted, under which rule, from which evidence. Kept by
// both sides, shown to anyone who asks, verifiable with the public keys alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "hwid/match.h"
#include "licensing/jws.h"
#include "licensing/program.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

/// What happened that the receipt is about.
enum class ReceiptKind : std::uint8_t { activation, release, returned, adoption, redemption };
std::string_view name(ReceiptKind kind);
std::optional<ReceiptKind> receipt_kind_from_name(std::string_view name);

/// What tied the machine to its earlier record.
enum class Continuity : std::uint8_t { none, digests, device_key, tpm };
std::string_view name(Continuity continuity);
std::optional<Continuity> continuity_from_name(std::string_view name);

/// One component as the matcher saw it; no values, no digests.
struct ComponentFinding {
    hwid::Kind kind{};
    hwid::Outcome outcome{};
    std::string why;          ///< hwid::name(Why)
    std::int32_t weight = 0;  ///< tenths of a bit
    std::int64_t multiplicity = 0;
};

json::bj::value to_json(const ComponentFinding& finding);
Result<ComponentFinding> component_finding_from_json(const json::bj::value& value);

struct AgentVerdict {
    hwid::Verdict verdict{};
    bool significant = false;
    bool changed_any = false;
};
json::bj::value to_json(const AgentVerdict& verdict);
Result<AgentVerdict> agent_verdict_from_json(const json::bj::value& value);

inline constexpr std::size_t kMaxReasons = 32;
inline constexpr std::size_t kMaxReasonBytes = 512;
/// Both sides of a comparison may bring as many components as a fingerprint holds.
inline constexpr std::size_t kMaxFindings = 2 * hwid::kMaxComponents;

struct Receipt {
    std::string id;  ///< "rcp_..."
    ReceiptKind kind = ReceiptKind::activation;
    std::string publisher;
    std::string product;
    std::string license;  ///< redemption: the cloud entitlement, "cld_..."
    std::string machine;  ///< redemption: empty, no hardware was looked at
    PublicKey device_key{};
    std::string key_last5;  ///< redemption: of the token
    std::string organization;
    std::string program;
    CountingRule rule = CountingRule::significant_change;
    bool new_machine = false;
    hwid::Verdict verdict = hwid::Verdict::insufficient;
    bool significant = false;
    bool changed_any = false;
    std::int32_t score = 0;  ///< tenths of a bit
    Continuity continuity = Continuity::none;
    int counted = 0;
    std::vector<std::string> reasons;
    std::vector<ComponentFinding> components;
    std::int64_t used_before = 0;
    std::int64_t used_after = 0;
    std::int64_t limit = 0;
    int matcher_version = 0;
    int weights_version = 0;
    std::string claimed_location;
    std::string claimed_country;
    std::optional<AgentVerdict> agent_verdict;  ///< where the agent said otherwise
    /// Activations: how many of this machine counted in 90 days, this one included and the very
    /// first one not. Older key servers do not say.
    std::optional<int> recent_reimages;
    /// Returns: the receipt of the activation that was given back.
    std::string returns;
    ServerTime at;
};

/// The numbers must add up: an activation moves `used` by `counted`, nothing else counts anything,
/// and a redemption is about no activations at all.
std::string sign_receipt(const SigningKey& key, const Receipt& receipt);
Result<Verified<Receipt>> verify_receipt(std::string_view jws, const KeySet& keys);

json::bj::value to_json(const Receipt& receipt);
/// For showing a receipt that was verified elsewhere; fails with Code::request_invalid.
Result<Receipt> receipt_from_json(const json::bj::value& value);

}  // namespace latchkey::licensing
