#include "keyserver/http/client_connections.h"

#include <algorithm>
#include <utility>

namespace latchkey::keyserver {

namespace ip = boost::asio::ip;

std::string client_of(const ip::address& address) {
    if (address.is_v4()) return address.to_string();
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ip::address_v6(bytes, v6.scope_id()).to_string() + "/64";
}

bool ClientConnections::enter(const std::string& client) {
    auto& entry = open_[client];
    if (entry.connections >= limit_) return false;
    ++entry.connections;
    return true;
}

void ClientConnections::leave(const std::string& client) {
    const auto found = open_.find(client);
    if (found == open_.end()) return;
    if (--found->second.connections == 0) open_.erase(found);
}

bool ClientConnections::first_refusal(const std::string& client) {
    const auto found = open_.find(client);
    return found != open_.end() && !std::exchange(found->second.refused, true);
}

}  // namespace latchkey::keyserver
