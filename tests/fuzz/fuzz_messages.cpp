#include <cstddef>
#include <cstdint>

#include "licensing/messages.h"
#include "licensing/redemption.h"
#include "licensing/weights.h"

// Every inner message's parser survives every JSON document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey;
    const auto value = json::parse_strict({reinterpret_cast<const char*>(data), size});
    if (!value) return 0;
    (void)licensing::activation_request_from_json(*value);
    (void)licensing::activation_reply_from_json(*value);
    (void)licensing::preview_reply_from_json(*value);
    (void)licensing::renew_request_from_json(*value);
    (void)licensing::release_reply_from_json(*value);
    (void)licensing::redeem_request_from_json(*value);
    (void)licensing::redeem_reply_from_json(*value);
    (void)licensing::cloud_entitlement_from_json(*value);
    (void)licensing::fingerprint_from_json(*value);
    (void)licensing::tpm_challenge_request_from_json(*value);
    (void)licensing::tpm_challenge_reply_from_json(*value);
    (void)licensing::tpm_proof_from_json(*value);
    (void)licensing::problem_from_json(*value);
    (void)licensing::weights_table_from_json(*value);
    return 0;
}
