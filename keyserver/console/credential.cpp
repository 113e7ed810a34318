#include "keyserver/console/credential.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "base/strict_json.h"
#include "licensing/crypto.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver::console {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;
constexpr std::string_view kSchema = "latchkey.console/1";
// Crockford's base32, in small letters.
constexpr std::string_view kSymbols = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kGroup = 5;

Bytes digest_of(std::string_view password, const Bytes& salt, const DigestCost& cost) {
    Bytes digest(kDigestBytes);
    const int done =
        EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), cost.n, cost.r,
                       cost.p, kMaxDigestMemory, digest.data(), digest.size());
    if (done != 1) std::abort();  // out of memory, as everywhere in licensing/crypto
    return digest;
}

bool sensible(const DigestCost& cost) {
    const bool power_of_two = cost.n >= 2 && (cost.n & (cost.n - 1)) == 0;
    return power_of_two && cost.n <= kMaxDigestN && cost.r >= 1 && cost.r <= kMaxDigestR &&
           cost.p >= 1 && cost.p <= kMaxDigestP && 128 * cost.n * cost.r <= kMaxDigestMemory / 2;
}

Failure damaged(const std::filesystem::path& file) {
    return fail(Problem{Code::state_corrupt, file.string() + " is damaged",
                        "Set a new password with 'latchkey-keyserver admin console password'."});
}

}  // namespace

Result<void> check_password(std::string_view password) {
    if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes)
        return fail(Code::usage, "a password has " + std::to_string(kMinPasswordBytes) + " to " +
                                     std::to_string(kMaxPasswordBytes) + " bytes");
    const bool odd = std::any_of(password.begin(), password.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (odd) return fail(Code::usage, "a password is one line without control characters");
    return {};
}

std::string make_password() {
    std::string password;
    for (const auto byte : licensing::random_bytes(kMadePasswordSymbols)) {
        if (password.size() % (kGroup + 1) == kGroup) password += '-';
        password += kSymbols[byte % kSymbols.size()];
    }
    return password;
}

Credential make_credential(std::string_view password, ServerTime now, const DigestCost& cost) {
    Credential credential{cost, licensing::random_bytes(kSaltBytes), {}, now};
    credential.digest = digest_of(password, credential.salt, cost);
    return credential;
}

bool matches(const Credential& credential, std::string_view password) {
    return licensing::equal_secret(digest_of(password, credential.salt, credential.cost),
                                   credential.digest);
}

std::filesystem::path credential_file(const std::filesystem::path& directory) {
    return directory / "console.json";
}

Result<std::optional<Credential>> read_credential(const std::filesystem::path& directory) {
    const auto file = credential_file(directory);
    const auto content =
        platform::read_private_file(file, kMaxFileBytes, platform::Privacy::secret);
    if (!content && content.error().code == Code::record_unknown) return std::nullopt;
    if (!content) return fail(content.error());
    const auto value = json::parse_strict(*content, {.max_bytes = kMaxFileBytes});
    if (!value) return damaged(file);
    json::ObjectReader in(*value, "console.json");
    const auto schema = in.string("schema", 64);
    Credential credential;
    credential.cost.n = static_cast<std::uint64_t>(in.integer("n", 2, kMaxDigestN));
    credential.cost.r = static_cast<std::uint32_t>(in.integer("r", 1, kMaxDigestR));
    credential.cost.p = static_cast<std::uint32_t>(in.integer("p", 1, kMaxDigestP));
    const auto salt = from_base64url(in.string("salt", 128));
    const auto digest = from_base64url(in.string("digest", 128));
    const auto set_at = parse_server_time(in.string("set_at", 64));
    if (!in.ok() || schema != kSchema || !salt || salt->size() != kSaltBytes || !digest ||
        digest->size() != kDigestBytes || !set_at || !sensible(credential.cost))
        return damaged(file);
    credential.salt = *salt;
    credential.digest = *digest;
    credential.set_at = *set_at;
    return credential;
}

Result<void> write_credential(const std::filesystem::path& directory,
                              const Credential& credential) {
    const json::bj::object content{{"schema", kSchema},
                                   {"n", credential.cost.n},
                                   {"r", credential.cost.r},
                                   {"p", credential.cost.p},
                                   {"salt", base64url(credential.salt)},
                                   {"digest", base64url(credential.digest)},
                                   {"set_at", format_rfc3339(credential.set_at)}};
    return platform::write_private_file(credential_file(directory), json::to_text(content) + "\n");
}

}  // namespace latchkey::keyserver::console
