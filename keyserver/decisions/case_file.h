#pragma once

// Everything one decision looks at, gathered from the store: who entitles, which key, which records
// of the key may be the machine that asks, and how alike they are.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "keyserver/keys/pepper.h"
#include "keyserver/rules/rules.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

struct CaseFile {
    Product product;
    licensing::Program program;
    Entitlement entitlement;
    KeyRecord key;
    std::vector<Location> locations;
    licensing::ActivationRequest request;
    hwid::Fingerprint seen;  ///< the request's evidence, peppered, multiplicities filled in
    std::vector<MachineRecord> records;
    std::vector<Candidate> candidates;  ///< one a record, same order
    ServerTime now;
    TpmWord tpm = {};

    Facts facts() const {
        return {product, program, entitlement, key, locations, request, candidates, now, tpm};
    }
};

/// Fails with Code::product_unknown, activation_not_required, key_malformed, token_not_key,
/// key_wrong_product, key_unknown, or request_invalid for a foreign salt; `device` is the asking
/// device key.
Result<CaseFile> open_case(Stores& stores, const Pepper& pepper, const Policy& policy,
                           const hwid::Weights& weights, std::string_view salt_id,
                           licensing::ActivationRequest request, std::string_view device,
                           ServerTime now);

/// What is answered to a fingerprint under another salt than the publisher's.
Problem other_salt();

/// Fails with Code::product_unknown.
Result<Product> find_product(Stores& stores, const std::string& id);

/// A registered location of the organization. Fails with Code::record_unknown.
Result<Location> find_location(Stores& stores, const std::string& organization,
                               const std::string& id);

/// The candidates of a comparison: `known` ones (the asking device key's), then those sharing the
/// most digests. `showing` is asked for one more than kCandidatesPerDigest: what so many show says
/// nothing. Bounded, whatever the size of the estate.
Result<std::vector<std::string>> candidate_ids(
    std::vector<std::string> known, const std::vector<hwid::Digest>& digests,
    const std::function<Result<std::vector<std::string>>(const hwid::Digest&)>& showing);

/// A preset or one of the publisher's own.
Result<licensing::Program> find_program(Stores& stores, std::string_view id);

/// Every location of the organization.
Result<std::vector<Location>> all_locations(Stores& stores, const std::string& organization);

/// Gives the key back what returnable licenses owe it by now.
Result<void> apply_returns(Stores& stores, KeyRecord& key, ServerTime now);

/// Saves the record and indexes both its baselines.
Result<void> save_machine(Stores& stores, const MachineRecord& machine);

}  // namespace latchkey::keyserver
