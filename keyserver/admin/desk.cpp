#include "keyserver/admin/desk.h"

#include <spdlog/spdlog.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <set>

#include "keyserver/admin/ceremony.h"
#include "keyserver/policy.h"
#include "platform/endpoint/local_endpoint.h"

namespace latchkey::keyserver::admin {
namespace {

namespace asio = boost::asio;
using platform::LocalConnection;

class LocalDesk final : public Desk, public std::enable_shared_from_this<LocalDesk> {
public:
    LocalDesk(asio::any_io_executor network, asio::any_io_executor worker, Office& office,
              std::unique_ptr<platform::LocalListener> listener)
        : network_(std::move(network)),
          worker_(std::move(worker)),
          office_(office),
          listener_(std::move(listener)) {}

    void start() { asio::co_spawn(network_, accept_loop(shared_from_this()), asio::detached); }
    void stop() override {
        stopping_ = true;
        listener_->close();
        // Whoever connected and said nothing yet would keep the server for kAdminDeadline.
        for (const auto& connection : silent_) connection->close();
    }

private:
    static asio::awaitable<void> accept_loop(std::shared_ptr<LocalDesk> self) {
        while (!self->stopping_) {
            auto connection = co_await self->listener_->accept();
            if (!connection) {
                if (!self->stopping_)
                    spdlog::error("the administration socket failed: {}",
                                  connection.error().detail);
                break;
            }
            std::shared_ptr<LocalConnection> shared = std::move(*connection);
            asio::co_spawn(self->network_, serve(self, std::move(shared)), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<LocalDesk> self,
                                       std::shared_ptr<LocalConnection> connection) {
        self->silent_.insert(connection);
        const auto line = co_await read_line(*connection);
        self->silent_.erase(connection);
        std::string answer;
        if (!connection->peer().administrator)
            answer = to_line(Result<bj::object>(
                fail(Code::not_permitted, "this socket is root's and the server's user's")));
        else if (!line)
            answer = to_line(Result<bj::object>(fail(line.error())));
        else
            answer = co_await asio::co_spawn(self->worker_, carry_out(self->office_, *line),
                                             asio::use_awaitable);
        answer += '\n';
        co_await connection->write(as_bytes(answer), kAdminDeadline);
        connection->close();
    }

    static asio::awaitable<Result<std::string>> read_line(LocalConnection& connection) {
        std::string line;
        std::array<std::uint8_t, 4096> chunk;
        while (line.size() <= kMaxAdminLineBytes) {
            const auto got = co_await connection.read_some(chunk, kAdminDeadline);
            if (!got) co_return fail(got.error());
            if (*got == 0) co_return fail(Code::request_invalid, "the command is cut off");
            line.append(reinterpret_cast<const char*>(chunk.data()), *got);
            if (line.back() == '\n') {
                line.pop_back();
                co_return line;
            }
        }
        co_return fail(Code::request_too_large, "the command is too long");
    }

    static asio::awaitable<std::string> carry_out(Office& office, const std::string& line) {
        const auto command = parse_command(line);
        if (!command) co_return to_line(Result<bj::object>(fail(command.error())));
        const auto answer = office.run(*command);
        if (!answer || !is_step(*command))
            spdlog::info("admin {} {}: {}", command->noun, command->name,
                         answer ? "done" : answer.error().name());
        co_return to_line(answer);
    }

    asio::any_io_executor network_;
    asio::any_io_executor worker_;
    Office& office_;
    std::unique_ptr<platform::LocalListener> listener_;
    bool stopping_ = false;
    std::set<std::shared_ptr<LocalConnection>> silent_;  ///< their command has not come yet
};

}  // namespace

std::filesystem::path desk_path(const std::filesystem::path& directory) {
    return directory / "admin.sock";
}

Result<std::shared_ptr<Desk>> open_desk(asio::any_io_executor network, asio::any_io_executor worker,
                                        Office& office, const std::filesystem::path& directory) {
    auto listener =
        platform::listen_local(network, desk_path(directory), {}, platform::Reach::owner);
    if (!listener) return fail(std::move(listener.error()));
    auto desk =
        std::make_shared<LocalDesk>(network, std::move(worker), office, std::move(*listener));
    desk->start();
    return std::shared_ptr<Desk>(std::move(desk));
}

}  // namespace latchkey::keyserver::admin
