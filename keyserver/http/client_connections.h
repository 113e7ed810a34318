#pragma once

// How many connections each client address holds, so that none can take them all.

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace latchkey::keyserver {

/// Who stands behind an address, as far as limits go: an IPv4 address, or the first 64 bits of an
/// IPv6 one, since one host chooses the rest freely.
std::string client_of(const boost::asio::ip::address& address);

/// Holds one entry for each client that has a connection open: as many as there are connections.
class ClientConnections {
public:
    explicit ClientConnections(std::size_t limit) : limit_(limit) {}

    /// False: the client has as many as it may. True: one more, until `leave`.
    bool enter(const std::string& client);
    void leave(const std::string& client);

    /// True for the first refusal since the client last had none open: the one worth a line in the
    /// log.
    bool first_refusal(const std::string& client);
    std::size_t clients() const { return open_.size(); }

private:
    struct Client {
        std::size_t connections = 0;
        bool refused = false;
    };
    std::size_t limit_;
    std::map<std::string, Client> open_;
};

}  // namespace latchkey::keyserver
