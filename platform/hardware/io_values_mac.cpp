#include "platform/hardware/io_values_mac.h"

#include <algorithm>

namespace latchkey::platform {
namespace {

constexpr std::size_t kMostProperties = 4096;  // of an entry; IOReport's drivers have hundreds

class Reading {
public:
    Reading(const CoreFoundation& cf, IoBudget& budget) : cf_(cf), budget_(budget) {}

    IoValue value(CfType object, std::size_t nesting) {
        if (object == nullptr) return {};
        const CfTypeId type = cf_.type_of(object);
        if (type == cf_.string_type()) return text(object);
        if (type == cf_.boolean_type()) return {cf_.boolean_value(object) != 0};
        if (type == cf_.number_type()) return number(object);
        if (type == cf_.data_type()) return data(object);
        if (nesting == kMostIoNesting) return {};
        if (type == cf_.array_type()) return list(object, nesting);
        if (type == cf_.dictionary_type())
            return {
                members(object, kMostIoMembers, nesting, [](std::string_view) { return true; })};
        return {};
    }

    template <class Wanted>
    IoValue::Dictionary members(CfType dictionary, std::size_t most, std::size_t nesting,
                                Wanted is_wanted) {
        IoValue::Dictionary out;
        const auto count = cf_.dictionary_count(dictionary);
        if (count <= 0 || static_cast<std::size_t>(count) > most) return out;
        std::vector<CfType> keys(static_cast<std::size_t>(count));
        std::vector<CfType> values(keys.size());
        cf_.dictionary_all(dictionary, keys.data(), values.data());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            std::string name = cf_text(cf_, keys[i]);
            if (name.size() > kMostIoTextBytes || !is_wanted(name)) continue;
            out.push_back({std::move(name), value(values[i], nesting + 1)});
        }
        // A dictionary has no order of its own.
        std::sort(out.begin(), out.end(),
                  [](const IoMember& a, const IoMember& b) { return a.name < b.name; });
        return out;
    }

private:
    IoValue text(CfType object) {
        // Its length counts UTF-16 units, each of at most three bytes.
        if (cf_.string_length(object) > static_cast<CfIndex>(kMostIoTextBytes)) return {};
        std::string text = cf_text(cf_, object);
        if (text.size() > kMostIoTextBytes || !budget_.take(text.size())) return {};
        return {std::move(text)};
    }

    IoValue number(CfType object) {
        std::int64_t number = 0;
        if (cf_.number_is_float(object) || !cf_.number_value(object, kCfSInt64, &number)) return {};
        return {number};
    }

    IoValue data(CfType object) {
        const auto size = cf_.data_length(object);
        if (size < 0 || !budget_.take(static_cast<std::size_t>(size))) return {};
        const auto* const bytes = cf_.data_bytes(object);
        if (size == 0 || bytes == nullptr) return {hwid::RawBytes{}};
        return {hwid::RawBytes(bytes, bytes + size)};
    }

    IoValue list(CfType object, std::size_t nesting) {
        IoValue::Array out;
        const auto count = cf_.array_count(object);
        if (count < 0 || count > static_cast<CfIndex>(kMostIoMembers)) return {};
        for (CfIndex i = 0; i < count; ++i)
            out.push_back(value(cf_.array_at(object, i), nesting + 1));
        return {std::move(out)};
    }

    const CoreFoundation& cf_;
    IoBudget& budget_;
};

}  // namespace

bool IoBudget::take(std::size_t wanted) {
    if (wanted > bytes) return false;
    bytes -= wanted;
    return true;
}

IoValue io_value(const CoreFoundation& cf, CfType object, IoBudget& budget) {
    return Reading(cf, budget).value(object, 0);
}

IoValue::Dictionary wanted_properties(const CoreFoundation& cf, CfType dictionary,
                                      IoBudget& budget) {
    if (dictionary == nullptr || cf.type_of(dictionary) != cf.dictionary_type()) return {};
    return Reading(cf, budget).members(dictionary, kMostProperties, 0, is_wanted_property);
}

}  // namespace latchkey::platform
