#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "licensing/tpm_credential.h"

// What a stranger calls a TPM's keys and quotes: every byte string is read or refused, and no key
// that is read makes OpenSSL give up on us.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::licensing;
    const std::span<const std::uint8_t> bytes(data, size);
    (void)parse_tpm_quote(bytes);
    if (const auto key = parse_endorsement_key(bytes))
        (void)make_tpm_credential(*key, tpm_name(bytes), sha256(bytes));
    if (const auto key = parse_attestation_key(bytes))
        if (verify_tpm_signature(*key, bytes, latchkey::Bytes(kTpmSignatureBytes))) std::abort();
    return 0;
}
