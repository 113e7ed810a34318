#include "tests/fakes/soft_tpm.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <algorithm>

namespace latchkey::fakes {
namespace {

using licensing::KeyContext;
using licensing::must;

constexpr std::size_t kHash = 32;

Bytes joined(std::initializer_list<std::span<const std::uint8_t>> parts) {
    Bytes all;
    for (const auto part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes sized(const Bytes& bytes) {
    const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(bytes.size() >> 8),
                                           static_cast<std::uint8_t>(bytes.size())};
    return joined({size, bytes});
}

Bytes bytes_of(std::string_view hexadecimal) { return *from_hex(hexadecimal); }

Bytes number_of(const EVP_PKEY* key, const char* name, int size) {
    BIGNUM* number = nullptr;
    must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    Bytes bytes(static_cast<std::size_t>(size));
    must(BN_bn2binpad(number, bytes.data(), size) == size);
    BN_free(number);
    return bytes;
}

Bytes kdfa(const Bytes& key, std::string_view label, const Bytes& context, std::uint16_t bits) {
    const std::array<std::uint8_t, 4> counter{0, 0, 0, 1};
    const std::array<std::uint8_t, 1> zero{};
    const std::array<std::uint8_t, 4> length{0, 0, static_cast<std::uint8_t>(bits >> 8),
                                             static_cast<std::uint8_t>(bits)};
    const auto block =
        licensing::hmac_sha256(key, joined({counter, as_bytes(label), zero, context, length}));
    return {block.begin(), block.begin() + bits / 8};
}

std::optional<Bytes> decrypt_seed(EVP_PKEY* key, const Bytes& encrypted) {
    constexpr std::string_view kLabel{"IDENTITY", 9};
    const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    must(context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1);
    must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1);
    must(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1);
    must(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1);
    must(EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(),
                                          OPENSSL_memdup(kLabel.data(), kLabel.size()),
                                          static_cast<int>(kLabel.size())) == 1);
    Bytes seed(256);
    std::size_t size = seed.size();
    if (EVP_PKEY_decrypt(context.get(), seed.data(), &size, encrypted.data(), encrypted.size()) !=
        1)
        return std::nullopt;
    seed.resize(size);
    return seed;
}

Bytes decrypt_cfb(const Bytes& key, const Bytes& text) {
    const std::array<std::uint8_t, 16> zero{};
    const licensing::CipherContext context(EVP_CIPHER_CTX_new());
    Bytes out(text.size());
    int length = 0;
    must(EVP_DecryptInit_ex(context.get(), EVP_aes_128_cfb128(), nullptr, key.data(),
                            zero.data()) == 1);
    must(EVP_DecryptUpdate(context.get(), out.data(), &length, text.data(),
                           static_cast<int>(text.size())) == 1);
    return out;
}

}  // namespace

SoftTpm::SoftTpm()
    : endorsement_(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})),
      attestation_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")) {
    must(endorsement_ != nullptr && attestation_ != nullptr);
}

Bytes SoftTpm::ek_public() const {
    return sized(
        joined({bytes_of("0001"
                         "000b"
                         "000300b2"
                         "0020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
                         "0006008000430010080000000000"),
                sized(number_of(endorsement_.get(), OSSL_PKEY_PARAM_RSA_N, 256))}));
}

Bytes SoftTpm::ak_public() const {
    return sized(joined({bytes_of("0023"
                                  "000b"
                                  "00050472"
                                  "0000"
                                  "00100018000b00030010"),
                         sized(number_of(attestation_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)),
                         sized(number_of(attestation_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32))}));
}

std::optional<Bytes> SoftTpm::open(const licensing::TpmChallengeReply& challenge,
                                   const Bytes& ak_name) {
    const auto seed = decrypt_seed(endorsement_.get(), challenge.encrypted_secret);
    const auto& blob = challenge.credential_blob;
    if (!seed || blob.size() < 2 + kHash) return std::nullopt;
    const Bytes mac(blob.begin() + 2, blob.begin() + 2 + kHash);
    const Bytes encrypted(blob.begin() + 2 + kHash, blob.end());
    const auto expected =
        licensing::hmac_sha256(kdfa(*seed, "INTEGRITY", {}, 256), joined({encrypted, ak_name}));
    if (!std::equal(mac.begin(), mac.end(), expected.begin())) return std::nullopt;
    const auto identity = decrypt_cfb(kdfa(*seed, "STORAGE", ak_name, 128), encrypted);
    return Bytes(identity.begin() + 2, identity.end());
}

Bytes SoftTpm::quote(std::span<const std::uint8_t> extra) const {
    const Bytes signer = licensing::tpm_endorsed_name(licensing::tpm_name(ak_public()));
    const auto no_pcrs = licensing::sha256("");
    return joined({bytes_of("ff5443478018"), sized(signer), sized({extra.begin(), extra.end()}),
                   bytes_of("0000000000000001000000020000000301"), bytes_of("2020102100120000"),
                   bytes_of("00000000"), sized({no_pcrs.begin(), no_pcrs.end()})});
}

Bytes SoftTpm::sign(std::span<const std::uint8_t> statement) const {
    const licensing::DigestContext context(EVP_MD_CTX_new());
    must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, attestation_.get()) ==
         1);
    Bytes der(128);
    std::size_t size = der.size();
    must(EVP_DigestSign(context.get(), der.data(), &size, statement.data(), statement.size()) == 1);
    const auto* at = der.data();
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    must(pair != nullptr);
    Bytes out(64);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), 32) == 32);
    must(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + 32, 32) == 32);
    ECDSA_SIG_free(pair);
    return out;
}

licensing::TpmProof SoftTpm::answer(const licensing::TpmChallengeReply& challenge,
                                    const licensing::PublicKey& device) {
    licensing::TpmProof proof;
    proof.issued_at = challenge.issued_at;
    proof.ek_public = ek_public();
    proof.ak_public = ak_public();
    proof.secret = open(challenge, licensing::tpm_name(proof.ak_public)).value_or(Bytes(32));
    proof.quote = quote(licensing::tpm_qualifying_data(challenge.nonce, device));
    proof.signature = sign(proof.quote);
    return proof;
}

}  // namespace latchkey::fakes
