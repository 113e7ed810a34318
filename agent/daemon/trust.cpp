#include "agent/daemon/trust.h"

namespace latchkey::daemon {

Result<std::optional<store::PublisherState>> Trust::load(const std::string& publisher) {
    if (const auto known = known_.find(publisher); known != known_.end()) return known->second;
    auto stored = store_.publisher(publisher);
    if (stored && *stored) known_[publisher] = **stored;
    return stored;
}

Result<void> Trust::save(const store::PublisherState& state) {
    auto saved = store_.save_publisher(state);
    if (saved) known_[state.root.publisher] = state;
    return saved;
}

std::optional<licensing::PinnedRoot> Trust::pinned_root(const std::string& publisher) {
    const auto state = load(publisher);
    if (!state || !*state) return std::nullopt;
    return (*state)->root;
}

Result<store::PublisherState> Trust::of(const licensing::Manifest& manifest) {
    auto state = load(manifest.publisher);
    if (!state) return fail(std::move(state.error()));
    if (*state) return std::move(**state);
    store::PublisherState fresh;
    fresh.root = manifest.pinned_root();
    if (auto saved = save(fresh); !saved) return fail(std::move(saved.error()));
    return fresh;
}

Result<const licensing::SigningKey*> Trust::device_key(const licensing::Manifest& manifest) {
    if (const auto known = keys_.find(manifest.publisher); known != keys_.end())
        return &known->second;
    auto state = of(manifest);
    if (!state) return fail(std::move(state.error()));
    auto key = licensing::SigningKey::from_seed(state->device_seed);
    if (!key) {
        key = licensing::SigningKey::generate();
        state->device_seed = key->seed();
        if (auto saved = save(*state); !saved) return fail(std::move(saved.error()));
    }
    return &keys_.emplace(manifest.publisher, std::move(*key)).first->second;
}

Result<const licensing::SigningKey*> Trust::key_named(const licensing::Manifest& manifest,
                                                      const licensing::PublicKey& device) {
    auto current = device_key(manifest);
    if (current && (*current)->public_key() == device) return current;
    const auto state = load(manifest.publisher);
    if (!state || !*state) return current;
    auto former = licensing::SigningKey::from_seed((*state)->former_seed);
    if (!former || former->public_key() != device) return current;
    return &former_keys_.insert_or_assign(manifest.publisher, std::move(*former)).first->second;
}

void Trust::forget() {
    known_.clear();
    weights_.clear();
    former_keys_.clear();
    handed_out_.push_back(std::move(keys_));
    keys_.clear();
}

Result<void> Trust::accept(const licensing::Trusted& trusted) {
    auto state = load(trusted.root.publisher);
    if (!state) return fail(std::move(state.error()));
    if (!*state) return fail(Code::internal, "a key set of a publisher nobody asked");
    auto& held = **state;
    // Another call may have brought a newer one while this call's was on its way.
    if (trusted.root.version < held.root.version || trusted.key_set->version < held.key_set_version)
        return {};
    // A chain only grows; a shorter one was cut off on its way.
    const bool longer = trusted.root_chain.size() > held.root_chain.size();
    const bool same =
        held.root.version == trusted.root.version && held.key_set_jws == trusted.key_set.jws();
    if (same && !longer) return {};
    if (longer) held.root_chain = trusted.root_chain;
    held.root = trusted.root;
    held.key_set_jws = trusted.key_set.jws();
    held.key_set_version = trusted.key_set->version;
    return save(held);
}

hwid::Weights Trust::weights(const std::string& publisher) {
    if (const auto known = weights_.find(publisher); known != weights_.end()) return known->second;
    const auto state = load(publisher);
    if (!state) return hwid::default_weights();
    hwid::Weights table = hwid::default_weights();
    if (*state && !(*state)->weights.empty()) {
        // A program that was updated may bring a newer one than was fetched.
        const auto value = json::parse_strict((*state)->weights);
        const auto stored = value ? licensing::weights_table_from_json(*value)
                                  : Result<licensing::WeightsTable>(fail(value.error()));
        if (stored && stored->weights.version > table.version) table = stored->weights;
    }
    return weights_.insert_or_assign(publisher, table).first->second;
}

Result<void> Trust::take_weights(const std::string& publisher, const std::string& jws) {
    auto state = load(publisher);
    if (!state) return fail(std::move(state.error()));
    if (!*state) return fail(Code::internal, "an evidence table of a publisher nobody asked");
    const auto table = licensing::verify_weights(jws, (*state)->root);
    if (!table) return fail(table.error());
    if (auto newer = licensing::check_replaces(*table, weights(publisher)); !newer) return newer;
    (*state)->weights = json::to_text(licensing::to_json(**table));
    auto saved = save(**state);
    if (saved) weights_.insert_or_assign(publisher, (*table)->weights);
    return saved;
}

}  // namespace latchkey::daemon
