#include "keyserver/keys/key_files.h"

#include <boost/json/object.hpp>

#include "base/strict_json.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 4096;

struct Jwk {
    std::string kty;
    std::string crv;  ///< empty for a secret
    Bytes secret;
};

Failure damaged(const std::filesystem::path& file) {
    return fail(Code::state_corrupt, file.string() + " does not hold the key it should");
}

Result<Jwk> read_jwk(const std::filesystem::path& file) {
    auto text = platform::read_private_file(file, kMaxKeyFileBytes, platform::Privacy::secret);
    if (!text) return fail(std::move(text.error()));
    const auto value = json::parse_strict(*text);
    licensing::wipe(*text);
    if (!value) return damaged(file);
    json::ObjectReader in(*value, "key file");
    Jwk jwk;
    jwk.kty = in.string("kty", 8);
    jwk.crv = in.optional_string("crv", 16).value_or("");
    auto encoded = in.string(jwk.kty == "oct" ? "k" : "d", 128);
    auto secret = from_base64url(encoded);
    licensing::wipe(encoded);
    if (in.finish(json::ObjectReader::Unknown::ignored) || !secret) return damaged(file);
    jwk.secret = std::move(*secret);
    return jwk;
}

Result<void> write_jwk(const std::filesystem::path& file, const json::bj::object& jwk) {
    std::string text = json::to_text(jwk) + "\n";
    auto written = platform::write_private_file(file, text);
    licensing::wipe(text);
    return written;
}

json::bj::object private_jwk(std::string_view curve, Bytes secret,
                             const licensing::PublicKey& key) {
    json::bj::object jwk{
        {"kty", "OKP"}, {"crv", curve}, {"d", base64url(secret)}, {"x", licensing::to_text(key)}};
    licensing::wipe(std::span<std::uint8_t>(secret));
    return jwk;
}

}  // namespace

Result<licensing::SigningKey> read_signing_key(const std::filesystem::path& file) {
    auto jwk = read_jwk(file);
    if (!jwk) return fail(std::move(jwk.error()));
    auto key = licensing::SigningKey::from_seed(jwk->secret);
    licensing::wipe(std::span<std::uint8_t>(jwk->secret));
    if (jwk->kty != "OKP" || jwk->crv != "Ed25519" || !key) return damaged(file);
    return std::move(*key);
}

Result<licensing::SealKey> read_seal_key(const std::filesystem::path& file) {
    auto jwk = read_jwk(file);
    if (!jwk) return fail(std::move(jwk.error()));
    auto key = licensing::SealKey::from_bytes(jwk->secret);
    licensing::wipe(std::span<std::uint8_t>(jwk->secret));
    if (jwk->kty != "OKP" || jwk->crv != "X25519" || !key) return damaged(file);
    return std::move(*key);
}

Result<Bytes> read_secret(const std::filesystem::path& file, std::size_t size) {
    auto jwk = read_jwk(file);
    if (!jwk) return fail(std::move(jwk.error()));
    if (jwk->kty != "oct" || jwk->secret.size() != size) return damaged(file);
    return std::move(jwk->secret);
}

Result<void> write_signing_key(const std::filesystem::path& file,
                               const licensing::SigningKey& key) {
    return write_jwk(file, private_jwk("Ed25519", key.seed(), key.public_key()));
}

Result<void> write_seal_key(const std::filesystem::path& file, const licensing::SealKey& key) {
    return write_jwk(file, private_jwk("X25519", key.bytes(), key.public_key()));
}

Result<void> write_secret(const std::filesystem::path& file, const Bytes& secret) {
    return write_jwk(file, {{"kty", "oct"}, {"k", base64url(secret)}});
}

}  // namespace latchkey::keyserver
