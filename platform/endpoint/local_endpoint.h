#pragma once

// The agent's side of the local endpoint: a Unix socket or a named pipe that knows who is at the
// other end. Asynchronous (Asio); the blocking client's side is local_client.h.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "platform/endpoint/local_client.h"

namespace latchkey::platform {

/// Who is at the other end, as the kernel says.
struct Peer {
    std::int64_t user_id = -1;  ///< uid; on Windows a hash of the SID
    std::int64_t group_id = -1;
    std::int64_t process_id = -1;
    std::string user_name;  ///< for the log: a name, or a number as this system has them
    bool administrator =
        false;  ///< root / Administrators / this process's own user / group latchkey-admin
};

/// One accepted connection; used from its executor's thread only. `read_some` returns 0 at the end
/// of the stream. A deadline that passes closes the connection and fails with
/// Code::agent_unreachable.
class LocalConnection {
public:
    virtual ~LocalConnection() = default;
    virtual const Peer& peer() const = 0;
    virtual boost::asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into,
                                                                  Duration deadline) = 0;
    virtual boost::asio::awaitable<Result<void>> write(std::span<const std::uint8_t> bytes,
                                                       Duration deadline) = 0;
    virtual void close() = 0;
};

class LocalListener {
public:
    virtual ~LocalListener() = default;
    /// The next connection. Fails with Code::agent_unreachable after close(), and with
    /// Code::rate_limited where the system has no more descriptors: wait a moment then.
    virtual boost::asio::awaitable<Result<std::unique_ptr<LocalConnection>>> accept() = 0;
    virtual void close() = 0;
};

/// Who may connect at all.
enum class Reach : std::uint8_t {
    everyone,  ///< 0666
    owner,     ///< 0600: this user and root
};

/// Binds the endpoint; replaces a stale socket that nobody listens on, never a live one
/// (Code::state_locked). Rights are judged by `Peer`; before that, `reach` does.
/// A missing directory is made with 0755; one that everybody may write is refused, as is a path
/// that holds something else than a socket (Code::not_permitted). `admin_group` names the group
/// whose members may change things.
Result<std::unique_ptr<LocalListener>> listen_local(boost::asio::any_io_executor executor,
                                                    const std::filesystem::path& endpoint,
                                                    const std::string& admin_group,
                                                    Reach reach = Reach::everyone);

}  // namespace latchkey::platform
