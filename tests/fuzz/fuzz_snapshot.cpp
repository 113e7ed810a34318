#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hwid/match.h"
#include "hwid/snapshot.h"

// A snapshot that is accepted can be fingerprinted and compared with itself, and never comes out as
// another machine.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::hwid;
    const auto snapshot = parse_snapshot({reinterpret_cast<const char*>(data), size});
    if (!snapshot) return 0;
    const auto print = fingerprint(*snapshot, plain_digest, "");
    const auto result = match(print, print, default_weights());
    if (result.verdict == Verdict::different || result.changed_any) std::abort();
    return 0;
}
