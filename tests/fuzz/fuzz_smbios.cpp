#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hwid/assemble.h"
#include "hwid/snapshot.h"

// Whatever firmware says, the snapshot stays within its limits and reads back as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey;
    hwid::RawHardware raw;
    raw.os = "linux";
    raw.smbios_table = {hwid::Access::read, hwid::RawBytes(data, data + size), "fuzz"};
    const auto snapshot = hwid::assemble(raw, WallTime{});
    if (snapshot.components.size() > hwid::kMaxComponents) std::abort();
    for (const auto& component : snapshot.components)
        if (component.value.size() > hwid::kMaxValueBytes) std::abort();
    const auto again = hwid::snapshot_from_json(hwid::to_json(snapshot));
    if (!again || again->components != snapshot.components) std::abort();
    return 0;
}
