#include "platform/hardware/io_registry.h"

#include <algorithm>
#include <array>

namespace latchkey::platform {
namespace {

const IoValue* find(const IoValue::Dictionary& dictionary, std::string_view name) {
    const auto found = std::find_if(dictionary.begin(), dictionary.end(),
                                    [name](const IoMember& m) { return m.name == name; });
    return found == dictionary.end() ? nullptr : &found->value;
}

template <class T>
const T* held(const IoValue* value) {
    return value == nullptr ? nullptr : std::get_if<T>(&value->held);
}

constexpr auto kWanted = std::to_array<std::string_view>({
    "BSD Name",
    "Device Characteristics",
    "DeviceName",
    "Ejectable",
    "IOInterfaceType",
    "IOMACAddress",
    "IOPCITunnelled",
    "IOPlatformSerialNumber",
    "IOPlatformUUID",
    "Manufacturer",
    "MetalPluginName",
    "Model Number",
    "Physical Interconnect",
    "Physical Interconnect Location",
    "Protocol Characteristics",
    "Removable",
    "SMBIOS",
    "SMBIOS-EPS",
    "Serial Number",
    "Size",
    "Whole",
    "board-id",
    "class-code",
    "device-id",
    "gpu-core-count",
    "idProduct",
    "idVendor",
    "manufacturer",
    "mlb-serial-number",
    "model",
    "model-number",
    "pcidebug",
    "region-info",
    "subsystem-id",
    "subsystem-vendor-id",
    "target-type",
    "vendor-id",
});
static_assert(std::is_sorted(kWanted.begin(), kWanted.end()));

class Walk {
public:
    explicit Walk(const std::function<void(IoPath)>& visit) : visit_(visit) {}

    void all(const IoForest& entries) {
        for (const auto& entry : entries) {
            if (path_.size() == kMostIoLevels || seen_ == kMostIoEntries) return;
            ++seen_;
            path_.push_back(&entry);
            visit_(path_);
            all(entry.children);
            path_.pop_back();
        }
    }

private:
    const std::function<void(IoPath)>& visit_;
    std::vector<const IoEntry*> path_;
    std::size_t seen_ = 0;
};

}  // namespace

const IoValue* member(const IoValue& value, std::string_view name) {
    const auto* dictionary = held<IoValue::Dictionary>(&value);
    return dictionary == nullptr ? nullptr : find(*dictionary, name);
}

std::string text_of(const IoValue* value) {
    if (const auto* text = held<std::string>(value)) return *text;
    const auto* bytes = held<hwid::RawBytes>(value);
    if (bytes == nullptr) return {};
    const auto end = std::find(bytes->begin(), bytes->end(), 0);
    const auto size =
        std::min<std::size_t>(static_cast<std::size_t>(end - bytes->begin()), kMostIoTextBytes);
    return {reinterpret_cast<const char*>(bytes->data()), size};
}

std::optional<std::uint64_t> number_of(const IoValue* value) {
    if (const auto* number = held<std::int64_t>(value))
        return *number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*number));
    const auto* bytes = held<hwid::RawBytes>(value);
    if (bytes == nullptr || bytes->empty() || bytes->size() > sizeof(std::uint32_t))
        return std::nullopt;
    std::uint64_t number = 0;
    for (auto byte = bytes->rbegin(); byte != bytes->rend(); ++byte) number = number << 8 | *byte;
    return number;
}

bool is_true(const IoValue* value) {
    const auto* truth = held<bool>(value);
    return truth != nullptr && *truth;
}

const hwid::RawBytes* bytes_of(const IoValue* value) { return held<hwid::RawBytes>(value); }

const IoValue* IoEntry::property(std::string_view wanted) const { return find(properties, wanted); }

bool is_wanted_property(std::string_view name) {
    return std::binary_search(kWanted.begin(), kWanted.end(), name);
}

void add_chain(IoForest& forest, std::vector<IoEntry> chain) {
    if (chain.size() > kMostIoLevels) return;
    IoForest* level = &forest;
    for (auto& entry : chain) {
        const auto known = std::find_if(level->begin(), level->end(),
                                        [&](const IoEntry& e) { return e.id == entry.id; });
        IoEntry& place = known != level->end() ? *known : level->emplace_back(std::move(entry));
        level = &place.children;
    }
}

bool is_tunnelled(IoPath path) {
    return std::any_of(path.begin(), path.end(), [](const IoEntry* entry) {
        return is_true(entry->property("IOPCITunnelled"));
    });
}

void walk(const IoForest& forest, const std::function<void(IoPath)>& visit) {
    Walk(visit).all(forest);
}

}  // namespace latchkey::platform
