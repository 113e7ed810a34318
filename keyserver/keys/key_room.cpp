#include "keyserver/keys/key_room.h"

#include <boost/json/object.hpp>

#include <algorithm>

#include "base/strict_json.h"
#include "keyserver/keys/key_files.h"
#include "keyserver/keys/key_names.h"
#include "keyserver/keys/key_rotation.h"
#include "keyserver/policy.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;
using licensing::SealKey;
using licensing::SigningKey;

constexpr std::size_t kSaltBytes = 32;

/// Reads a key, or makes it where there is none: a first start that was interrupted goes on.
template <class Key, class Read, class Make, class Write>
Result<Key> read_or_make(const fs::path& file, Read read, Make make, Write write) {
    Result<Key> key = read(file);
    if (key || key.error().code != Code::record_unknown) return key;
    Key made = make();
    if (auto written = write(file, made); !written) return fail(std::move(written.error()));
    return made;
}

licensing::KeySet first_key_set(const Publisher& publisher, const SigningKey& signing,
                                const SealKey& seal, ServerTime now) {
    licensing::KeySet set;
    set.publisher = publisher.id;
    set.version = 1;
    set.issued_at = now;
    set.expires_at = now + kKeySetLifetime;
    set.signing_keys.push_back({licensing::key_id(signing.public_key()), signing.public_key(),
                                now - kEarlySigning, now + kSigningKeyLifetime});
    set.seal_kid = licensing::key_id(seal.public_key());
    set.seal_key = seal.public_key();
    return set;
}

std::string default_id(const SigningKey& root) {
    const auto digest = licensing::sha256(root.public_key());
    return "publisher-" + hex(std::span(digest).first(4));
}

Result<void> write_publisher(const fs::path& file, const Publisher& publisher) {
    const json::bj::object object{{"publisher", publisher.id},
                                  {"name", publisher.name},
                                  {"root_version", publisher.root_version},
                                  {"root", licensing::to_text(publisher.root)},
                                  {"salt_id", publisher.salt_id},
                                  {"salt", base64url(publisher.salt)}};
    return platform::write_private_file(file, json::to_pretty_text(object) + "\n");
}

Result<Publisher> read_publisher(const fs::path& file) {
    const auto text = platform::read_private_file(file, 8192, platform::Privacy::secret);
    if (!text) return fail(text.error());
    const auto value = json::parse_strict(*text);
    if (!value) return fail(Code::state_corrupt, file.string() + ": " + value.error().detail);
    json::ObjectReader in(*value, "publisher.json");
    Publisher publisher;
    publisher.id = in.string("publisher", 64);
    publisher.name = in.string("name", 256);
    publisher.root_version = in.integer("root_version", 1, 1'000'000);
    const auto root = licensing::public_key_from_text(in.string("root", 64));
    publisher.salt_id = in.string("salt_id", 64);
    const auto salt = from_base64url(in.string("salt", 64));
    if (const auto bad = in.finish(json::ObjectReader::Unknown::ignored))
        return fail(Code::state_corrupt, file.string() + ": " + bad->detail);
    if (!root || !salt || salt->size() != kSaltBytes || !valid_publisher_id(publisher.id))
        return fail(Code::state_corrupt, file.string() + " is damaged");
    publisher.root = *root;
    publisher.salt = *salt;
    return publisher;
}

/// Everything but publisher.json, which says that it is all there.
Result<Publisher> make_everything(const KeyNames& names, std::string_view wanted_id,
                                  ServerTime now) {
    auto pepper = read_or_make<Bytes>(
        names.pepper, [](const fs::path& f) { return read_secret(f, kPepperBytes); },
        [] { return licensing::random_bytes(kPepperBytes); }, write_secret);
    if (!pepper) return fail(std::move(pepper.error()));
    auto root = read_or_make<SigningKey>(names.root, read_signing_key, SigningKey::generate,
                                         write_signing_key);
    if (!root) return fail(std::move(root.error()));
    auto signing = read_or_make<SigningKey>(names.signing, read_signing_key, SigningKey::generate,
                                            write_signing_key);
    if (!signing) return fail(std::move(signing.error()));
    auto seal = read_or_make<SealKey>(names.seal, read_seal_key, SealKey::generate, write_seal_key);
    if (!seal) return fail(std::move(seal.error()));

    Publisher publisher;
    publisher.id = wanted_id.empty() ? default_id(*root) : std::string(wanted_id);
    publisher.name = publisher.id;
    publisher.root = root->public_key();
    publisher.salt_id = licensing::random_id("salt_");
    publisher.salt = licensing::random_bytes(kSaltBytes);
    const std::string key_set =
        licensing::sign_key_set(*root, first_key_set(publisher, *signing, *seal, now));
    if (auto written = platform::write_public_file(names.key_set, key_set); !written)
        return fail(std::move(written.error()));
    return publisher;
}

}  // namespace

bool valid_publisher_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
}

KeyRoom::KeyRoom(fs::path directory, Publisher publisher, Pepper pepper, Keys keys,
                 WeightsInForce weights)
    : directory_(std::move(directory)),
      publisher_(std::make_shared<const Publisher>(std::move(publisher))),
      pepper_(std::make_shared<const Pepper>(std::move(pepper))),
      keys_(std::make_shared<const Keys>(std::move(keys))),
      weights_(std::make_shared<const WeightsInForce>(std::move(weights))) {}

bool KeyRoom::missing(const fs::path& directory) {
    std::error_code unreadable;
    return !fs::exists(names_in(directory).publisher, unreadable) && !unreadable;
}

Result<KeyRoom> KeyRoom::open(const fs::path& directory, std::string_view wanted_id,
                              ServerTime now) {
    if (!wanted_id.empty() && !valid_publisher_id(wanted_id))
        return fail(Problem{Code::config_invalid,
                            "a publisher id is 1 to 64 of a-z, 0-9, '.' and '-'",
                            "Choose another --publisher."});
    const KeyNames names = names_in(directory);
    auto publisher = read_publisher(names.publisher);
    if (!publisher && publisher.error().code == Code::record_unknown)
        publisher = make_everything(names, wanted_id, now);
    if (!publisher) return fail(std::move(publisher.error()));
    if (!wanted_id.empty() && wanted_id != publisher->id)
        return fail(Problem{Code::config_invalid,
                            directory.string() + " belongs to publisher \"" + publisher->id +
                                "\"; another publisher needs another directory",
                            "Leave --publisher out, or name another directory with --data."});

    auto pepper = read_secret(names.pepper, kPepperBytes);
    if (!pepper) return fail(std::move(pepper.error()));
    auto keys = read_keys(names, {publisher->id, publisher->root_version, publisher->root}, now);
    if (!keys) return fail(std::move(keys.error()));
    if (auto tidied = tidy(names, *keys, now); !tidied) return fail(std::move(tidied.error()));
    auto weights = read_weights(names, keys->root);
    if (!weights) return fail(std::move(weights.error()));
    return KeyRoom(directory, std::move(*publisher), Pepper(std::move(*pepper)), std::move(*keys),
                   std::move(*weights));
}

Result<void> KeyRoom::complete() const {
    if (!missing(directory_)) return {};
    return write_publisher(names_in(directory_).publisher, *publisher_);
}

Result<std::optional<SigningKey>> KeyRoom::load_root() const {
    auto root = read_signing_key(names_in(directory_).root);
    if (root) {
        if (root->public_key() != this->root().root)
            return fail(Code::state_corrupt, "root.key is not this publisher's root in force");
        return std::optional<SigningKey>(std::move(*root));
    }
    if (root.error().code == Code::record_unknown) return std::optional<SigningKey>();
    return fail(std::move(root.error()));
}

}  // namespace latchkey::keyserver
