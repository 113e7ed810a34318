#pragma once

// The agent's only way to a key server: TLS 1.3 (1.2 with AEAD for inspecting proxies), deadlines
// on every step, signed requests, verified replies. Every network fault ends as a Problem of its
// own: keyserver_unreachable, tls_untrusted, tls_intercepted, captive_portal, signature_invalid,
// reply_not_fresh, rate_limited, agent_too_old, or what a verified problem document says. Runs on
// its executor's thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/net/way.h"
#include "base/result.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/messages.h"
#include "licensing/trust.h"

namespace latchkey::net {

struct ServerAddress {
    std::string url;      ///< https://host[:port]
    std::string ca_file;  ///< PEM; empty: the system's roots
    std::string proxy;    ///< "system", "none" or a URL
    Way* way = nullptr;   ///< filled in, where somebody wants to know; outlives the call
    /// An instant that a key server's signature proves to have passed: a certificate that begins
    /// before it has begun, also where this machine's calendar is still behind.
    std::optional<ServerTime> passed = {};
};

/// Who asks: publisher, its pinned root and newest key set version, the device key that signs, and
/// the version of the evidence table in force here (0: none is wanted).
struct Caller {
    licensing::PinnedRoot root;
    std::int64_t key_set_version = 0;
    const licensing::SigningKey* device = nullptr;  ///< outlives the call
    std::int64_t weights_version = 0;
};

/// A failure, and whether it is the server's own verified last word.
struct CallFailure {
    Problem problem;
    bool final = false;  ///< verified refusal: trying again changes nothing
    std::optional<Duration> retry_after;
    std::optional<std::int64_t> used;  ///< of a verified counting refusal
    std::optional<std::int64_t> limit;
    bool may_have_arrived = false;  ///< the request itself was on its way when it failed
};

template <class T>
using CallResult = tl::expected<T, CallFailure>;

/// What every successful call brings besides its message.
struct Fresh {
    licensing::Trusted trusted;  ///< newest root and key set: persist them
    ServerTime server_time;
    Duration round_trip;  ///< between sending the nonce and the verified answer, by the boot clock
    std::string weights_jws = {};  ///< a newer evidence table, unverified; empty: none came
};

template <class T>
struct Answer {
    T message;
    Fresh fresh;
};

/// A spending or asking request: where it goes, the inner message (sealed by the client), the
/// idempotency key.
struct Call {
    std::string method;  ///< "POST", "DELETE"
    std::string path;    ///< "/v1/activations"
    std::string inner;   ///< JSON text of the inner message; secret
    std::string idempotency_key;
};

class KeyServerClient {
public:
    virtual ~KeyServerClient() = default;
    /// One signed call: key set and challenge are fetched on the same connection first, and the key
    /// set once more where an answer is signed by a key it does not name: the server rotated its
    /// keys meanwhile. Returns the verified reply's body.
    virtual boost::asio::awaitable<CallResult<Answer<json::bj::value>>> call(
        const ServerAddress& server, const Caller& caller, const Call& call) = 0;
    /// The signed time alone: clock check, doctor.
    virtual boost::asio::awaitable<CallResult<Answer<licensing::Challenge>>> time(
        const ServerAddress& server, const Caller& caller) = 0;
};

/// `boot_now` reads the boot clock (platform/clock.h) for round trips.
std::unique_ptr<KeyServerClient> make_key_server_client(boost::asio::any_io_executor executor,
                                                        std::function<SinceBoot()> boot_now);

}  // namespace latchkey::net
