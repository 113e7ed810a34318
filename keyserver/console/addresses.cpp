#include "keyserver/console/addresses.h"

#include <algorithm>
#include <array>

namespace latchkey::keyserver::console {
namespace {

struct Address {
    std::string_view shape;   ///< "*" stands for an id
    std::string_view fields;  ///< one after the other, each with a blank after it
};

constexpr std::array kAddresses{Address{"/", "after "},
                                Address{"/sign-in", "next "},
                                Address{"/sign-out", ""},
                                Address{"/style.css", ""},
                                Address{"/icon.svg", ""},
                                Address{"/machines", "after id key "},
                                Address{"/machines/*", "after "},
                                Address{"/machines/*/release", ""},
                                Address{"/machines/*/resolve", ""},
                                Address{"/entitlements/*", "after "},
                                Address{"/receipts", "after key kind machine "},
                                Address{"/receipts/*", ""},
                                Address{"/clones", "after "}};

std::string shape_of(const std::vector<std::string>& path) {
    std::string shape;
    for (std::size_t i = 0; i < path.size(); ++i) shape += "/" + (i == 1 ? "*" : path[i]);
    return shape.empty() ? "/" : shape;
}

const Address* find_address(const std::vector<std::string>& path) {
    const std::string shape = shape_of(path);
    for (const auto& address : kAddresses)
        if (address.shape == shape) return &address;
    return nullptr;
}

/// Suspected clones go on after a license, every other list after a number, which the store reads.
bool goes_on(const Address& address, const std::string& after) {
    return address.shape != "/clones" || after.empty() || after.starts_with("lic_");
}

}  // namespace

std::optional<std::string> odd_field(const Target& target) {
    const auto* address = find_address(target.path);
    if (!address) return std::nullopt;
    for (const auto& [name, value] : target.query) {
        const bool known =
            !name.empty() && name.find(' ') == name.npos &&
            (" " + std::string(address->fields)).find(" " + name + " ") != std::string::npos;
        if (!known || (name == "after" && !goes_on(*address, value))) return name;
    }
    return std::nullopt;
}

std::string route_name(std::string_view path) {
    const auto target = parse_target(path);
    const auto* address = target ? find_address(target->path) : nullptr;
    if (!address) return "console:other";
    std::string name(address->shape);
    if (const auto star = name.find('*'); star != name.npos) name.replace(star, 1, "{id}");
    return "console:" + name;
}

}  // namespace latchkey::keyserver::console
