#include "platform/settings/policy_store.h"

namespace latchkey::platform {

Result<std::vector<PolicyValue>> read_policy() { return std::vector<PolicyValue>{}; }

}  // namespace latchkey::platform
