#pragma once

// Reads macOS' I/O registry: the entries of some classes with all that they hang on. IOKit is
// opened at run time, as CoreFoundation is; its functions stand in a table, so that the reading is
// tested on every system with a registry of the test's own. Internal to the macOS files of
// platform/. Blocks where a driver holds the registry; any thread.

#include <cstdint>
#include <initializer_list>
#include <string>

#include "platform/core_foundation_mac.h"
#include "platform/hardware/io_registry.h"

namespace latchkey::platform {

/// A name of the kernel's for one of its objects (io_object_t, a Mach port's); 0 is none.
using IoObject = std::uint32_t;

/// IOKitLib.h's functions under names of our own; the results are kern_return_t.
struct IoKit {
    CfType (*matching)(const char* class_name);  ///< IOServiceMatching
    int (*services)(std::uint32_t port, CfType matching,
                    IoObject* iterator);  ///< IOServiceGetMatchingServices; releases `matching`
    IoObject (*next)(IoObject iterator);  ///< IOIteratorNext
    int (*release)(IoObject);             ///< IOObjectRelease
    int (*class_of)(IoObject, char* name128);   ///< IOObjectGetClass
    int (*name_of)(IoObject, char* name128);    ///< IORegistryEntryGetName
    int (*id_of)(IoObject, std::uint64_t* id);  ///< IORegistryEntryGetRegistryEntryID
    int (*parent_of)(IoObject, const char* plane, IoObject* parent);  ///< …GetParentEntry
    int (*properties_of)(IoObject, CfType* properties, CfType allocator,
                         std::uint32_t options);  ///< IORegistryEntryCreateCFProperties
};

/// Opened once; nullptr where the system has not got all of it.
const IoKit* io_kit();

struct IoReading {
    hwid::Access access = hwid::Access::failed;  ///< of the listing; `read` with nothing in it, too
    std::string origin;                          ///< the call that failed, and its result
    IoForest forest;
};

/// At most kMostIoEntries entries and hwid::kMaxSourceBytes of texts and data.
IoReading read_io_registry(const CoreFoundation& cf, const IoKit& kit,
                           std::initializer_list<const char*> classes);
/// With the system's own.
IoReading read_io_registry(std::initializer_list<const char*> classes);

}  // namespace latchkey::platform
