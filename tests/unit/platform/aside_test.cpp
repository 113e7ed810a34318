#include "platform/endpoint/aside.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <future>

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours kForever{1};

asio::awaitable<void> ask(Aside<int>& aside, std::function<int()> question, Duration limit,
                          std::optional<int>& answer) {
    answer = co_await aside.ask(std::move(question), limit);
}

/// A question that is stuck until somebody lets it go.
class Stuck {
public:
    std::function<int()> question() {
        return [gate = gate_.get_future().share(), left = left_] {
            gate.wait();
            left->set_value();
            return 5;
        };
    }
    void let_go_and_wait() {
        gate_.set_value();
        left_->get_future().wait();
    }

private:
    std::promise<void> gate_;
    std::shared_ptr<std::promise<void>> left_ = std::make_shared<std::promise<void>>();
};

TEST(Aside, answers_on_the_loop_and_may_be_asked_again) {
    asio::io_context io;
    Aside<int> aside;
    for (int wanted = 1; wanted < 3; ++wanted) {
        std::optional<int> answer;
        io.restart();
        asio::co_spawn(io,
                       ask(
                           aside, [wanted] { return wanted; }, kForever, answer),
                       asio::detached);
        io.run();
        EXPECT_EQ(answer, wanted);
    }
}

TEST(Aside, does_not_wait_for_one_that_is_stuck_nor_asks_another_meanwhile) {
    Stuck stuck;
    asio::io_context io;
    Aside<int> aside;
    std::optional<int> first = 1;
    std::optional<int> second = 1;
    asio::co_spawn(io, ask(aside, stuck.question(), Duration{1}, first), asio::detached);
    asio::co_spawn(io,
                   ask(
                       aside, [] { return 7; }, kForever, second),
                   asio::detached);
    io.run();
    EXPECT_FALSE(first);
    EXPECT_FALSE(second);
    stuck.let_go_and_wait();
}

TEST(Aside, an_answer_that_comes_after_the_loop_is_gone_goes_nowhere) {
    Stuck stuck;
    {
        std::optional<int> answer;
        asio::io_context io;
        Aside<int> aside;
        asio::co_spawn(io, ask(aside, stuck.question(), kForever, answer), asio::detached);
        io.run_one();
    }
    stuck.let_go_and_wait();
}

}  // namespace
}  // namespace latchkey::platform
