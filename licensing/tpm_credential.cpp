#include "licensing/tpm_credential.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "hwid/devices.h"
#include "licensing/openssl_handles.h"

namespace latchkey::licensing {
namespace {

using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr std::array<std::uint8_t, 2> kSha256Algorithm{0x00, 0x0b};
constexpr std::array<std::uint8_t, 4> kEndorsementHierarchy{0x40, 0x00, 0x00, 0x0b};
/// OAEP's label, its final zero included (annex B.4).
constexpr std::string_view kIdentity{"IDENTITY", 9};

void append(Bytes& to, std::span<const std::uint8_t> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_size(Bytes& to, std::size_t size) {
    to.push_back(static_cast<std::uint8_t>(size >> 8));
    to.push_back(static_cast<std::uint8_t>(size));
}

/// Ended by a zero, so that no label is the beginning of another message.
void append_label(Bytes& to, std::string_view label) {
    append(to, as_bytes(label));
    to.push_back(0);
}

Bytes named(std::span<const std::uint8_t> hashed) {
    Bytes name(kSha256Algorithm.begin(), kSha256Algorithm.end());
    append(name, sha256(hashed));
    return name;
}

/// KDFa with SHA-256 (part 1, "Key Derivation Function"); one block is enough.
Bytes kdfa(std::span<const std::uint8_t> key, std::string_view label,
           std::span<const std::uint8_t> context, std::uint16_t bits) {
    Bytes message{0, 0, 0, 1};
    append_label(message, label);
    append(message, context);
    message.insert(message.end(), {0, 0});
    append_size(message, bits);
    const auto block = hmac_sha256(key, message);
    return {block.begin(), block.begin() + bits / 8};
}

KeyHandle rsa_key(const TpmEndorsementKey& key) {
    const BigNumber n(BN_bin2bn(key.modulus.data(), static_cast<int>(key.modulus.size()), nullptr));
    const ParameterBuilder build(OSSL_PARAM_BLD_new());
    must(n != nullptr);
    must(build != nullptr && OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) &&
         OSSL_PARAM_BLD_push_ulong(build.get(), OSSL_PKEY_PARAM_RSA_E, 65537));
    const Parameters params(OSSL_PARAM_BLD_to_param(build.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    must(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* made = nullptr;
    (void)EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get());
    return KeyHandle(made);
}

KeyHandle p256_key(const TpmAttestationKey& key) {
    Bytes point{4};
    append(point, key.x);
    append(point, key.y);
    std::array<char, 11> group{"prime256v1"};
    const std::array<OSSL_PARAM, 3> params{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    must(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* made = nullptr;
    // OpenSSL refuses a point that is not on the curve.
    (void)EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                            const_cast<OSSL_PARAM*>(params.data()));
    return KeyHandle(made);
}

std::optional<Bytes> encrypt_oaep(const KeyHandle& key, std::span<const std::uint8_t> seed) {
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    must(context != nullptr);
    void* const label = OPENSSL_memdup(kIdentity.data(), kIdentity.size());
    must(label != nullptr);
    if (EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) != 1 ||
        EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label,
                                         static_cast<int>(kIdentity.size())) != 1) {
        OPENSSL_free(label);
        return std::nullopt;
    }
    Bytes out(256);
    std::size_t size = out.size();
    if (EVP_PKEY_encrypt(context.get(), out.data(), &size, seed.data(), seed.size()) != 1)
        return std::nullopt;
    out.resize(size);
    return out;
}

Bytes encrypt_cfb(std::span<const std::uint8_t> key, std::span<const std::uint8_t> text) {
    constexpr std::array<std::uint8_t, 16> kZero{};
    const CipherContext context(EVP_CIPHER_CTX_new());
    Bytes out(text.size());
    int length = 0;
    must(context != nullptr && EVP_EncryptInit_ex(context.get(), EVP_aes_128_cfb128(), nullptr,
                                                  key.data(), kZero.data()) == 1);
    must(EVP_EncryptUpdate(context.get(), out.data(), &length, text.data(),
                           static_cast<int>(text.size())) == 1);
    must(static_cast<std::size_t>(length) == out.size());
    return out;
}

/// What OpenSSL verifies instead of r and s.
Bytes der_of(std::span<const std::uint8_t> signature) {
    const auto half = static_cast<int>(signature.size() / 2);
    const Signature pair(ECDSA_SIG_new());
    must(pair != nullptr);
    must(ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), half, nullptr),
                        BN_bin2bn(signature.data() + half, half, nullptr)) == 1);
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    must(size > 0);
    Bytes der(static_cast<std::size_t>(size));
    auto* at = der.data();
    must(i2d_ECDSA_SIG(pair.get(), &at) == size);
    return der;
}

}  // namespace

Bytes tpm_name(std::span<const std::uint8_t> public_bytes) {
    return named(public_bytes.subspan(std::min<std::size_t>(2, public_bytes.size())));
}

Bytes tpm_endorsed_name(std::span<const std::uint8_t> name) {
    Bytes hashed(kEndorsementHierarchy.begin(), kEndorsementHierarchy.end());
    append(hashed, name);
    return named(hashed);
}

std::optional<TpmCredential> make_tpm_credential(const TpmEndorsementKey& key,
                                                 std::span<const std::uint8_t> name,
                                                 std::span<const std::uint8_t> secret) {
    const auto rsa = rsa_key(key);
    if (!rsa) return std::nullopt;
    auto seed = random_bytes(sizeof(Sha256));
    TpmCredential credential;
    auto encrypted_seed = encrypt_oaep(rsa, seed);
    if (!encrypted_seed) return std::nullopt;
    credential.encrypted_secret = std::move(*encrypted_seed);

    Bytes identity;
    append_size(identity, secret.size());
    append(identity, secret);
    auto storage = kdfa(seed, "STORAGE", name, 128);
    Bytes encrypted = encrypt_cfb(storage, identity);
    auto integrity = kdfa(seed, "INTEGRITY", {}, 256);
    Bytes covered = encrypted;
    append(covered, name);
    append_size(credential.blob, sizeof(Sha256));
    append(credential.blob, hmac_sha256(integrity, covered));
    append(credential.blob, encrypted);
    for (auto* used : {&seed, &identity, &storage, &integrity})
        wipe(std::span<std::uint8_t>(*used));
    return credential;
}

bool verify_tpm_signature(const TpmAttestationKey& key, std::span<const std::uint8_t> statement,
                          std::span<const std::uint8_t> signature) {
    if (signature.size() != kTpmSignatureBytes) return false;
    const auto point = p256_key(key);
    if (!point) return false;
    const auto der = der_of(signature);
    const DigestContext context(EVP_MD_CTX_new());
    must(context != nullptr);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, point.get()) == 1 &&
           EVP_DigestVerify(context.get(), der.data(), der.size(), statement.data(),
                            statement.size()) == 1;
}

Sha256 tpm_qualifying_data(std::span<const std::uint8_t> nonce, const PublicKey& device) {
    Bytes message;
    append_label(message, "latchkey tpm quote 1");
    append_size(message, nonce.size());
    append(message, nonce);
    append(message, device);
    return sha256(message);
}

Sha256 tpm_label(std::string_view publisher) {
    Bytes message;
    append_label(message, "latchkey attestation key 1");
    append(message, as_bytes(publisher));
    return sha256(message);
}

hwid::DigestFunction endorsement_key_digest() {
    constexpr std::string_view kKey = "latchkey endorsement key";
    return keyed_digest({kKey.begin(), kKey.end()});
}

hwid::Digest endorsement_evidence(std::span<const std::uint8_t> ek_public, const Bytes& salt) {
    const hwid::RawTpm tpm{{hwid::Access::read, {ek_public.begin(), ek_public.end()}, {}}};
    const hwid::Snapshot snapshot{{}, {}, hwid::parse_tpm(tpm, endorsement_key_digest())};
    return hwid::fingerprint(snapshot, keyed_digest(salt), {}).evidence.front().digest;
}

}  // namespace latchkey::licensing
