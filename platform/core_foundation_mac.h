#pragma once

// CoreFoundation's few functions that reading the system needs, opened at run time: whoever builds
// for macOS elsewhere has no framework headers and nothing to link with. Names and constants are
// CoreFoundation's own. Nothing here is a system's, so what understands its objects is tested on
// every system, with objects of the test's own. Internal to the macOS files of platform/.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::platform {

/// Any object of CoreFoundation (CFTypeRef).
using CfType = const void*;
using CfIndex = long;
using CfTypeId = unsigned long;

struct CfRange {
    CfIndex location = 0;
    CfIndex length = 0;
};

constexpr std::uint32_t kCfUtf8 = 0x08000100;  ///< kCFStringEncodingUTF8
constexpr CfIndex kCfSInt64 = 4;               ///< kCFNumberSInt64Type

/// The library of /System/Library/Frameworks/NAME.framework, opened for good; nullptr where there
/// is none.
void* open_framework(const char* name);

/// The address of a library's function or datum; false where it has none of that name.
bool find_symbol(void* library, const char* name, void** address);
template <class T>
bool find_symbol(void* library, const char* name, T*& address) {
    void* found = nullptr;
    const bool is_there = find_symbol(library, name, &found);
    address = reinterpret_cast<T*>(found);
    return is_there;
}

struct CoreFoundation {
    void (*release)(CfType);
    CfType (*retain)(CfType);
    CfTypeId (*type_of)(CfType);

    CfTypeId (*string_type)();
    CfType (*string_create)(CfType allocator, const std::uint8_t* bytes, CfIndex size,
                            std::uint32_t encoding, unsigned char external);
    CfIndex (*string_length)(CfType);
    CfIndex (*string_bytes)(CfType, CfRange, std::uint32_t encoding, std::uint8_t loss,
                            unsigned char external, std::uint8_t* out, CfIndex size, CfIndex* used);

    CfTypeId (*number_type)();
    unsigned char (*number_is_float)(CfType);
    unsigned char (*number_value)(CfType, CfIndex type, void* out);
    CfTypeId (*boolean_type)();
    unsigned char (*boolean_value)(CfType);

    CfTypeId (*data_type)();
    CfType (*data_create)(CfType allocator, const std::uint8_t* bytes, CfIndex size);
    CfIndex (*data_length)(CfType);
    const std::uint8_t* (*data_bytes)(CfType);

    CfTypeId (*array_type)();
    CfType (*array_create)(CfType allocator, const CfType* values, CfIndex count,
                           const void* callbacks);
    const void* array_callbacks;  ///< kCFTypeArrayCallBacks
    CfIndex (*array_count)(CfType);
    CfType (*array_at)(CfType, CfIndex);

    CfTypeId (*dictionary_type)();
    CfIndex (*dictionary_count)(CfType);
    CfType (*dictionary_value)(CfType, CfType key);
    void (*dictionary_all)(CfType, CfType* keys, CfType* values);

    CfType (*property_list)(CfType allocator, CfType data, unsigned long options, CfIndex* format,
                            CfType* error);
    CfType (*date_create)(CfType allocator, double seconds_since_2001);
    CfIndex (*error_code)(CfType);
};

/// Opened once; nullptr where the system has not got all of it. Any thread.
const CoreFoundation* core_foundation();

/// Owns one reference. Only where core_foundation() is there can any exist.
class CfRef {
public:
    CfRef() = default;
    explicit CfRef(CfType created) : object_(created) {}
    CfRef(CfRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    CfRef& operator=(CfRef&& other) noexcept {
        if (this != &other) {
            reset();
            object_ = std::exchange(other.object_, nullptr);
        }
        return *this;
    }
    ~CfRef() { reset(); }

    CfType get() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    /// Where a function writes an object that the caller is to release.
    CfType* fill() {
        reset();
        return &object_;
    }
    void reset() {
        if (object_ != nullptr) core_foundation()->release(std::exchange(object_, nullptr));
    }

private:
    CfType object_ = nullptr;
};

/// Empty where memory is short or `text` is no UTF-8.
CfRef cf_string(const CoreFoundation& cf, std::string_view text);
CfRef cf_data(const CoreFoundation& cf, std::span<const std::uint8_t> bytes);

/// UTF-8; empty for what is no string, or half a character.
std::string cf_text(const CoreFoundation& cf, CfType string);
/// The value of a dictionary's key, owned by the dictionary; nullptr where there is none.
CfType cf_value(const CoreFoundation& cf, CfType dictionary, std::string_view key);

}  // namespace latchkey::platform
