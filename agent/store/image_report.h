#pragma once

// generalized.json beside the state: what `latchkey generalize` removed from this machine, what
// remains, and a digest over it. While its boot goes on it also keeps the agent from starting
// anything on the image; while it is not `done`, the removal is taken up at every start.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strict_json.h"
#include "base/time.h"

namespace latchkey::store {

/// One kind of thing that belongs to this machine, or remains for all that are made from it.
struct Belonging {
    std::string what;    ///< "licenses", "quarantined_state"
    std::int64_t count;  ///< how many
    std::string detail;  ///< names: products, files; never a secret

    friend bool operator==(const Belonging&, const Belonging&) = default;
};

struct ImageReport {
    bool done = false;
    ServerTime at{};
    std::string agent_version;
    std::string boot_id;  ///< of the boot in which it was made
    std::vector<Belonging> removed;
    std::vector<Belonging> kept;
    std::vector<std::string> warnings;
};

json::bj::value to_json(const ImageReport& report);
json::bj::array to_json(const std::vector<Belonging>& belongings);

/// {"report": {...}, "sha256": "<hex over the report's compact text>"}
std::string to_file(const ImageReport& report);
/// Fails with Code::state_corrupt where the digest does not fit.
Result<ImageReport> image_report_from_file(std::string_view text);

inline const std::string kImageReportName = "generalized.json";

/// nullopt where there is none. Fails with Code::state_corrupt for one that was changed.
Result<std::optional<ImageReport>> read_image_report(const std::filesystem::path& state_dir);
Result<void> write_image_report(const std::filesystem::path& state_dir, const ImageReport& report);

}  // namespace latchkey::store
