#include "tests/unit/platform/fake_core_foundation.h"

#include <algorithm>
#include <memory>

namespace latchkey::platform {
namespace {

const FakeObject& object(CfType fake) { return *static_cast<const FakeObject*>(fake); }

template <class T>
const T& held(CfType fake) {
    return std::get<T>(object(fake).value);
}

/// Types are the variant's indices; a real is a number, too.
CfTypeId type_of(CfType fake) {
    const auto index = object(fake).value.index();
    return index == 6 ? 1 : index;
}

template <CfTypeId id>
CfTypeId type() {
    return id;
}

CfType string_create(CfType, const std::uint8_t* bytes, CfIndex size, std::uint32_t,
                     unsigned char) {
    return new FakeObject{std::string(bytes, bytes + size)};
}

CfIndex string_length(CfType fake) { return static_cast<CfIndex>(held<std::string>(fake).size()); }

CfIndex string_bytes(CfType fake, CfRange range, std::uint32_t, std::uint8_t, unsigned char,
                     std::uint8_t* out, CfIndex, CfIndex* used) {
    const auto& text = held<std::string>(fake);
    if (text == kFakeHalfCharacter) return 0;
    if (out != nullptr) std::copy(text.begin(), text.end(), out);
    *used = range.length;
    return range.length;
}

unsigned char number_value(CfType fake, CfIndex, void* out) {
    *static_cast<std::int64_t*>(out) = held<std::int64_t>(fake);
    return 1;
}

CfType dictionary_value(CfType fake, CfType key) {
    const auto& all = held<FakeObject::Dictionary>(fake);
    const auto found = all.find(held<std::string>(key));
    return found == all.end() ? nullptr : found->second.get();
}

/// Keys are objects as well, and the dictionary would own them.
CfType key_object(const std::string& key) {
    static std::map<std::string, std::unique_ptr<FakeObject>> keys;
    auto& made = keys[key];
    if (!made) made = std::make_unique<FakeObject>(FakeObject{key});
    return made.get();
}

/// Backwards, since a dictionary's order is nobody's.
void dictionary_all(CfType fake, CfType* keys, CfType* values) {
    const auto& all = held<FakeObject::Dictionary>(fake);
    for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
        *keys++ = key_object(entry->first);
        *values++ = entry->second.get();
    }
}

}  // namespace

const CoreFoundation* core_foundation() {
    static const CoreFoundation fake = [] {
        CoreFoundation cf{};
        cf.release = [](CfType made) { delete static_cast<const FakeObject*>(made); };
        cf.type_of = type_of;
        cf.string_type = type<0>;
        cf.string_create = string_create;
        cf.string_length = string_length;
        cf.string_bytes = string_bytes;
        cf.number_type = type<1>;
        cf.number_is_float = [](CfType number) -> unsigned char {
            return object(number).value.index() == 6;
        };
        cf.number_value = number_value;
        cf.boolean_type = type<2>;
        cf.boolean_value = [](CfType flag) -> unsigned char { return held<bool>(flag); };
        cf.data_type = type<3>;
        cf.data_length = [](CfType data) {
            return static_cast<CfIndex>(held<std::vector<std::uint8_t>>(data).size());
        };
        cf.array_type = type<4>;
        cf.array_count = [](CfType list) {
            return static_cast<CfIndex>(held<FakeObject::List>(list).size());
        };
        cf.array_at = [](CfType list, CfIndex i) {
            return held<FakeObject::List>(list)[static_cast<std::size_t>(i)].get();
        };
        cf.dictionary_type = type<5>;
        cf.dictionary_count = [](CfType all) {
            return static_cast<CfIndex>(held<FakeObject::Dictionary>(all).size());
        };
        cf.dictionary_value = dictionary_value;
        cf.dictionary_all = dictionary_all;
        return cf;
    }();
    return &fake;
}

}  // namespace latchkey::platform
