#pragma once

// The second copy: one small file in another directory that keeps what grace depends on, so that a
// lost or rolled-back state gains nothing. It has a key of its own beside it. It protects from
// accidents (a deleted state directory, a restored backup, a damaged disk block); an administrator
// who deletes both gets one fresh grace, a reimage and `generalize` lose it on purpose.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "agent/store/contents.h"

namespace latchkey::store {

struct AnchorProduct {
    bool grace_granted = false;
    bool deactivated = false;
    int rearms_used = 0;
    std::int64_t lease_sequence = 0;           ///< the highest ever held
    std::optional<ServerTime> first_grace_at;  ///< start of the first grace ever granted here
    std::optional<core::Grace> grace;          ///< the last initial or extended one
    /// When a license stopped it, in proven time: what was left then is left still.
    std::optional<ServerTime> stopped_at = {};
    std::optional<core::TpmLedger> tpm = {};

    friend bool operator==(const AnchorProduct&, const AnchorProduct&) = default;
};

struct Anchor {
    std::int64_t revision = 0;  ///< of the contents it was taken from
    std::string machine_id;
    std::optional<Hardware> hardware;  ///< none: an older agent wrote it
    core::TimeLedger time;
    std::map<ProductId, AnchorProduct> products;
};

/// Its JSON text, `latchkey.anchor/1`.
std::string to_text(const Anchor& anchor);
Result<Anchor> anchor_from_text(std::string_view text);

/// What the second copy should say now; what only it remembers stays.
Anchor updated(Anchor anchor, const Contents& contents);
/// False where nothing that matters changed: proven time alone is copied once an hour.
bool worth_writing(const Anchor& written, const Anchor& wanted);

class AnchorFile {
public:
    /// Fails with Code::storage_failed or Code::not_permitted where the directory cannot be used.
    static Result<AnchorFile> open(const std::filesystem::path& directory);

    /// What was found at opening; nullopt where there was none or its MAC does not fit.
    const std::optional<Anchor>& found() const { return found_; }
    bool damaged() const { return damaged_; }
    Result<void> write(const Anchor& anchor) const;

private:
    AnchorFile(std::filesystem::path path, MacKey key)
        : path_(std::move(path)), key_(std::move(key)) {}

    std::filesystem::path path_;
    MacKey key_;
    std::optional<Anchor> found_;
    bool damaged_ = false;
};

}  // namespace latchkey::store
