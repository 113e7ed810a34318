#include "licensing/jws.h"

#include <array>
#include <optional>

namespace latchkey::licensing {
namespace {

constexpr std::string_view kAlgorithm = "Ed25519";
constexpr std::size_t kMaxHeaderText = 512;

Failure refuse(std::string why) { return fail(Code::signature_invalid, std::move(why)); }

/// The three parts of the compact form, still encoded.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  ///< header "." payload
};

std::optional<Parts> split(std::string_view jws) {
    if (jws.size() > kMaxJwsBytes) return std::nullopt;
    const auto first = jws.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = jws.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    if (jws.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{jws.substr(0, first), jws.substr(first + 1, second - first - 1),
                 jws.substr(second + 1), jws.substr(0, second)};
}

std::string_view text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Header {
    std::string algorithm;
    std::string kid;
    std::string typ;
};

Result<Header> read_header(std::string_view encoded) {
    if (encoded.size() > kMaxHeaderText) return refuse("the header is too long");
    const auto bytes = from_base64url(encoded);
    if (!bytes) return refuse("the header is not base64url");
    const auto value = json::parse_strict(text_of(*bytes), {.max_bytes = 512, .max_depth = 2});
    if (!value) return refuse("the header is " + value.error().detail);
    json::ObjectReader in(*value, "header");
    Header header;
    header.algorithm = in.string("alg", 32);
    header.kid = in.string("kid", 64);
    header.typ = in.string("typ", 64);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return refuse(bad->detail);
    return header;
}

}  // namespace

std::string sign_jws(const SigningKey& key, std::string_view typ, const json::bj::value& payload) {
    const json::bj::object header{{"alg", json::bj::string_view(kAlgorithm.data(), 7)},
                                  {"kid", key_id(key.public_key())},
                                  {"typ", json::bj::string_view(typ.data(), typ.size())}};
    std::string jws = base64url(as_bytes(json::to_text(header))) + "." +
                      base64url(as_bytes(json::to_text(payload)));
    const auto signature = key.sign(as_bytes(jws));
    jws += "." + base64url(signature);
    return jws;
}

Result<json::bj::value> open_jws(std::string_view jws, std::string_view typ, const PublicKey& key) {
    const auto parts = split(jws);
    if (!parts) return refuse("it is not a signed document in compact form");
    const auto header = read_header(parts->header);
    if (!header) return fail(header.error());
    if (header->algorithm != kAlgorithm) return refuse("it is signed with another algorithm");
    if (header->typ != typ) return refuse("it is a document of another type");
    if (header->kid != key_id(key)) return refuse("it is signed by another key");
    const auto signature = from_base64url(parts->signature);
    if (!signature || !verify_ed25519(key, as_bytes(parts->signed_text), *signature))
        return refuse("the signature does not fit the document");
    const auto payload = from_base64url(parts->payload);
    if (!payload) return refuse("the payload is not base64url");
    auto value = json::parse_strict(text_of(*payload), {.max_bytes = kMaxJwsBytes});
    if (!value) return refuse("the payload is " + value.error().detail);
    return value;
}

std::string claimed_key_id(std::string_view jws) {
    const auto parts = split(jws);
    if (!parts) return {};
    const auto header = read_header(parts->header);
    return header ? header->kid : std::string{};
}

}  // namespace latchkey::licensing
