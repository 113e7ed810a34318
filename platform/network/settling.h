#pragma once

// One change of the network brings a dozen messages. What any thread hears becomes one call on the
// executor, when it has been quiet or noisy for long enough. Internal to platform/.

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>

namespace latchkey::platform {

/// Shared with whom it hears: one of them may be speaking when the owner goes.
class Settling : public std::enable_shared_from_this<Settling> {
public:
    /// `settled` is called on `executor`, at most once a `pause`.
    Settling(boost::asio::any_io_executor executor, std::chrono::milliseconds pause,
             std::function<void()> settled);

    void heard();  ///< any thread; costs nothing while one is being waited for
    void stop();   ///< on the executor; `settled` is not called again

private:
    void wait();

    boost::asio::steady_timer timer_;
    const std::chrono::milliseconds pause_;
    const std::function<void()> settled_;
    std::atomic<bool> waiting_ = false;
    bool stopped_ = false;
};

}  // namespace latchkey::platform
