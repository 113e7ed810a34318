#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "agent/daemon/config.h"
#include "agent/daemon/managed.h"
#include "platform/settings/registry_value.h"

namespace {

using latchkey::platform::PolicyValue;

/// What is left of the input, taken piece by piece.
struct Input {
    const std::uint8_t* data;
    std::size_t size;

    std::uint8_t byte() {
        if (size == 0) return 0;
        --size;
        return *data++;
    }
    /// A length, then as many bytes.
    std::span<const std::uint8_t> bytes() {
        const std::size_t wanted = byte() | (std::size_t{byte()} << 8);
        const std::size_t length = wanted < size ? wanted : size;
        const std::span<const std::uint8_t> taken(data, length);
        data += length;
        size -= length;
        return taken;
    }
};

/// One of the real names, where the input does not bring its own.
std::vector<std::string> path_of(Input& input) {
    const auto& rules = latchkey::daemon::setting_rules();
    const auto choice = input.byte();
    const auto text = input.bytes();
    const std::string own(text.begin(), text.end());
    if (choice >= rules.size()) return {"agent", own};
    const auto name = rules[choice].name;
    std::vector<std::string> path{std::string(name.substr(0, name.find('.'))),
                                  std::string(name.substr(name.rfind('.') + 1))};
    if (rules[choice].of_many()) path.push_back(own);
    return path;
}

}  // namespace

// Whatever stands in the registry, it is taken with every bound of a file's values, or refused with
// where it stands; and no control character comes through.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input{data, size};
    std::vector<PolicyValue> values;
    while (input.size > 0) {
        auto path = path_of(input);
        const auto type = input.byte();
        values.push_back(
            {std::move(path), latchkey::platform::registry_value(type, input.bytes()), "PLACE"});
    }
    const auto config = latchkey::daemon::parse_config({}, values);
    const auto has_control = [](const std::string& text) {
        for (const char c : text)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
        return false;
    };
    if (!config) {
        if (config.error().detail.find("PLACE") == std::string::npos) std::abort();
        if (has_control(config.error().detail)) std::abort();
        return 0;
    }
    if (config->activations.size() > latchkey::daemon::kMaxActivations) std::abort();
    for (const auto& setting : config->settings)
        if (has_control(setting.value)) std::abort();
    return 0;
}
