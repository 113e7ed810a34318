#include "keyserver/keys/pepper.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "hwid/normalize.h"
#include "licensing/crypto.h"

namespace latchkey::keyserver {
namespace {

constexpr std::size_t kModelDigestBytes = 8;

/// A label keeps the two uses of one pepper apart; lengths are fixed or ended by zero bytes.
void append(Bytes& message, std::string_view text) {
    message.insert(message.end(), text.begin(), text.end());
    message.push_back(0);
}

}  // namespace

Pepper::Pepper(Bytes key) : key_(std::move(key)) {
    if (key_.size() != kPepperBytes) std::abort();
}

Pepper::~Pepper() { licensing::wipe(std::span<std::uint8_t>(key_)); }

PepperedKey Pepper::of(const licensing::ProductKey& key) const {
    Bytes message;
    append(message, "product key");
    std::string text = key.text();
    append(message, text);
    const PepperedKey digest = licensing::hmac_sha256(key_, message);
    licensing::wipe(text);
    licensing::wipe(std::span<std::uint8_t>(message));
    return digest;
}

hwid::Fingerprint Pepper::of(const hwid::Fingerprint& fingerprint) const {
    hwid::Fingerprint out = fingerprint;
    for (auto& evidence : out.evidence) {
        evidence.component = -1;
        if (!evidence.has_digest()) continue;
        Bytes message;
        append(message, "component");
        append(message, hwid::name(evidence.kind));
        append(message, fingerprint.salt_id);
        message.insert(message.end(), evidence.digest.begin(), evidence.digest.end());
        const auto keyed = licensing::hmac_sha256(key_, message);
        const std::size_t kept =
            hwid::is_unit_level(evidence.kind) ? evidence.digest.size() : kModelDigestBytes;
        evidence.digest.fill(0);
        std::copy_n(keyed.begin(), kept, evidence.digest.begin());
    }
    std::sort(out.evidence.begin(), out.evidence.end(), [](const auto& a, const auto& b) {
        return std::tie(a.kind, a.digest, a.quality) < std::tie(b.kind, b.digest, b.quality);
    });
    return out;
}

licensing::Sha256 Pepper::answer(std::string_view use,
                                 std::span<const std::uint8_t> message) const {
    Bytes whole;
    append(whole, "answer");
    append(whole, use);
    whole.insert(whole.end(), message.begin(), message.end());
    return licensing::hmac_sha256(key_, whole);
}

std::string Pepper::check_value() const {
    Bytes message;
    append(message, "check value");
    return base64url(licensing::hmac_sha256(key_, message));
}

std::vector<hwid::Digest> search_digests(const hwid::Fingerprint& fingerprint) {
    std::vector<hwid::Digest> digests;
    for (const auto& evidence : fingerprint.evidence)
        if (evidence.has_digest() && hwid::is_unit_level(evidence.kind) &&
            evidence.kind != hwid::Kind::memory_module)
            digests.push_back(evidence.digest);
    std::sort(digests.begin(), digests.end());
    digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
    return digests;
}

}  // namespace latchkey::keyserver
