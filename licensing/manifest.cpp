#include "licensing/manifest.h"

#include <algorithm>

#include "licensing/fields.h"
#include "licensing/product_key.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxUrlBytes = 256;
constexpr std::size_t kMaxQualifyingOs = 64;
constexpr std::size_t kSaltBytes = 32;

Failure refuse(std::string why) { return fail(Code::manifest_invalid, std::move(why)); }

bool is_host(std::string_view host) {
    if (host.starts_with('[')) {
        return host.size() > 3 && host.ends_with(']') &&
               host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
                   std::string_view::npos;
    }
    return !host.empty() && host.size() <= 253 && host.front() != '-' && host.front() != '.' &&
           host.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789.-") == std::string_view::npos;
}

bool is_port(std::string_view port) {
    if (port.empty() || port.size() > 5 || port.front() == '0') return false;
    int value = 0;
    for (const char c : port) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    return value <= 65535;
}

/// Empty, or https://host[:port] and nothing more: no user, path, query or fragment, so that there
/// is nothing a server could smuggle into a request.
bool is_key_server_url(std::string_view url) {
    constexpr std::string_view kScheme = "https://";
    if (url.empty()) return true;
    if (!url.starts_with(kScheme)) return false;
    url.remove_prefix(kScheme.size());
    const auto bracket = url.starts_with('[') ? url.find(']') : 0;
    if (bracket == std::string_view::npos) return false;
    const auto colon = url.find(':', bracket);
    if (colon == std::string_view::npos) return is_host(url);
    return is_host(url.substr(0, colon)) && is_port(url.substr(colon + 1));
}

json::bj::value to_json(const ManifestPolicy& policy) {
    return json::bj::object{{"initial_grace_days", policy.initial_grace_days},
                            {"out_of_tolerance_days", policy.out_of_tolerance_days},
                            {"non_genuine_days", policy.non_genuine_days},
                            {"rearms", policy.rearms},
                            {"lab_reimages_per_year", policy.lab_reimages_per_year},
                            {"zero_count_per_90_days", policy.zero_count_per_90_days},
                            {"rearm_ledger", policy.rearm_ledger}};
}

Result<ManifestPolicy> read_policy(const json::bj::value& value) {
    ObjectReader in(value, "policy");
    ManifestPolicy policy;
    const auto number = [&in](std::string_view name, int min, int max, int fallback) {
        return static_cast<int>(in.optional_integer(name, min, max).value_or(fallback));
    };
    policy.initial_grace_days = number("initial_grace_days", 0, 180, policy.initial_grace_days);
    policy.out_of_tolerance_days =
        number("out_of_tolerance_days", 0, 180, policy.out_of_tolerance_days);
    policy.non_genuine_days = number("non_genuine_days", 1, 60, policy.non_genuine_days);
    policy.rearms = number("rearms", 0, 26, policy.rearms);
    policy.lab_reimages_per_year =
        number("lab_reimages_per_year", 0, 366, policy.lab_reimages_per_year);
    policy.zero_count_per_90_days =
        number("zero_count_per_90_days", 0, 100, policy.zero_count_per_90_days);
    policy.rearm_ledger = in.boolean_or("rearm_ledger", policy.rearm_ledger);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return policy;
}

json::bj::value payload_of(const Manifest& manifest) {
    json::bj::object payload{
        {"publisher", manifest.publisher},
        {"publisher_name", manifest.publisher_name},
        {"version", manifest.version},
        {"product", manifest.product},
        {"product_name", manifest.product_name},
        {"product_version", manifest.product_version},
        {"released", fields::json_time(manifest.released)},
        {"needs_activation", manifest.needs_activation},
        {"excluded_platforms", fields::json_texts(manifest.excluded_platforms)},
        {"qualifying_os", fields::json_texts(manifest.qualifying_os)},
        {"key_group", static_cast<std::int64_t>(manifest.key_group)},
        {"token_group", static_cast<std::int64_t>(manifest.token_group)},
        {"url", manifest.url},
        {"salt_id", manifest.salt_id},
        {"salt", base64url(manifest.salt)},
        {"root_version", manifest.root_version},
        {"root", to_text(manifest.root)},
        {"policy", to_json(manifest.policy)},
        {"issued_at", fields::json_time(manifest.issued_at)}};
    if (!manifest.root_chain.empty())
        payload["root_chain"] = fields::json_texts(manifest.root_chain);
    return payload;
}

/// Manifests of a first root, and older ones, have none.
std::vector<std::string> read_chain(ObjectReader& in) {
    std::vector<std::string> chain;
    const auto* links = in.optional_array("root_chain", kMaxRootChain);
    if (links == nullptr) return chain;
    for (const auto& link : *links) {
        if (!link.is_string() || link.get_string().size() > kMaxLinkBytes) {
            in.refuse("root_chain", "holds what is no signed link");
            return {};
        }
        chain.emplace_back(link.get_string());
    }
    return chain;
}

Bytes read_salt(ObjectReader& in) {
    const auto text = in.string("salt", 64);
    if (!in.ok()) return {};
    auto salt = from_base64url(text);
    if (!salt || salt->size() != kSaltBytes) in.refuse("salt", "must be 32 bytes in base64url");
    return std::move(salt).value_or(Bytes{});
}

std::vector<std::string> read_platforms(ObjectReader& in) {
    auto platforms = fields::texts(in, "excluded_platforms", 3, 16);
    if (!std::all_of(platforms.begin(), platforms.end(), fields::is_platform))
        in.refuse("excluded_platforms", "names a platform that is not linux, windows or mac");
    return platforms;
}

Result<Manifest> read_manifest(const json::bj::value& value) {
    ObjectReader in(value, "manifest");
    Manifest m;
    m.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    m.publisher_name = in.string("publisher_name", fields::kMaxNameBytes);
    m.version = in.integer("version", 1, fields::kMaxVersion);
    m.product = fields::text(in, "product", fields::kMaxIdBytes, fields::is_product_id);
    m.product_name = in.string("product_name", fields::kMaxNameBytes);
    m.product_version = in.string("product_version", fields::kMaxIdBytes);
    m.released = fields::optional_time(in, "released");
    m.needs_activation = in.boolean("needs_activation");
    m.excluded_platforms = read_platforms(in);
    m.qualifying_os = fields::texts(in, "qualifying_os", kMaxQualifyingOs, fields::kMaxNameBytes);
    m.key_group = static_cast<std::uint32_t>(in.integer("key_group", 0, kMaxGroup));
    m.token_group = static_cast<std::uint32_t>(in.integer("token_group", 0, kMaxGroup));
    m.url = fields::text(in, "url", kMaxUrlBytes, is_key_server_url);
    m.salt_id = fields::text(in, "salt_id", fields::kMaxIdBytes, fields::is_token);
    m.salt = read_salt(in);
    m.root_version = in.integer("root_version", 1, fields::kMaxVersion);
    m.root = fields::key(in, "root");
    m.policy = fields::nested(in, "policy", read_policy);
    m.issued_at = fields::time(in, "issued_at");
    m.root_chain = read_chain(in);
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return m;
}

/// The root that an unverified manifest names; only good for verifying that same manifest.
std::optional<PublicKey> named_root(std::string_view jws) {
    const auto first = jws.find('.');
    const auto second = jws.find('.', first + 1);
    if (jws.size() > kMaxJwsBytes || first == std::string_view::npos ||
        second == std::string_view::npos)
        return std::nullopt;
    const auto bytes = from_base64url(jws.substr(first + 1, second - first - 1));
    if (!bytes) return std::nullopt;
    const auto payload = json::parse_strict(
        {reinterpret_cast<const char*>(bytes->data()), bytes->size()}, {.max_depth = 4});
    if (!payload) return std::nullopt;
    ObjectReader in(*payload, "manifest");
    const auto root = fields::key(in, "root");
    if (!in.ok()) return std::nullopt;
    return root;
}

}  // namespace

json::bj::value to_json(const Manifest& manifest) { return payload_of(manifest); }

Result<Manifest> manifest_from_json(const json::bj::value& value) { return read_manifest(value); }

std::string sign_manifest(const SigningKey& root, const Manifest& manifest) {
    return sign_jws(root, typ::kManifest, payload_of(manifest));
}

Result<Verified<Manifest>> verify_manifest(std::string_view jws, const PinnedRoot* pinned) {
    const auto root = pinned ? std::optional(pinned->root) : named_root(jws);
    if (!root) return refuse("it is not a signed manifest");
    const auto payload = open_jws(jws, typ::kManifest, *root);
    if (!payload) return refuse(payload.error().detail);
    auto manifest = read_manifest(*payload);
    if (!manifest) return refuse(manifest.error().detail);
    if (manifest->root != *root) return refuse("it names another root than the one that signed it");
    if (pinned && manifest->publisher != pinned->publisher)
        return refuse("it is another publisher's");
    if (pinned && manifest->root_version != pinned->version)
        return refuse("its root is of another version");
    return VerifiedMaker::make(std::move(*manifest), std::string(jws));
}

}  // namespace latchkey::licensing
