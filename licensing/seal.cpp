#include "licensing/seal.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/strict_json.h"
#include "licensing/concat_kdf.h"
#include "licensing/openssl_handles.h"

namespace latchkey::licensing {
namespace {

constexpr std::string_view kEncryption = "A256GCM";
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxSealedBytes = 64 * 1024;
constexpr std::size_t kMaxHeaderBytes = 512;

Failure refuse(std::string why) { return fail(Code::signature_invalid, std::move(why)); }

/// X25519; nullopt where the other side's point is of small order and the secret would be zero.
std::optional<std::array<std::uint8_t, 32>> shared_secret(std::span<const std::uint8_t> own,
                                                          const PublicKey& other) {
    const KeyHandle mine(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, own.data(), own.size()));
    const KeyHandle theirs(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
    must(mine != nullptr && theirs != nullptr);
    const KeyContext context(EVP_PKEY_CTX_new(mine.get(), nullptr));
    must(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
    std::array<std::uint8_t, 32> secret{};
    std::size_t length = secret.size();
    if (EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
        EVP_PKEY_derive(context.get(), secret.data(), &length) != 1 || length != secret.size())
        return std::nullopt;
    static constexpr std::array<std::uint8_t, 32> kZero{};
    if (equal_secret(secret, kZero)) return std::nullopt;
    return secret;
}

/// The content key, by way of the shared secret, which is wiped.
std::optional<Bytes> content_key(std::span<const std::uint8_t> own, const PublicKey& other) {
    auto secret = shared_secret(own, other);
    if (!secret) return std::nullopt;
    auto key = concat_kdf(*secret, kEncryption, {}, {}, 32);
    wipe(*secret);
    return key;
}

struct Encrypted {
    Bytes text;
    std::array<std::uint8_t, kTagBytes> tag{};
};

Encrypted encrypt(std::span<const std::uint8_t> key, std::span<const std::uint8_t> iv,
                  std::string_view aad, std::string_view plaintext) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    must(context != nullptr);
    must(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1);
    int length = 0;
    must(EVP_EncryptUpdate(context.get(), nullptr, &length, as_bytes(aad).data(),
                           static_cast<int>(aad.size())) == 1);
    Encrypted out;
    out.text.resize(plaintext.size() + kTagBytes);  // room, so that data() is never null
    must(EVP_EncryptUpdate(context.get(), out.text.data(), &length, as_bytes(plaintext).data(),
                           static_cast<int>(plaintext.size())) == 1);
    out.text.resize(static_cast<std::size_t>(length));
    int rest = 0;
    std::array<std::uint8_t, kTagBytes> none{};
    must(EVP_EncryptFinal_ex(context.get(), none.data(), &rest) == 1 && rest == 0);
    must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out.tag.data()) == 1);
    return out;
}

std::optional<std::string> decrypt(std::span<const std::uint8_t> key,
                                   std::span<const std::uint8_t> iv, std::string_view aad,
                                   std::span<const std::uint8_t> text, Bytes tag) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    must(context != nullptr);
    must(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1);
    int length = 0;
    must(EVP_DecryptUpdate(context.get(), nullptr, &length, as_bytes(aad).data(),
                           static_cast<int>(aad.size())) == 1);
    std::string out(text.size() + kTagBytes, '\0');
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    must(EVP_DecryptUpdate(context.get(), to, &length, text.data(),
                           static_cast<int>(text.size())) == 1);
    must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
    int rest = 0;
    if (EVP_DecryptFinal_ex(context.get(), to + length, &rest) != 1) {
        wipe(out);
        return std::nullopt;
    }
    out.resize(static_cast<std::size_t>(length + rest));
    return out;
}

struct Header {
    std::string kid;
    PublicKey ephemeral{};
};

Result<Header> read_header(std::string_view encoded) {
    const auto bytes = from_base64url(encoded);
    if (!bytes) return refuse("the header is not base64url");
    const auto value =
        json::parse_strict({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                           {.max_bytes = kMaxHeaderBytes, .max_depth = 3});
    if (!value) return refuse("the header is " + value.error().detail);
    using enum json::ObjectReader::Unknown;
    json::ObjectReader in(*value, "header");
    Header header;
    if (in.string("alg", 32) != "ECDH-ES") in.refuse("alg", "must be ECDH-ES");
    if (in.string("enc", 32) != kEncryption) in.refuse("enc", "must be A256GCM");
    header.kid = in.string("kid", 64);
    const auto* epk = in.object("epk");
    if (auto bad = in.finish(refused)) return refuse(bad->detail);
    json::ObjectReader key(*epk, "epk");
    if (key.string("kty", 8) != "OKP") key.refuse("kty", "must be OKP");
    if (key.string("crv", 16) != "X25519") key.refuse("crv", "must be X25519");
    const auto point = public_key_from_text(key.string("x", 64));
    if (!point) key.refuse("x", "must be 32 bytes in base64url");
    if (auto bad = key.finish(refused)) return refuse(bad->detail);
    header.ephemeral = *point;
    return header;
}

std::optional<std::array<std::string_view, 5>> split(std::string_view jwe) {
    if (jwe.size() > kMaxSealedBytes) return std::nullopt;
    std::array<std::string_view, 5> parts;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto dot = jwe.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        parts[i] = jwe.substr(0, dot);
        jwe.remove_prefix(dot + 1);
    }
    if (jwe.find('.') != std::string_view::npos) return std::nullopt;
    parts[4] = jwe;
    if (parts[0].size() > kMaxHeaderBytes || !parts[1].empty()) return std::nullopt;
    return parts;
}

}  // namespace

Bytes concat_kdf(std::span<const std::uint8_t> shared_secret, std::string_view algorithm,
                 std::string_view apu, std::string_view apv, std::size_t key_bytes) {
    must(key_bytes <= 32);
    Bytes input{0, 0, 0, 1};  // the counter of the one round
    const auto add_length = [&](std::size_t length) {
        for (int shift = 24; shift >= 0; shift -= 8)
            input.push_back(static_cast<std::uint8_t>(length >> shift));
    };
    input.reserve(256);
    input.insert(input.end(), shared_secret.begin(), shared_secret.end());
    for (const auto text : {algorithm, apu, apv}) {
        add_length(text.size());
        input.insert(input.end(), text.begin(), text.end());
    }
    add_length(key_bytes * 8);
    auto hash = sha256(input);
    wipe(input);
    Bytes key(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>(key_bytes));
    wipe(hash);
    return key;
}

SealKey SealKey::generate() {
    auto bytes = random_bytes(32);
    auto key = from_bytes(bytes);
    wipe(bytes);
    return std::move(*key);
}

std::optional<SealKey> SealKey::from_bytes(std::span<const std::uint8_t> bytes) {
    SealKey key;
    if (bytes.size() != key.private_.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), key.private_.begin());
    const KeyHandle handle(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr,
                                                        key.private_.data(), key.private_.size()));
    must(handle != nullptr);
    std::size_t length = key.public_key_.size();
    must(EVP_PKEY_get_raw_public_key(handle.get(), key.public_key_.data(), &length) == 1);
    return key;
}

SealKey::SealKey(SealKey&& other) noexcept
    : private_(other.private_), public_key_(other.public_key_) {
    wipe(other.private_);
}

SealKey& SealKey::operator=(SealKey&& other) noexcept {
    if (this == &other) return *this;
    private_ = other.private_;
    public_key_ = other.public_key_;
    wipe(other.private_);
    return *this;
}

SealKey::~SealKey() { wipe(private_); }

Bytes SealKey::bytes() const { return {private_.begin(), private_.end()}; }

std::string seal_key_id(const PublicKey& key) {
    return base64url(sha256(R"({"crv":"X25519","kty":"OKP","x":")" + to_text(key) + "\"}"));
}

bool usable_seal_key(const PublicKey& recipient) {
    auto own = SealKey::generate().bytes();
    auto secret = shared_secret(own, recipient);
    wipe(own);
    if (!secret) return false;
    wipe(*secret);
    return true;
}

std::string seal(const PublicKey& recipient, std::string_view kid, std::string_view plaintext) {
    const auto ephemeral = SealKey::generate();
    const json::bj::object header{
        {"alg", "ECDH-ES"},
        {"enc", "A256GCM"},
        {"kid", json::bj::string_view(kid.data(), kid.size())},
        {"epk", {{"kty", "OKP"}, {"crv", "X25519"}, {"x", to_text(ephemeral.public_key())}}}};
    const auto encoded_header = base64url(as_bytes(json::to_text(header)));
    auto own = ephemeral.bytes();
    auto key = content_key(own, recipient);
    wipe(own);
    must(key.has_value());
    const auto iv = random_bytes(kIvBytes);
    const auto encrypted = encrypt(*key, iv, encoded_header, plaintext);
    wipe(*key);
    return encoded_header + ".." + base64url(iv) + "." + base64url(encrypted.text) + "." +
           base64url(encrypted.tag);
}

Result<std::string> unseal(std::string_view jwe, const SealKey& key) {
    const auto parts = split(jwe);
    if (!parts) return refuse("it is not a sealed message in compact form");
    const auto header = read_header((*parts)[0]);
    if (!header) return fail(header.error());
    const auto iv = from_base64url((*parts)[2]);
    const auto text = from_base64url((*parts)[3]);
    auto tag = from_base64url((*parts)[4]);
    if (!iv || iv->size() != kIvBytes || !text || !tag || tag->size() != kTagBytes)
        return refuse("it is not a sealed message in compact form");
    auto own = key.bytes();
    auto content = content_key(own, header->ephemeral);
    wipe(own);
    if (!content) return refuse("its ephemeral key is of small order");
    auto plaintext = decrypt(*content, *iv, (*parts)[0], *text, std::move(*tag));
    wipe(*content);
    if (!plaintext) return refuse("it was altered or sealed to another key");
    return std::move(*plaintext);
}

std::string claimed_seal_key_id(std::string_view jwe) {
    const auto parts = split(jwe);
    if (!parts) return {};
    const auto header = read_header((*parts)[0]);
    return header ? header->kid : std::string{};
}

}  // namespace latchkey::licensing
