#include "platform/core_foundation_mac.h"

namespace latchkey::platform {

CfRef cf_string(const CoreFoundation& cf, std::string_view text) {
    return CfRef(cf.string_create(nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  static_cast<CfIndex>(text.size()), kCfUtf8, 0));
}

CfRef cf_data(const CoreFoundation& cf, std::span<const std::uint8_t> bytes) {
    return CfRef(cf.data_create(nullptr, bytes.data(), static_cast<CfIndex>(bytes.size())));
}

std::string cf_text(const CoreFoundation& cf, CfType string) {
    if (string == nullptr || cf.type_of(string) != cf.string_type()) return {};
    const CfRange all{0, cf.string_length(string)};
    CfIndex size = 0;
    if (cf.string_bytes(string, all, kCfUtf8, 0, 0, nullptr, 0, &size) != all.length) return {};
    std::string text(static_cast<std::size_t>(size), '\0');
    cf.string_bytes(string, all, kCfUtf8, 0, 0, reinterpret_cast<std::uint8_t*>(text.data()), size,
                    &size);
    return text;
}

CfType cf_value(const CoreFoundation& cf, CfType dictionary, std::string_view key) {
    const CfRef name = cf_string(cf, key);
    return name ? cf.dictionary_value(dictionary, name.get()) : nullptr;
}

}  // namespace latchkey::platform
