#pragma once

// Making a golden image of this machine: what goes, what stays, what an admin should know first,
// and the proof afterwards. The store does the removing (agent/store/custody.h).

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/config.h"
#include "agent/store/store.h"
#include "base/result.h"

namespace latchkey::daemon {

struct ImagePlan {
    std::vector<store::Belonging> removed;
    std::vector<store::Belonging> kept;
    std::vector<std::string> warnings;
    /// Not without --force: an answer is under way that would be lost (Code::request_pending).
    std::optional<Problem> refusal;
};

struct ImageProof {
    std::vector<store::Belonging> remains;  ///< empty: clean
    std::vector<store::Belonging> kept;
};

/// Where the deployment lies that every machine made from the image shares.
struct Deployment {
    const Config& config;
    const std::filesystem::path& config_file;
};

/// Changes nothing. Fails with Code::storage_failed where the directories cannot be read.
Result<ImagePlan> plan_image(store::OpenedStore& store, const Deployment& deployment);
Result<ImageProof> prove_image(store::OpenedStore& store, const Deployment& deployment);

}  // namespace latchkey::daemon
