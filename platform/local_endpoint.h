#pragma once

// The local endpoint: a Unix socket or a named pipe that knows who is at the other end.
// The server side is asynchronous (Asio); the client side is plain and blocking, so that a CLI
// starts in few system calls.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::platform {

/// Who is at the other end, as the kernel says.
struct Peer {
    std::int64_t user_id = -1;  ///< uid; on Windows a hash of the SID
    std::int64_t group_id = -1;
    std::int64_t process_id = -1;
    std::string user_name;  ///< for the log; may be empty
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
    virtual boost::asio::awaitable<Result<std::unique_ptr<LocalConnection>>> accept() = 0;
    virtual void close() = 0;
};

/// Binds the endpoint; replaces a stale socket that nobody listens on, never a live one
/// (Code::state_locked). `admin_group` names the group whose members may change things.
Result<std::unique_ptr<LocalListener>> listen_local(boost::asio::any_io_executor executor,
                                                    const std::filesystem::path& endpoint,
                                                    const std::string& admin_group);

/// The client's end. Blocking, with one deadline for all of it, set at connect.
class LocalClient {
public:
    virtual ~LocalClient() = default;
    virtual Result<std::size_t> read_some(
        std::span<std::uint8_t> into) = 0;  ///< 0 at the end of the stream
    virtual Result<void> write(std::span<const std::uint8_t> bytes) = 0;
};

/// Refuses an endpoint whose owner is neither root, nor this user, nor the agent's user
/// ("latchkey") with Code::not_permitted; nobody there is Code::agent_unreachable.
Result<std::unique_ptr<LocalClient>> connect_local(const std::filesystem::path& endpoint,
                                                   Duration deadline);

}  // namespace latchkey::platform
