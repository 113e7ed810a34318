#pragma once

// The only signature code: JWS compact serialisation (RFC 7515) with alg "Ed25519" (RFC 9864) and
// nothing else. The key is chosen by the caller, never by what a header claims; `typ` is fixed per
// document; `crit`, `jku`, `jwk`, `x5u` and unknown algorithms are refused; bytes are verified
// before the payload is parsed.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strict_json.h"
#include "licensing/crypto.h"

namespace latchkey::licensing {

/// A value that came out of a verified signature. Only verify_* functions of this folder make one.
template <class T>
class Verified {
public:
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }
    /// The exact compact JWS the value was read from; store this, not a re-serialisation.
    const std::string& jws() const { return jws_; }

private:
    Verified(T value, std::string jws) : value_(std::move(value)), jws_(std::move(jws)) {}
    T value_;
    std::string jws_;
    friend struct VerifiedMaker;
};

/// Makes Verified values; used inside licensing/ only (tests/arch checks it).
struct VerifiedMaker {
    template <class T>
    static Verified<T> make(T value, std::string jws) {
        return Verified<T>(std::move(value), std::move(jws));
    }
};

inline constexpr std::size_t kMaxJwsBytes = 64 * 1024;

/// Header is {"alg":"Ed25519","kid":..,"typ":..}.
std::string sign_jws(const SigningKey& key, std::string_view typ, const json::bj::value& payload);

/// Verifies and then parses the payload strictly. Fails with Code::signature_invalid.
Result<json::bj::value> open_jws(std::string_view jws, std::string_view typ, const PublicKey& key);

/// The kid a JWS claims, to pick one among keys already trusted; empty if unreadable. Trust nothing
/// else from it.
std::string claimed_key_id(std::string_view jws);

}  // namespace latchkey::licensing
