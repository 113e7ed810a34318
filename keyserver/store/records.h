#pragma once

// What the key server remembers, as plain values. No SQL, no JSON, no secrets in the clear: product
// keys and hardware digests appear only keyed under the pepper (pepper.h).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "hwid/fingerprint.h"
#include "keyserver/store/catalog.h"

namespace latchkey::keyserver {

enum class MachineState : std::uint8_t { active, released };
std::string_view name(MachineState state);
std::optional<MachineState> machine_state_from_name(std::string_view name);

/// One machine as one product key knows it. Both baselines hold peppered digests.
struct MachineRecord {
    std::string id;
    std::string key;
    MachineState state = MachineState::active;
    hwid::Fingerprint counting_baseline;  ///< as of the last counted activation
    hwid::Fingerprint matching_baseline;  ///< rolls forward with each proven `same`
    std::int64_t counted = 0;             ///< activations this record used
    std::string platform;
    std::string claimed_location;
    std::string claimed_country;
    ServerTime created_at;
    ServerTime last_seen_at;
    std::optional<ServerTime> resolved_at;  ///< zero-count activations before it are forgiven
    /// When its next activation goes back to the key. Read only: see MachineStore::owe_return.
    std::optional<ServerTime> return_due;
};

/// A device key that has held a machine record. A reimage adds one; none is ever removed.
struct Holder {
    std::string machine;
    std::string device_key;
    ServerTime first_seen_at;
    ServerTime last_seen_at;
};

struct LicenseRecord {
    std::string id;
    std::string machine;
    std::string key;
    std::string device_key;
    bool ended = false;
    std::int64_t lease_sequence = 1;  ///< the newest issued
    ServerTime issued_at;
    std::optional<ServerTime> expires_at;
    bool adopt_next = false;  ///< an administrator resolved a fork: whoever renews next goes on
};

/// One issued lease. `after` is the sequence the agent presented; together they are a tree, in
/// which a clone shows as two branches (lease_tree.h). 0: none, an activation gave it.
struct Lease {
    std::string license;
    std::int64_t sequence = 1;
    std::int64_t after = 0;
    ServerTime issued_at;
    std::string platform = {};  ///< of the request; empty: an older version issued it
    bool adopted = false;       ///< its branch was adopted with it
};

struct ReceiptRecord {
    std::string id;
    std::string kind;     ///< name(licensing::ReceiptKind)
    std::string machine;  ///< redemption: empty, as is the key
    std::string key;
    std::string license;  ///< redemption: the cloud entitlement
    std::string device_key;
    int counted = 0;
    bool returned = false;   ///< release: the activation goes back when the lease ends
    std::string continuity;  ///< name(licensing::Continuity)
    std::string verdict;
    ServerTime at;
    std::string jws;
    std::string token = {};  ///< redemption alone
};

/// What a device was answered to a spending request; (device_key, idempotency_key) is unique for
/// ever.
struct Remembered {
    std::string device_key;
    std::string idempotency_key;
    std::array<std::uint8_t, 32> request_hash{};  ///< method, path and inner message
    int status = 200;
    std::string body;  ///< empty: it was given too long ago
    ServerTime at;
};

struct PreviewRecord {
    std::string key;
    std::string device_key;
    std::string verdict;
    std::string refusal;  ///< code name; empty: it would be given
    int count = 0;
    ServerTime at;
};

}  // namespace latchkey::keyserver
