#include "platform/core_foundation_mac.h"

#include <dlfcn.h>

namespace latchkey::platform {

void* open_framework(const char* name) {
    const std::string path =
        std::string("/System/Library/Frameworks/") + name + ".framework/" + name;
    return ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
}

bool find_symbol(void* library, const char* name, void** address) {
    *address = library == nullptr ? nullptr : ::dlsym(library, name);
    return *address != nullptr;
}

const CoreFoundation* core_foundation() {
    static CoreFoundation cf{};
    static const bool complete = [] {
        void* const library = open_framework("CoreFoundation");
        return find_symbol(library, "CFRelease", cf.release) &&
               find_symbol(library, "CFRetain", cf.retain) &&
               find_symbol(library, "CFGetTypeID", cf.type_of) &&
               find_symbol(library, "CFStringGetTypeID", cf.string_type) &&
               find_symbol(library, "CFStringCreateWithBytes", cf.string_create) &&
               find_symbol(library, "CFStringGetLength", cf.string_length) &&
               find_symbol(library, "CFStringGetBytes", cf.string_bytes) &&
               find_symbol(library, "CFNumberGetTypeID", cf.number_type) &&
               find_symbol(library, "CFNumberIsFloatType", cf.number_is_float) &&
               find_symbol(library, "CFNumberGetValue", cf.number_value) &&
               find_symbol(library, "CFBooleanGetTypeID", cf.boolean_type) &&
               find_symbol(library, "CFBooleanGetValue", cf.boolean_value) &&
               find_symbol(library, "CFDataGetTypeID", cf.data_type) &&
               find_symbol(library, "CFDataCreate", cf.data_create) &&
               find_symbol(library, "CFDataGetLength", cf.data_length) &&
               find_symbol(library, "CFDataGetBytePtr", cf.data_bytes) &&
               find_symbol(library, "CFArrayGetTypeID", cf.array_type) &&
               find_symbol(library, "CFArrayCreate", cf.array_create) &&
               find_symbol(library, "kCFTypeArrayCallBacks", cf.array_callbacks) &&
               find_symbol(library, "CFArrayGetCount", cf.array_count) &&
               find_symbol(library, "CFArrayGetValueAtIndex", cf.array_at) &&
               find_symbol(library, "CFDictionaryGetTypeID", cf.dictionary_type) &&
               find_symbol(library, "CFDictionaryGetCount", cf.dictionary_count) &&
               find_symbol(library, "CFDictionaryGetValue", cf.dictionary_value) &&
               find_symbol(library, "CFDictionaryGetKeysAndValues", cf.dictionary_all) &&
               find_symbol(library, "CFPropertyListCreateWithData", cf.property_list) &&
               find_symbol(library, "CFDateCreate", cf.date_create) &&
               find_symbol(library, "CFErrorGetCode", cf.error_code);
    }();
    return complete ? &cf : nullptr;
}

}  // namespace latchkey::platform
