#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/strict_json.h"

// What the strict reader accepts, it accepts again after writing it out, with the same meaning.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::json;
    const auto value = parse_strict({reinterpret_cast<const char*>(data), size});
    if (!value) return 0;
    const auto again = parse_strict(to_text(*value));
    if (!again || *again != *value) std::abort();
    return 0;
}
