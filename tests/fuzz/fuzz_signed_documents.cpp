#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "licensing/envelope.h"
#include "licensing/manifest.h"
#include "licensing/seal.h"
#include "licensing/weights.h"

// Nobody can make a document without the key: nothing a fuzzer writes is ever accepted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::licensing;
    static const SigningKey key = SigningKey::generate();
    static const SealKey seal_key = SealKey::generate();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (open_jws(text, typ::kLicense, key.public_key())) std::abort();
    if (unseal(text, seal_key)) std::abort();
    const PinnedRoot pinned{"fuzz", 1, key.public_key()};
    if (verify_manifest(text, &pinned)) std::abort();
    if (verify_weights(text, pinned)) std::abort();
    (void)claimed_key_id(text);
    (void)parse_trust_bundle(text);
    (void)parse_sealed_body(text);
    return 0;
}
