#pragma once

// Asks a question that may block for long, without the loop waiting for longer than a limit.
// Internal to platform/.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/time.h"

namespace latchkey::platform {

/// One question at a time: while one is stuck, others go without an answer at once. It may outlive
/// its asker and the loop: the question must own all it uses.
template <class Answer>
class Aside {
public:
    boost::asio::awaitable<std::optional<Answer>> ask(std::function<Answer()> question,
                                                      Duration limit) {
        if (busy_->exchange(true)) co_return std::nullopt;
        const auto executor = co_await boost::asio::this_coro::executor;
        const auto wait = std::make_shared<Wait>(executor, limit);
        const auto door = std::make_shared<Door>();
        door->deliver = [wait, executor](Answer answer) {
            boost::asio::post(executor, [wait, answer = std::move(answer)]() mutable {
                wait->answer = std::move(answer);
                wait->patience.cancel();
            });
        };
        const CloseDoor closed_at_the_end{door};
        try {
            std::thread([busy = busy_, door, question = std::move(question)] {
                Answer answer = question();
                *busy = false;
                const std::lock_guard lock(door->mutex);
                if (door->deliver) door->deliver(std::move(answer));
            }).detach();
        } catch (const std::system_error&) {
            *busy_ = false;
            co_return std::nullopt;  // no thread to be had
        }
        boost::system::error_code ignored;
        co_await wait->patience.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        co_return std::move(wait->answer);
    }

private:
    struct Wait {
        Wait(const boost::asio::any_io_executor& executor, Duration limit)
            : patience(executor, limit) {}
        boost::asio::steady_timer patience;
        std::optional<Answer> answer;
    };
    /// Closed, nobody is at home any more: not even the executor may be there.
    struct Door {
        std::mutex mutex;
        std::function<void(Answer)> deliver;
    };
    struct CloseDoor {
        std::shared_ptr<Door> door;
        ~CloseDoor() {
            const std::lock_guard lock(door->mutex);
            door->deliver = nullptr;
        }
    };

    std::shared_ptr<std::atomic<bool>> busy_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace latchkey::platform
