#include "platform/system_log.h"

namespace latchkey::platform {

/// Until there is an event source: standard error takes it all.
std::unique_ptr<SystemLog> system_log() { return nullptr; }

}  // namespace latchkey::platform
