#pragma once

// What the agent holds of each publisher: the pinned root, the newest key set, and its own device
// key there. Kept in the store; made when first needed.

#include <list>
#include <map>
#include <optional>
#include <string>

#include "agent/store/store.h"
#include "base/result.h"
#include "licensing/crypto.h"
#include "licensing/manifest.h"
#include "licensing/trust.h"
#include "licensing/weights.h"

namespace latchkey::daemon {

class Trust {
public:
    /// `store` outlives it.
    explicit Trust(store::Store& store) : store_(store) {}

    std::optional<licensing::PinnedRoot> pinned_root(const std::string& publisher);

    /// The publisher of a manifest; its root is pinned now if it was not yet.
    Result<store::PublisherState> of(const licensing::Manifest& manifest);

    /// Our key towards this publisher; made, and durable, before it is first used. Valid as long as
    /// this object.
    Result<const licensing::SigningKey*> device_key(const licensing::Manifest& manifest);

    /// The key that a license names, for its attestation: where the state was moved here from
    /// another machine, a license from there still names that one's. Otherwise as device_key().
    Result<const licensing::SigningKey*> key_named(const licensing::Manifest& manifest,
                                                   const licensing::PublicKey& device);

    /// The store changed what it holds: reads it anew. Keys that were handed out stay valid.
    void forget();

    /// Keeps a newer root or key set; an older one changes nothing.
    Result<void> accept(const licensing::Trusted& trusted);

    /// The evidence table in force for this publisher's products: the one built in, or a newer one
    /// that its root signed.
    hwid::Weights weights(const std::string& publisher);
    /// Keeps a table, by the root in force and above the one in force; another one changes nothing
    /// (Code::signature_invalid).
    Result<void> take_weights(const std::string& publisher, const std::string& jws);

private:
    Result<std::optional<store::PublisherState>> load(const std::string& publisher);
    Result<void> save(const store::PublisherState& state);

    store::Store& store_;
    std::map<std::string, store::PublisherState> known_;
    std::map<std::string, hwid::Weights> weights_;
    std::map<std::string, licensing::SigningKey> keys_;
    std::map<std::string, licensing::SigningKey> former_keys_;
    std::list<std::map<std::string, licensing::SigningKey>> handed_out_;  ///< a call may use them
};

}  // namespace latchkey::daemon
