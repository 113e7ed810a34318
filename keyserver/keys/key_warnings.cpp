#include "keyserver/keys/key_warnings.h"

#include <algorithm>

#include "keyserver/policy.h"

namespace latchkey::keyserver {

std::vector<std::string> warnings_about_ends(const licensing::KeySet& set, ServerTime now) {
    std::vector<std::string> out;
    const auto& signing = set.signing_keys.back();
    const ServerTime end = std::min(signing.not_after, set.expires_at);
    if (now < signing.not_before)
        out.emplace_back(
            "the clock is behind the signing key; agents will refuse what is signed now");
    if (now + kSigningKeyMargin > end)
        out.push_back("the signing key or the key set ends at " + format_rfc3339(end) +
                      "; agents will refuse what is signed later: run 'latchkey-keyserver admin "
                      "--data DIR signing-key rotate' before (where the root is kept elsewhere, "
                      "with --root-key FILE)");
    return out;
}

std::vector<std::string> warnings_about_keys(const KeyRoom& room, ServerTime now) {
    auto out = warnings_about_ends(room.key_set(), now);
    const auto root = room.load_root();
    if (!root)
        out.push_back("root.key lies in the data directory and cannot be used: " +
                      root.error().detail);
    else if (*root)
        out.emplace_back(
            "root.key lies in the data directory: move it to a safe place offline; what needs it "
            "takes --root-key FILE");
    return out;
}

}  // namespace latchkey::keyserver
