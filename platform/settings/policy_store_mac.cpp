#include "platform/secure_file.h"
#include "platform/settings/policy_store.h"
#include "platform/settings/policy_values_mac.h"

namespace latchkey::platform {
namespace {

/// What a profile with a payload of the type org.latchkey.agent sets for the whole machine. The
/// file and not CFPreferences: that would mix in what a user sets, and answer from cfprefsd's
/// memory.
constexpr const char* kFile = "/Library/Managed Preferences/org.latchkey.agent.plist";
constexpr std::size_t kMaxFileBytes = 1u << 20;

Failure unreadable(const std::string& why) {
    return fail(Code::config_invalid, "cannot read the policy: " + why);
}

}  // namespace

Result<std::vector<PolicyValue>> read_policy() {
    auto bytes = read_private_file(kFile, kMaxFileBytes, Privacy::trusted);
    if (!bytes) {
        if (bytes.error().code == Code::record_unknown) return std::vector<PolicyValue>{};
        return unreadable(bytes.error().detail);
    }
    const CoreFoundation* const cf = core_foundation();
    if (cf == nullptr) return unreadable("CoreFoundation cannot be opened");
    const CfRef file =
        cf_data(*cf, {reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
    const CfRef list(file ? cf->property_list(nullptr, file.get(), 0, nullptr, nullptr) : nullptr);
    return policy_values(*cf, list.get(), kFile);
}

}  // namespace latchkey::platform
