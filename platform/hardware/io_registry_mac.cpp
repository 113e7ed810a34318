#include "platform/hardware/io_registry_mac.h"

namespace latchkey::platform {

const IoKit* io_kit() {
    static IoKit kit{};
    static const bool complete = [] {
        void* const library = open_framework("IOKit");
        return find_symbol(library, "IOServiceMatching", kit.matching) &&
               find_symbol(library, "IOServiceGetMatchingServices", kit.services) &&
               find_symbol(library, "IOIteratorNext", kit.next) &&
               find_symbol(library, "IOObjectRelease", kit.release) &&
               find_symbol(library, "IOObjectGetClass", kit.class_of) &&
               find_symbol(library, "IORegistryEntryGetName", kit.name_of) &&
               find_symbol(library, "IORegistryEntryGetRegistryEntryID", kit.id_of) &&
               find_symbol(library, "IORegistryEntryGetParentEntry", kit.parent_of) &&
               find_symbol(library, "IORegistryEntryCreateCFProperties", kit.properties_of);
    }();
    return complete ? &kit : nullptr;
}

IoReading read_io_registry(std::initializer_list<const char*> classes) {
    const CoreFoundation* const cf = core_foundation();
    const IoKit* const kit = io_kit();
    if (cf == nullptr || kit == nullptr)
        return {hwid::Access::failed, "IOKit.framework cannot be opened", {}};
    return read_io_registry(*cf, *kit, classes);
}

}  // namespace latchkey::platform
