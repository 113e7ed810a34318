#include "platform/network/network_messages_posix.h"
#include "platform/network/notification_mac.h"

namespace latchkey::platform {

/// configd's word, not a route socket's: that one also tells of each host that did not answer,
/// which our own attempts would bring about.
UniqueFd open_network_messages() { return open_notifications(kNetworkChanged); }

}  // namespace latchkey::platform
