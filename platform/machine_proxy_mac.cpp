#include "platform/core_foundation_mac.h"
#include "platform/machine_proxy.h"

namespace latchkey::platform {
namespace {

std::int64_t number(const CoreFoundation& cf, CfType dictionary, const char* key) {
    const CfType value = cf_value(cf, dictionary, key);
    std::int64_t found = 0;
    if (value == nullptr || cf.type_of(value) != cf.number_type() ||
        !cf.number_value(value, kCfSInt64, &found))
        return 0;
    return found;
}

std::string exceptions(const CoreFoundation& cf, CfType dictionary) {
    std::string all = number(cf, dictionary, "ExcludeSimpleHostnames") != 0 ? "<local>" : "";
    const CfType list = cf_value(cf, dictionary, "ExceptionsList");
    if (list == nullptr || cf.type_of(list) != cf.array_type()) return all;
    for (CfIndex i = 0; i < cf.array_count(list); ++i) {
        const std::string entry = cf_text(cf, cf.array_at(list, i));
        if (entry.empty()) continue;
        if (!all.empty()) all += ';';
        all += entry;
    }
    return all;
}

}  // namespace

/// What System Settings, networksetup or a profile set for the network that is in use; keys as in
/// SCSchemaDefinitions.h. A script or address that is to find one (PAC) is not followed: whoever
/// answered first would choose a service's way.
MachineProxy machine_proxy() {
    using CopyProxies = CfType(CfType store);
    CopyProxies* copy = nullptr;
    const CoreFoundation* const cf = core_foundation();
    static void* const library = open_framework("SystemConfiguration");
    if (cf == nullptr || !find_symbol(library, "SCDynamicStoreCopyProxies", copy)) return {};
    const CfRef set(copy(nullptr));
    if (!set || cf->type_of(set.get()) != cf->dictionary_type() ||
        number(*cf, set.get(), "HTTPSEnable") == 0)
        return {};
    const std::string host = cf_text(*cf, cf_value(*cf, set.get(), "HTTPSProxy"));
    const std::int64_t port = number(*cf, set.get(), "HTTPSPort");
    if (host.empty()) return {};
    const bool is_address = host.find(':') != std::string::npos && !host.starts_with('[');
    std::string servers = "https=" + (is_address ? "[" + host + "]" : host);
    if (port > 0 && port < 65536) servers += ":" + std::to_string(port);
    return {std::move(servers), exceptions(*cf, set.get())};
}

}  // namespace latchkey::platform
