#pragma once

// Cloud services that were redeemed here, as status shows them (docs/status.md).

#include <cstdint>
#include <vector>

#include "agent/core/policy.h"
#include "agent/localapi/contract.h"
#include "licensing/redemption.h"

namespace latchkey::localapi {

enum class CloudState : std::uint8_t {
    active,
    ending,   ///< within the policy's warn_ahead
    ended,    ///< the enrollment year is over (rule K3)
    renewed,  ///< ending or ended, and a later year's token of the service was redeemed
};
std::string_view name(CloudState state);

CloudState state_of(const licensing::CloudEntitlement& one,
                    const std::vector<licensing::CloudEntitlement>& all, ServerTime now,
                    const core::Policy& policy);

/// A warning where one is ending, or ended not long ago, and nobody renewed it.
Severity cloud_severity(const licensing::CloudEntitlement& one,
                        const std::vector<licensing::CloudEntitlement>& all, ServerTime now,
                        const core::Policy& policy);

json::bj::value cloud_json(const licensing::CloudEntitlement& one,
                           const std::vector<licensing::CloudEntitlement>& all, ServerTime now,
                           const core::Policy& policy);

}  // namespace latchkey::localapi
