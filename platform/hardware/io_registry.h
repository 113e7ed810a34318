#pragma once

// A copy of a part of macOS' I/O registry: entries with a few of their properties, each beneath the
// ones it hangs on, as `ioreg -a` prints them. Pure: filled by io_registry_mac.* and, in tests on
// every system, from property lists. Drivers of many makers wrote what is in it; whoever fills it
// keeps to the bounds below, and nothing is promised of types, lengths or encodings.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hwid/raw.h"

namespace latchkey::platform {

inline constexpr std::size_t kMostIoLevels = 64;       ///< entries beneath each other
inline constexpr std::size_t kMostIoEntries = 4096;    ///< of one source
inline constexpr std::size_t kMostIoMembers = 256;     ///< of one array or dictionary
inline constexpr std::size_t kMostIoNesting = 4;       ///< of dictionaries and arrays in a property
inline constexpr std::size_t kMostIoTextBytes = 4096;  ///< of one string

struct IoMember;

/// One property.
struct IoValue {
    using Array = std::vector<IoValue>;
    using Dictionary = std::vector<IoMember>;
    std::variant<std::monostate, bool, std::int64_t, std::string, hwid::RawBytes, Array, Dictionary>
        held;
};

struct IoMember {
    std::string name;
    IoValue value;
};

/// nullptr where `value` is no dictionary or has none of that name.
const IoValue* member(const IoValue& value, std::string_view name);
/// A string; or, as device trees and PCI have it, bytes up to the first NUL. Else empty.
std::string text_of(const IoValue* value);
/// A number; or at most four bytes, little-endian. Negative numbers are none.
std::optional<std::uint64_t> number_of(const IoValue* value);
bool is_true(const IoValue* value);
/// Data and nothing else.
const hwid::RawBytes* bytes_of(const IoValue* value);

struct IoEntry {
    std::uint64_t id = 0;  ///< the kernel's own, IORegistryEntryID
    std::string name;
    std::string class_name;
    IoValue::Dictionary properties;  ///< those that is_wanted_property() names
    std::vector<IoEntry> children;

    /// nullptr where there is none.
    const IoValue* property(std::string_view wanted) const;
};
using IoForest = std::vector<IoEntry>;

/// Names the properties that io_machine.h understands; an entry has hundreds of others.
bool is_wanted_property(std::string_view name);

/// Puts in an entry with all that it hangs on, outermost first; what is there already (by its id)
/// is kept. A chain of more than kMostIoLevels is left out.
void add_chain(IoForest& forest, std::vector<IoEntry> chain);

/// An entry, last, behind all that it hangs on.
using IoPath = std::span<const IoEntry* const>;
/// Something in it comes and goes with Thunderbolt's cable.
bool is_tunnelled(IoPath path);
/// Every entry in the order of the registry; not beyond kMostIoLevels and kMostIoEntries.
void walk(const IoForest& forest, const std::function<void(IoPath)>& visit);

}  // namespace latchkey::platform
