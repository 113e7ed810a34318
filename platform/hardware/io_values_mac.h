#pragma once

// CoreFoundation's objects as values of io_registry.h, within its bounds. Internal to the macOS
// files of platform/; tested on every system.

#include "platform/core_foundation_mac.h"
#include "platform/hardware/io_registry.h"

namespace latchkey::platform {

/// How much of texts and data one reading may still take in.
struct IoBudget {
    std::size_t bytes = hwid::kMaxSourceBytes;
    /// False where there is not so much left; what was asked for is then left out.
    bool take(std::size_t wanted);
};

/// What is neither text, number, truth, data, array nor dictionary, or out of bounds, is a value
/// that says nothing.
IoValue io_value(const CoreFoundation& cf, CfType object, IoBudget& budget);

/// The members that is_wanted_property() names. Empty for what is no dictionary.
IoValue::Dictionary wanted_properties(const CoreFoundation& cf, CfType dictionary,
                                      IoBudget& budget);

}  // namespace latchkey::platform
