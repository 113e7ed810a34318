#include "service-install/told_contents.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/encoding.h"
#include "base/path_text.h"
#include "base/strict_json.h"
#include "licensing/jws.h"
#include "licensing/product_key.h"
#include "licensing/trust.h"
#include "platform/secure_file.h"

namespace latchkey::service_install {
namespace {

// They travel through Windows Installer's script, and more than one authority is seldom meant.
constexpr std::size_t kMaxCertificates = 64 * 1024;
constexpr std::size_t kMaxKeyFile = 4096;  // as the agent bounds it

std::size_t most_of(std::string_view property) {
    if (property == "KEY_FILE") return kMaxKeyFile;
    return property == "CA_FILE" ? kMaxCertificates : licensing::kMaxJwsBytes;
}

Failure wrong(std::string_view property, const std::string& what, std::string remedy) {
    return fail(
        Problem{Code::config_invalid, std::string(property) + " " + what, std::move(remedy)});
}

Result<std::string> read(const Copy& copy) {
    const std::size_t most = most_of(copy.property);
    auto content = platform::read_file(utf8_path(copy.from), most);
    if (content) return content;
    const std::string property(copy.property);
    if (copy.secret)
        return fail(Problem{Code::input_unreadable, property + " names no file that can be read",
                            "Pass the full path of a file of at most " + std::to_string(most) +
                                " bytes that whoever installs may read."});
    return fail(Problem{Code::input_unreadable, property + ": " + content.error().detail,
                        "Pass the full path of a file of at most " + std::to_string(most) +
                            " bytes that whoever installs may read."});
}

/// Fails with Code::key_malformed's words, which name the group that looks wrong, never the key.
Result<std::string> key_in(std::string_view content) {
    if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff"))
        return wrong("KEY_FILE", "is written in UTF-16",
                     "Save it as plain text (in PowerShell: Set-Content -Encoding ascii).");
    const auto line = content.substr(0, content.find_first_of("\r\n"));
    const auto key = licensing::ProductKey::parse(line);
    if (!key)
        return wrong("KEY_FILE", "holds no product key in its first line: " + key.error().detail,
                     "Put the key as it was given into the first line, and nothing else.");
    if (key->kind() != licensing::KeyKind::product_key)
        return wrong("KEY_FILE", "holds a token, not a product key",
                     "Pass the product key; a token is redeemed with 'latchkey redeem'.");
    return key->text() + "\n";
}

/// Of header or payload; null where it is no object.
std::optional<json::bj::object> object_in(std::string_view part) {
    const auto bytes = from_base64url(part);
    if (!bytes) return std::nullopt;
    const auto value =
        json::parse_strict({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!value || !value->is_object()) return std::nullopt;
    return value->get_object();
}

std::string text_of(const json::bj::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

Result<void> check_manifest(std::string_view content, std::string_view product) {
    const std::string remedy =
        "Pass the .jws file that the product's publisher gave out, as it is.";
    while (content.ends_with('\n') || content.ends_with('\r')) content.remove_suffix(1);
    const auto first = content.find('.');
    const auto second = content.find('.', std::min(content.size(), first + 1));
    if (first == std::string_view::npos || second == std::string_view::npos)
        return wrong("MANIFEST_FILE", "holds no manifest: it is no signed document (JWS)", remedy);
    const auto header = object_in(content.substr(0, first));
    const auto payload = object_in(content.substr(first + 1, second - first - 1));
    const auto signature = from_base64url(content.substr(second + 1));
    if (!header || !payload || !signature || signature->empty())
        return wrong("MANIFEST_FILE", "holds no manifest: it is damaged", remedy);
    if (text_of(*header, "typ") != licensing::typ::kManifest)
        return wrong("MANIFEST_FILE", "holds no manifest: it is another signed document", remedy);
    if (text_of(*payload, "product") != product)
        return wrong("MANIFEST_FILE", "is not the manifest of the PRODUCT that was passed",
                     "Pass the manifest of that product, or its id as PRODUCT.");
    return {};
}

Result<void> judge(Copy& copy, std::string_view product, const CertificateJudge& certificates) {
    if (copy.property == "KEY_FILE") {
        auto key = key_in(copy.content);
        if (!key) return fail(std::move(key.error()));
        copy.content = std::move(*key);
        return {};
    }
    if (copy.property == "MANIFEST_FILE") return check_manifest(copy.content, product);
    const std::string why = certificates(copy.content);
    if (why.empty()) return {};
    return wrong(copy.property, why,
                 "Pass the certificate of the authority that issued the key server's, in PEM form "
                 "(it begins with -----BEGIN CERTIFICATE-----).");
}

}  // namespace

Result<void> read_copies(ToldFiles& files, std::string_view product,
                         const CertificateJudge& certificates) {
    for (auto& copy : files.copies) {
        auto content = read(copy);
        if (!content) return fail(std::move(content.error()));
        copy.content = std::move(*content);
        if (auto fine = judge(copy, product, certificates); !fine) return fine;
    }
    return {};
}

}  // namespace latchkey::service_install
