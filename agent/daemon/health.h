#pragma once

// The agent's state as status shows it, and everything an admin should know besides the products.

#include <map>
#include <string>
#include <vector>

#include "agent/daemon/desk.h"
#include "agent/localapi/contract.h"

namespace latchkey::daemon {

/// What status needs from the agent beyond the desk. Pointers are borrowed; null: nothing to tell.
struct Situation {
    std::string machine_id;
    ServerTime started_at{};
    const store::OpenReport* opened = nullptr;
    const Problem* second_copy_trouble = nullptr;
    const std::vector<localapi::HealthItem>* manifest_troubles = nullptr;
    const localapi::HealthItem* custody = nullptr;  ///< whose the state is, where that is news
    const Problem* config_trouble = nullptr;
    const std::vector<Problem>* ca_troubles = nullptr;
    /// Of the configuration's [[activate]], by product.
    const std::map<std::string, Problem>* unattended_troubles = nullptr;
    std::vector<store::CloudRow> cloud = {};  ///< redeemed here, or under way
    std::optional<localapi::TpmAttempt> tpm = {};
    std::optional<localapi::TpmAttempt> counter = {};
};

localapi::StatusView status_view(Desk& desk, const Situation& situation);

/// Eight characters that can be read out by phone (Crockford base 32).
std::string support_code(const std::string& machine_id);

}  // namespace latchkey::daemon
