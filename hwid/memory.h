#pragma once

// Memory modules (SMBIOS type 17) and the amount of memory.

#include <optional>
#include <vector>

#include "hwid/component.h"
#include "hwid/raw.h"

namespace latchkey::hwid {

struct SmbiosStructure;

/// One component a populated slot: value is the serial number as firmware gives it, attributes
/// size_mb and part, slot the locator.
std::vector<Component> memory_modules(const std::vector<SmbiosStructure>& structures);

/// The sum of the modules' sizes where there are any, otherwise MemTotal of `meminfo`, otherwise
/// `bytes`; nullopt where none says.
std::optional<Component> memory_total(const std::vector<Component>& components,
                                      const RawText& meminfo,
                                      const Source<std::uint64_t>& bytes = {});

}  // namespace latchkey::hwid
