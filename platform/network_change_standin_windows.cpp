#include "platform/network_change.h"

namespace latchkey::platform {

std::unique_ptr<NetworkWatch> watch_network(boost::asio::any_io_executor, std::function<void()>) {
    return nullptr;
}

}  // namespace latchkey::platform
