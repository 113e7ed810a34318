#include "platform/settings/proxy_values_mac.h"

#include <string>
#include <utility>

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

MachineProxy proxy_values(const CoreFoundation& cf, CfType set) {
    if (set == nullptr || cf.type_of(set) != cf.dictionary_type() ||
        number(cf, set, "HTTPSEnable") == 0)
        return {};
    const std::string host = cf_text(cf, cf_value(cf, set, "HTTPSProxy"));
    const std::int64_t port = number(cf, set, "HTTPSPort");
    if (host.empty()) return {};
    const bool is_address = host.find(':') != std::string::npos && !host.starts_with('[');
    std::string servers = "https=" + (is_address ? "[" + host + "]" : host);
    if (port > 0 && port < 65536) servers += ":" + std::to_string(port);
    return {std::move(servers), exceptions(cf, set)};
}

}  // namespace latchkey::platform
