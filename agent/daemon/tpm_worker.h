#pragma once

// Asks a TPM on a thread of its own and gives up on one that hangs: what it was asked is not asked
// again until it has answered.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/guarded_worker.h"
#include "platform/tpm/tpm.h"

namespace latchkey::daemon {

template <class Device>
class TpmWorker {
public:
    using Wait = platform::GuardedWorker::Wait;

    /// No device: every question is answered `absent`. Tests say by `wait` when time is up.
    TpmWorker(boost::asio::any_io_executor executor, std::string name,
              std::shared_ptr<Device> device, Wait wait = {})
        : executor_(std::move(executor)),
          name_(std::move(name)),
          device_(std::move(device)),
          guard_(wait ? std::make_unique<platform::GuardedWorker>(std::move(wait))
                      : std::make_unique<platform::GuardedWorker>()) {}
    TpmWorker(const TpmWorker&) = delete;
    TpmWorker& operator=(const TpmWorker&) = delete;
    /// Waits for no TPM: a question under way is given up, and nobody hears its answer.
    ~TpmWorker() {
        guard_->abandon();
        if (worker_) worker_->join();
    }

    /// Returns on the executor's thread. `question` may run for ever, on a helper that is left
    /// behind; so it owns all it uses.
    template <class T>
    boost::asio::awaitable<platform::TpmResult<T>> ask(
        Duration patience, std::function<platform::TpmResult<T>(Device&)> question) {
        using platform::GuardedWorker;
        using platform::TpmFailure;
        if (!device_)
            co_return tl::unexpected(
                platform::TpmTrouble{TpmFailure::absent, "this program reads no TPM"});
        ++busy_;
        if (!worker_) worker_.emplace(1);
        co_await boost::asio::post(
            boost::asio::bind_executor(worker_->get_executor(), boost::asio::use_awaitable));
        platform::TpmResult<T> answer =
            tl::unexpected(platform::TpmTrouble{TpmFailure::timed_out, {}});
        std::vector<GuardedWorker::Job> jobs;
        jobs.push_back({name_,
                        [device = device_, question = std::move(question), &answer] {
                            return GuardedWorker::Found(
                                [got = question(*device), &answer] { answer = got; });
                        },
                        [] {}});
        guard_->run(std::move(jobs), patience);
        co_await boost::asio::post(executor_, boost::asio::use_awaitable);
        --busy_;
        co_return answer;
    }

    bool busy() const { return busy_ > 0; }

private:
    boost::asio::any_io_executor executor_;
    std::string name_;
    std::shared_ptr<Device> device_;
    std::unique_ptr<platform::GuardedWorker> guard_;
    int busy_ = 0;
    std::optional<boost::asio::thread_pool> worker_;  ///< made by the first question
};

}  // namespace latchkey::daemon
