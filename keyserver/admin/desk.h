#pragma once

// The two ends of DIR/admin.sock: one command a connection, one line of JSON each way. Only root
// and the server's own user get an answer.

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>

#include "keyserver/admin/office.h"

namespace latchkey::keyserver::admin {

std::filesystem::path desk_path(const std::filesystem::path& directory);

class Desk {
public:
    virtual ~Desk() = default;
    virtual void stop() = 0;  ///< takes no more commands; the executor runs out of work
};

/// Accepts on `network`, runs commands on `worker`. `office` must outlive the work.
Result<std::shared_ptr<Desk>> open_desk(boost::asio::any_io_executor network,
                                        boost::asio::any_io_executor worker, Office& office,
                                        const std::filesystem::path& directory);

/// Asks the running server. Fails with Code::agent_unreachable where there is none.
Result<bj::object> ask_desk(const std::filesystem::path& directory, const Command& command);

}  // namespace latchkey::keyserver::admin
