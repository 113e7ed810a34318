#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "licensing/product_key.h"

// What parses has one canonical spelling, and that parses to the same key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using latchkey::licensing::ProductKey;
    const auto key = ProductKey::parse({reinterpret_cast<const char*>(data), size});
    if (!key) return 0;
    const auto again = ProductKey::parse(key->text());
    if (!again || !(*again == *key)) std::abort();
    return 0;
}
