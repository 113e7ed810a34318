#include <algorithm>

#include "licensing/crypto.h"

namespace latchkey::licensing {

std::string to_text(const PublicKey& key) { return base64url(key); }

std::optional<PublicKey> public_key_from_text(std::string_view text) {
    PublicKey key{};
    if (text.size() != 43) return std::nullopt;
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != key.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

}  // namespace latchkey::licensing
