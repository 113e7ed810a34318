#pragma once

// What the account directory knows of a peer beyond what the kernel says. Internal to
// local_endpoint_posix.cpp.

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>

#include "platform/endpoint/aside.h"

namespace latchkey::platform {

struct PeerAccount {
    std::string name;  ///< "uid 501" where nobody says
    bool is_member = false;
};

/// Used on the loop, which waits for two seconds at most where a directory does not answer. Names
/// are kept: they are for the log alone.
class PeerAccounts {
public:
    /// `group`: is the user a member of that, too?
    boost::asio::awaitable<PeerAccount> look_up(uid_t user, std::optional<gid_t> group);

private:
    struct Told {
        std::optional<std::string> name;
        bool is_member = false;
    };

    std::map<uid_t, std::string> names_;
    Aside<Told> directory_;
};

}  // namespace latchkey::platform
