#include "keyserver/decisions/case_file.h"

#include <algorithm>
#include <map>

#include "hwid/match.h"
#include "keyserver/decisions/multiplicity.h"
#include "keyserver/rules/lease_tree.h"
#include "licensing/product_key.h"

namespace latchkey::keyserver {
namespace {

Result<KeyRecord> find_key(Stores& stores, const Pepper& pepper, const Product& product,
                           std::string_view text) {
    const auto parsed =
        licensing::parse_expecting(text, licensing::KeyKind::product_key, product.key_group);
    if (!parsed) return fail(parsed.error());
    auto key = stores.keys.find_by_digest(pepper.of(*parsed));
    if (!key) return fail(std::move(key.error()));
    if (!*key) return fail(Code::key_unknown, "the key ending in " + parsed->last5());
    return std::move(**key);
}

Result<Entitlement> find_entitlement(Stores& stores, const KeyRecord& key) {
    auto entitlement = stores.entitlements.find(key.entitlement);
    if (!entitlement) return fail(std::move(entitlement.error()));
    if (!*entitlement) return fail(Code::state_corrupt, "key " + key.id + " has no entitlement");
    return std::move(**entitlement);
}

/// A record's zero-count activations in the window, but those an administrator has resolved.
Result<std::int64_t> zero_counts(Stores& stores, const MachineRecord& machine, const Policy& policy,
                                 ServerTime now) {
    ServerTime since = now - policy.zero_count_window;
    if (machine.resolved_at && *machine.resolved_at > since) since = *machine.resolved_at;
    const auto tally = stores.decisions.tally(machine.id, since);
    if (!tally) return fail(tally.error());
    return tally->zero_counts;
}

/// Do two machines renew the device key's license of that record in turns, and was none of its own
/// paid for yet?
Result<bool> is_disputed(Stores& stores, const std::string& machine, std::string_view device) {
    const auto licenses = stores.licenses.of(machine);
    if (!licenses) return fail(licenses.error());
    bool disputed = false;
    for (const auto& license : *licenses) {
        if (license.device_key != device || license.ended) continue;
        const auto leases = stores.licenses.leases(license.id, kMaxLeases);
        if (!leases) return fail(leases.error());
        if (forks(*leases).empty()) return false;
        disputed = true;
    }
    return disputed;
}

/// How a decision is to be made.
struct Rules {
    const Policy& policy;
    const hwid::Weights& weights;
};

Result<Candidate> compare(Stores& stores, const MachineRecord& machine, const CaseFile& file,
                          std::string_view device, const Rules& rules) {
    Candidate candidate;
    candidate.machine = machine.id;
    candidate.state = machine.state;
    candidate.created_at = machine.created_at;
    candidate.matching = hwid::match(machine.matching_baseline, file.seen, rules.weights);
    candidate.counting = hwid::match(machine.counting_baseline, file.seen, rules.weights);
    const auto holders = stores.holders.of(machine.id);
    if (!holders) return fail(holders.error());
    candidate.holder = std::any_of(holders->begin(), holders->end(), [&](const Holder& holder) {
        return holder.device_key == device;
    });
    if (candidate.holder) {
        const auto disputed = is_disputed(stores, machine.id, device);
        if (!disputed) return fail(disputed.error());
        candidate.disputed = *disputed;
    }
    const auto uncounted = zero_counts(stores, machine, rules.policy, file.now);
    if (!uncounted) return fail(uncounted.error());
    candidate.zero_counts = *uncounted;
    return candidate;
}

Result<void> gather_candidates(Stores& stores, CaseFile& file, std::string_view device,
                               const Rules& rules) {
    auto held = stores.holders.machines_of(file.key.id, device);
    if (!held) return fail(std::move(held.error()));
    const auto ids =
        candidate_ids(std::move(*held), search_digests(file.seen), [&](const hwid::Digest& digest) {
            return stores.machines.showing(file.key.id, digest, kCandidatesPerDigest + 1);
        });
    if (!ids) return fail(ids.error());
    for (const auto& id : *ids) {
        auto record = stores.machines.find(id);
        if (!record) return fail(std::move(record.error()));
        if (!*record) continue;
        auto candidate = compare(stores, **record, file, device, rules);
        if (!candidate) return fail(std::move(candidate.error()));
        file.records.push_back(std::move(**record));
        file.candidates.push_back(std::move(*candidate));
    }
    return {};
}

}  // namespace

Problem other_salt() {
    return {Code::request_invalid, "the fingerprint is under another salt",
            "Install the product's current manifest on this machine, then try again."};
}

Result<Product> find_product(Stores& stores, const std::string& id) {
    auto product = stores.products.find(id);
    if (!product) return fail(std::move(product.error()));
    if (!*product)
        return fail(Code::product_unknown, "the key server has no product \"" + id + "\"");
    return std::move(**product);
}

Result<Location> find_location(Stores& stores, const std::string& organization,
                               const std::string& id) {
    auto locations = all_locations(stores, organization);
    if (!locations) return fail(std::move(locations.error()));
    for (auto& location : *locations)
        if (location.organization == organization && location.id == id) return std::move(location);
    return fail(Problem{Code::record_unknown,
                        "\"" + id + "\" is not a registered location of \"" + organization + "\"",
                        "See 'latchkey-keyserver admin location list'."});
}

Result<std::vector<std::string>> candidate_ids(
    std::vector<std::string> known, const std::vector<hwid::Digest>& digests,
    const std::function<Result<std::vector<std::string>>(const hwid::Digest&)>& showing) {
    std::map<std::string, int> votes;
    for (const auto& digest : digests) {
        const auto shown = showing(digest);
        if (!shown) return fail(shown.error());
        if (static_cast<std::int64_t>(shown->size()) > kCandidatesPerDigest) continue;
        for (const auto& id : *shown) ++votes[id];
    }
    std::vector<std::pair<int, std::string>> ranked;
    for (const auto& [id, count] : votes)
        if (std::find(known.begin(), known.end(), id) == known.end())
            ranked.emplace_back(count, id);
    std::sort(ranked.rbegin(), ranked.rend());
    for (const auto& [count, id] : ranked) known.push_back(id);
    if (known.size() > kMaxCandidates) known.resize(kMaxCandidates);
    return known;
}

Result<licensing::Program> find_program(Stores& stores, std::string_view id) {
    if (const auto* preset = licensing::find_preset(id)) return *preset;
    auto own = stores.entitlements.own_programs();
    if (!own) return fail(std::move(own.error()));
    for (auto& program : *own)
        if (program.id == id) return std::move(program);
    return fail(Problem{Code::record_unknown, "there is no program \"" + std::string(id) + "\"",
                        "See 'latchkey-keyserver admin program list'."});
}

Result<std::vector<Location>> all_locations(Stores& stores, const std::string& organization) {
    std::vector<Location> all;
    Page page{kMaxPage, {}};
    for (;;) {
        auto listed = stores.organizations.locations(organization, page);
        if (!listed) return fail(std::move(listed.error()));
        std::move(listed->items.begin(), listed->items.end(), std::back_inserter(all));
        if (listed->next.empty()) return all;
        page.after = listed->next;
    }
}

Result<void> save_machine(Stores& stores, const MachineRecord& machine) {
    auto digests = search_digests(machine.matching_baseline);
    const auto counting = search_digests(machine.counting_baseline);
    digests.insert(digests.end(), counting.begin(), counting.end());
    return stores.machines.save(machine, digests);
}

Result<void> apply_returns(Stores& stores, KeyRecord& key, ServerTime now) {
    const auto due = stores.machines.take_returns(key.id, now);
    if (!due) return fail(due.error());
    if (*due == 0) return {};
    key.used = std::max<std::int64_t>(0, key.used - *due);
    return stores.keys.set_used(key.id, key.used);
}

Result<CaseFile> open_case(Stores& stores, const Pepper& pepper, const Policy& policy,
                           const hwid::Weights& weights, std::string_view salt_id,
                           licensing::ActivationRequest request, std::string_view device,
                           ServerTime now) {
    auto product = find_product(stores, request.product);
    if (!product) return fail(std::move(product.error()));
    if (!product->needs_activation) return fail(Code::activation_not_required, product->id);
    if (request.fingerprint.salt_id != salt_id) return fail(other_salt());
    auto key = find_key(stores, pepper, *product, request.product_key);
    if (!key) return fail(std::move(key.error()));
    if (auto returned = apply_returns(stores, *key, now); !returned)
        return fail(std::move(returned.error()));
    auto entitlement = find_entitlement(stores, *key);
    if (!entitlement) return fail(std::move(entitlement.error()));
    if (entitlement->product != product->id)
        return fail(Code::key_wrong_product, "the key ending in " + key->last5);
    auto program = find_program(stores, entitlement->program);
    if (!program) return fail(std::move(program.error()));
    auto locations = all_locations(stores, entitlement->organization);
    if (!locations) return fail(std::move(locations.error()));

    CaseFile file{.product = std::move(*product),
                  .program = std::move(*program),
                  .entitlement = std::move(*entitlement),
                  .key = std::move(*key),
                  .locations = std::move(*locations),
                  .request = std::move(request),
                  .seen = {},
                  .records = {},
                  .candidates = {},
                  .now = now};
    licensing::wipe(file.request.product_key);
    file.seen = pepper.of(file.request.fingerprint);
    if (auto counted = fill_multiplicities(stores, file.seen); !counted)
        return fail(std::move(counted.error()));
    if (auto gathered = gather_candidates(stores, file, device, {policy, weights}); !gathered)
        return fail(std::move(gathered.error()));
    return file;
}

}  // namespace latchkey::keyserver
