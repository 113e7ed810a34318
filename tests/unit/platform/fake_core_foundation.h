#pragma once

// CoreFoundation's objects, as far as platform/core_foundation_mac.h asks for them, made of values
// of the test's own.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "platform/core_foundation_mac.h"

namespace latchkey::platform {

struct FakeReal {};
struct FakeDate {};

struct FakeObject {
    using List = std::vector<FakeObject>;
    using Dictionary = std::map<std::string, FakeObject>;
    std::variant<std::string, std::int64_t, bool, std::vector<std::uint8_t>, List, Dictionary,
                 FakeReal, FakeDate>
        value;

    CfType get() const { return this; }
};

/// A string that is half a character, which no UTF-8 can say.
inline const char* const kFakeHalfCharacter = "\x01half";

}  // namespace latchkey::platform
