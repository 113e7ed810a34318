#pragma once

// A small publisher for tests, and random but valid documents: the values a property must hold for.

#include <random>
#include <string>
#include <vector>

#include "licensing/envelope.h"
#include "licensing/license.h"
#include "licensing/manifest.h"
#include "licensing/messages.h"
#include "licensing/receipt.h"
#include "licensing/seal.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

inline SigningKey key_of(std::uint8_t byte) {
    return std::move(*SigningKey::from_seed(Bytes(32, byte)));
}

inline ServerTime at(std::int64_t unix_seconds) { return ServerTime{seconds{unix_seconds}}; }

inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr std::int64_t kDay = 86'400;

/// Root 1, signing key 2 (valid 100 days either way of kNow) and a seal key.
struct Publisher {
    SigningKey root = key_of(1);
    SigningKey signing = key_of(2);
    SealKey sealing = std::move(*SealKey::from_bytes(Bytes(32, 3)));

    KeySet key_set(std::int64_t version = 1) const {
        KeySet set;
        set.publisher = "contoso";
        set.version = version;
        set.issued_at = at(kNow - 100 * kDay);
        set.expires_at = at(kNow + 200 * kDay);
        set.signing_keys = {{key_id(signing.public_key()), signing.public_key(),
                             at(kNow - 100 * kDay), at(kNow + 100 * kDay)}};
        set.seal_key = sealing.public_key();
        set.seal_kid = seal_key_id(set.seal_key);
        return set;
    }
    PinnedRoot pinned() const { return {"contoso", 1, root.public_key()}; }
    TrustBundle bundle(std::int64_t version = 1) const {
        return {{}, sign_key_set(root, key_set(version))};
    }
};

/// The same seed tells the same story on every run.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : rng_(seed) {}

    std::int64_t number(std::int64_t min, std::int64_t max) {
        return std::uniform_int_distribution<std::int64_t>(min, max)(rng_);
    }
    bool coin() { return number(0, 1) == 1; }
    template <class T>
    T one_of(std::initializer_list<T> values) {
        return values.begin()[number(0, static_cast<std::int64_t>(values.size()) - 1)];
    }
    std::string from(std::string_view alphabet, std::size_t min, std::size_t max) {
        std::string text(static_cast<std::size_t>(number(static_cast<std::int64_t>(min),
                                                         static_cast<std::int64_t>(max))),
                         '\0');
        for (auto& c : text)
            c = alphabet[static_cast<std::size_t>(
                number(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
        return text;
    }
    /// Words with everything JSON must escape or keep as it is.
    std::string words(std::size_t max) {
        std::string text;
        while (text.size() + 4 < max && number(0, 5) != 0)
            text += one_of<std::string>(
                {"a", "\"", "\\", "/", "é", "€", "key ", "<>", "\xf0\x9f\x94\x91"});
        return text;
    }
    std::string id() { return "a" + from("abcdefghijklmnopqrstuvwxyz0123456789.-", 0, 63); }
    std::string record(std::string_view prefix) {
        return std::string(prefix) + from("abcXYZ019-_", 1, 60);
    }
    std::string token() { return from("abcXYZ019._-", 1, 64); }
    ServerTime time() {
        return at(number(kNow - 90 * kDay, kNow + 90 * kDay)) + Duration{number(0, 999)};
    }
    PublicKey key() {
        PublicKey out{};
        for (auto& byte : out) byte = static_cast<std::uint8_t>(number(0, 255));
        return out;
    }
    template <class T, class Make>
    std::optional<T> maybe(Make make) {
        if (coin()) return std::nullopt;
        return make();
    }

private:
    std::mt19937_64 rng_;
};

inline CountingRule random_rule(Dice& dice) {
    return dice.one_of({CountingRule::significant_change, CountingRule::any_change,
                        CountingRule::every_activation});
}

inline Activations random_activations(Dice& dice) {
    return {dice.number(0, 1'000'000'000), dice.number(0, 1'000'000'000), dice.time()};
}

inline License random_license(Dice& dice) {
    License l;
    l.id = dice.record("lic_");
    l.publisher = "contoso";
    l.product = dice.id();
    l.machine = dice.record("mch_");
    l.device_key = dice.key();
    l.kind = dice.coin() ? LicenseKind::lease : LicenseKind::perpetual;
    l.issued_at = dice.time();
    if (l.kind == LicenseKind::lease) l.expires_at = l.issued_at + Days{dice.number(1, 3660)};
    l.renew_after = dice.maybe<ServerTime>([&] { return dice.time(); });
    if (l.renew_after) l.renew_before = *l.renew_after + Days{dice.number(0, 9)};
    l.lease_sequence = dice.number(1, 1'000'000);
    l.program = dice.id();
    l.rule = random_rule(dice);
    l.key_last5 = dice.from("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 5, 5);
    l.organization = dice.words(128);
    l.license_quantity = dice.number(0, 1'000'000'000);
    l.activate_by = dice.maybe<ServerTime>([&] { return dice.time(); });
    l.activations = random_activations(dice);
    l.salt_id = dice.token();
    if (dice.coin())
        l.delegation = Delegation{
            {dice.id(), dice.id()}, dice.number(0, 100), dice.number(0, 3660), to_text(dice.key())};
    return l;
}

}  // namespace latchkey::licensing
