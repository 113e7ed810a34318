#include "platform/service/notify_socket_linux.h"

#include "platform/socket_address_posix.h"

namespace latchkey::platform {

NotifySocket::NotifySocket(std::string address) : address_(std::move(address)) {
    if (!address_.empty()) fd_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

void NotifySocket::send(std::string_view message) const {
    const auto to = socket_address(address_, true);
    if (!fd_ || !to) return;
    ::sendto(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT, to->get(),
             to->size);
}

}  // namespace latchkey::platform
