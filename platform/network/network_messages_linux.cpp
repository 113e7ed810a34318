#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "platform/network/network_messages_posix.h"

namespace latchkey::platform {

UniqueFd open_network_messages() {
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups =
        RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    const auto* const where = reinterpret_cast<const sockaddr*>(&address);
    if (fd && ::bind(fd.get(), where, sizeof address) != 0) fd.reset();
    return fd;
}

}  // namespace latchkey::platform
