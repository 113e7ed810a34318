#pragma once

// The product manifests of products.d: verified, held against the pinned roots, one a product. A
// bad one is told and left out; the others go on.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/localapi/contract.h"
#include "licensing/manifest.h"
#include "licensing/trust.h"

namespace latchkey::daemon {

/// By product id.
using Manifests = std::map<std::string, licensing::Manifest>;

struct LoadedManifests {
    Manifests products;
    std::vector<localapi::HealthItem> troubles;
};

/// The root pinned for a publisher, if it is known already.
using RootLookup =
    std::function<std::optional<licensing::PinnedRoot>(const std::string& publisher)>;

/// Reads every *.jws of the directory, in name order. Of two manifests of one product the newer
/// version wins; a second publisher's product of the same id is refused. `before`: what was loaded
/// last; a manifest never goes back to an older version while the agent runs. Where anything could
/// not be read, nothing that was there is taken away: it may be just that.
LoadedManifests load_manifests(const std::filesystem::path& directory, const RootLookup& pinned,
                               const Manifests& before);

}  // namespace latchkey::daemon
