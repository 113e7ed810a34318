#include "licensing/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "licensing/openssl_handles.h"

namespace latchkey::licensing {

Sha256 sha256(std::span<const std::uint8_t> bytes) {
    Sha256 out{};
    unsigned int length = 0;
    must(EVP_Digest(bytes.data(), bytes.size(), out.data(), &length, EVP_sha256(), nullptr) == 1);
    must(length == out.size());
    return out;
}

Sha256 sha256(std::string_view text) { return sha256(as_bytes(text)); }

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes) {
    static constexpr std::uint8_t kNothing = 0;  // a null key would mean "the one before"
    Sha256 out{};
    unsigned int length = 0;
    must(HMAC(EVP_sha256(), key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()),
              bytes.data(), bytes.size(), out.data(), &length) != nullptr);
    must(length == out.size());
    return out;
}

bool equal_secret(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(std::span<std::uint8_t> secret) {
    if (!secret.empty()) OPENSSL_cleanse(secret.data(), secret.size());
}

void wipe(std::string& secret) {
    if (!secret.empty()) OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

Bytes random_bytes(std::size_t count) {
    Bytes bytes(count);
    if (count > 0) must(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1);
    return bytes;
}

std::string random_id(std::string_view prefix) {
    return std::string(prefix) + base64url(random_bytes(16));
}

SigningKey SigningKey::generate() {
    auto seed = random_bytes(32);
    auto key = from_seed(seed);
    wipe(seed);
    return std::move(*key);
}

std::optional<SigningKey> SigningKey::from_seed(std::span<const std::uint8_t> seed) {
    SigningKey key;
    if (seed.size() != 32) return std::nullopt;
    key.key_.reset(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    must(key.key_ != nullptr);
    std::size_t length = key.public_key_.size();
    must(EVP_PKEY_get_raw_public_key(key.key_.get(), key.public_key_.data(), &length) == 1);
    return key;
}

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Bytes SigningKey::seed() const {
    if (!key_) return {};
    Bytes seed(32);
    std::size_t length = seed.size();
    must(EVP_PKEY_get_raw_private_key(key_.get(), seed.data(), &length) == 1);
    return seed;
}

std::array<std::uint8_t, 64> SigningKey::sign(std::span<const std::uint8_t> bytes) const {
    const DigestContext context(EVP_MD_CTX_new());
    must(context != nullptr);
    must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
    std::array<std::uint8_t, 64> signature{};
    std::size_t length = signature.size();
    must(EVP_DigestSign(context.get(), signature.data(), &length, bytes.data(), bytes.size()) == 1);
    must(length == signature.size());
    return signature;
}

bool verify_ed25519(const PublicKey& key, std::span<const std::uint8_t> bytes,
                    std::span<const std::uint8_t> signature) {
    if (signature.size() != 64) return false;
    const KeyHandle handle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    must(handle != nullptr && context != nullptr);
    must(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1);
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                            bytes.size()) == 1;
}

std::string key_id(const PublicKey& key) {
    return base64url(sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + to_text(key) + "\"}"));
}

hwid::DigestFunction keyed_digest(Bytes salt) {
    return [salt = std::move(salt)](std::string_view kind, std::string_view value) {
        std::string message(kind);
        message += '\0';
        message += value;
        auto mac = hmac_sha256(salt, as_bytes(message));
        hwid::Digest digest{};
        std::copy_n(mac.begin(), digest.size(), digest.begin());
        wipe(mac);
        wipe(message);
        return digest;
    };
}

}  // namespace latchkey::licensing
