#pragma once

// What the key server decides, as pure functions of facts: no store, no clock, no network. The
// same function answers previews and activations, so that a preview tells the truth
// (docs/keyserver.md, Decisions).

#include <optional>
#include <string>
#include <vector>

#include "hwid/match.h"
#include "keyserver/policy.h"
#include "keyserver/store/records.h"
#include "licensing/messages.h"
#include "licensing/program.h"
#include "licensing/receipt.h"

namespace latchkey::keyserver {

/// One record of the key, compared with the machine that asks.
struct Candidate {
    std::string machine;
    MachineState state = MachineState::active;
    ServerTime created_at;
    hwid::MatchResult matching;    ///< against the matching baseline
    hwid::MatchResult counting;    ///< against the counting baseline
    bool holder = false;           ///< the asking device key has held this record
    bool disputed = false;         ///< two machines renew this device key's license in turns
    std::int64_t zero_counts = 0;  ///< in the policy's window, resting on digests alone
};

/// What the request's TPM proof came to.
struct TpmWord {
    bool proven = false;  ///< the TPM whose key is the request's evidence answered for it
    std::string remark;   ///< for the receipt: why one that was meant is none; may be empty
};

/// Everything a decision may look at.
struct Facts {
    const Product& product;
    const licensing::Program& program;
    const Entitlement& entitlement;
    const KeyRecord& key;
    const std::vector<Location>& locations;  ///< of the entitlement's organization
    const licensing::ActivationRequest& request;
    const std::vector<Candidate>& candidates;
    ServerTime now;
    TpmWord tpm = {};
};

struct Decision {
    std::optional<Problem> refusal;        ///< set: nothing is spent
    std::optional<std::size_t> candidate;  ///< which record this machine is; none: a new one
    hwid::Verdict verdict = hwid::Verdict::insufficient;
    bool significant = true;
    bool changed_any = true;
    std::int32_t score = 0;
    licensing::Continuity continuity = licensing::Continuity::none;
    int counted = 1;  ///< what it uses, or would use
    std::vector<std::string> reasons;
};

/// Facts in, decision out. Count and reasons are filled in also where it is refused.
Decision decide(const Facts& facts, const Policy& policy);

/// Who may use it: rules K4-K7, E1, E3-E6 as far as they hold whatever the machine is. First
/// refusal wins.
std::optional<Problem> refuse_use(const Facts& facts);

/// Who says where it stands, held against what is entitled.
struct Claim {
    const licensing::Program& program;
    const Entitlement& entitlement;
    const std::vector<Location>& locations;  ///< of the entitlement's organization
    const std::string& organization;
    const std::string& location;
    const std::string& country;
    std::string_view what;  ///< what was issued: "key", "token"
};

/// Rules E1, E3 and E6, the same for keys and tokens.
std::optional<Problem> refuse_sharing(const Claim& claim);

/// May a lease go on? A renewal never counts; what would have to be counted must be activated.
struct RenewalFacts {
    const KeyRecord& key;
    const MachineRecord& machine;
    const LicenseRecord& license;
    const hwid::MatchResult& match;  ///< against the matching baseline
    bool product_matches = true;
};
std::optional<Problem> refuse_renewal(const RenewalFacts& facts);

/// The verdict with the device key's word added: a holder whose hardware shows too little, but
/// nothing that contradicts, is the same machine (docs/identity.md: the device key stands where the
/// TPM does).
hwid::Verdict verdict_with_proof(const hwid::MatchResult& match, bool holder);

/// Does an ended license give its activation back?
bool gives_back(const licensing::Program& program, const LicenseRecord& license,
                std::int64_t returns_in_window, const Policy& policy);

}  // namespace latchkey::keyserver
