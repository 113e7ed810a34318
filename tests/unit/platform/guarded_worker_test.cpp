#include "platform/guarded_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace latchkey::platform {
namespace {

constexpr Duration kAmple = seconds(60);

/// True while a stuck job is being read and was not given up yet: the moment when time is up.
std::atomic<bool> is_stuck = false;

/// Time that passes when a job is stuck, and never else, however slow the machine is.
bool until_stuck(std::condition_variable& woken, std::unique_lock<std::mutex>& lock, Duration,
                 const std::function<bool()>& done) {
    while (!done() && !is_stuck) woken.wait_for(lock, Duration(1));
    return done();
}

using Log = std::vector<std::string>;

GuardedWorker::Job quick(std::string name, Log& log) {
    return {name, [name, &log] { return [name, &log] { log.push_back(name); }; },
            [name, &log] { log.push_back(name + " given up"); }};
}

/// Reads until `released` is set.
GuardedWorker::Job stuck(std::string name, Log& log, std::shared_future<void> released) {
    return {name,
            [name, &log, released]() -> std::function<void()> {
                is_stuck = true;
                released.wait();
                return [name, &log] { log.push_back(name); };
            },
            [name, &log] {
                is_stuck = false;
                log.push_back(name + " given up");
            }};
}

TEST(GuardedWorker, reads_all_jobs_in_order_and_again_when_asked_again) {
    Log log;
    GuardedWorker worker;
    for (int round = 0; round < 3; ++round) worker.run({quick("a", log), quick("b", log)}, kAmple);
    EXPECT_EQ(log, (Log{"a", "b", "a", "b", "a", "b"}));
}

TEST(GuardedWorker, has_its_helper_ended_when_it_is_gone) {
    std::promise<void> ended;
    {
        GuardedWorker worker;
        worker.run({{"a",
                     [&ended]() -> std::function<void()> {
                         ended.set_value_at_thread_exit();
                         return [] {};
                     },
                     [] {}}},
                   kAmple);
    }
    EXPECT_EQ(ended.get_future().wait_for(seconds(0)), std::future_status::ready);
}

TEST(GuardedWorker, one_stuck_job_does_not_hold_the_others) {
    std::promise<void> release;
    Log log;
    GuardedWorker worker(until_stuck);
    worker.run({quick("a", log), stuck("disk", log, release.get_future().share()), quick("b", log),
                quick("c", log)},
               kAmple);
    EXPECT_EQ(log, (Log{"a", "disk given up", "b", "c"}));
    release.set_value();
}

TEST(GuardedWorker, what_is_still_stuck_is_not_tried_again) {
    std::promise<void> release;
    Log log;
    GuardedWorker worker(until_stuck);
    worker.run({stuck("disk", log, release.get_future().share())}, kAmple);
    bool tried = false;
    worker.run({{"disk",
                 [&tried] {
                     tried = true;
                     return [] {};
                 },
                 [&log] { log.push_back("disk still given up"); }}},
               kAmple);
    EXPECT_FALSE(tried);
    EXPECT_EQ(log, (Log{"disk given up", "disk still given up"}));
    release.set_value();
}

TEST(GuardedWorker, what_came_back_is_tried_again) {
    std::promise<void> release;
    Log log;
    GuardedWorker worker(until_stuck);
    worker.run({stuck("disk", log, release.get_future().share())}, kAmple);
    release.set_value();
    // When the abandoned thread notices is the scheduler's choice; ask until it has.
    while (log.back() != "disk") worker.run({quick("disk", log)}, kAmple);
    SUCCEED();
}

GuardedWorker::Job list_of(std::vector<GuardedWorker::Job> entries, Log& log) {
    return {"list",
            [entries, &log]() -> GuardedWorker::Found {
                return {[&log] { log.push_back("list"); }, entries};
            },
            [&log] { log.push_back("list given up"); }};
}

TEST(GuardedWorker, what_a_list_names_is_read_in_the_same_run_behind_the_rest) {
    Log log;
    GuardedWorker worker;
    for (int round = 0; round < 2; ++round)
        worker.run({list_of({quick("a", log), quick("b", log)}, log), quick("c", log)}, kAmple);
    EXPECT_EQ(log, (Log{"list", "c", "a", "b", "list", "c", "a", "b"}));
}

TEST(GuardedWorker, a_stuck_entry_of_a_list_is_given_up_alone_and_not_tried_again) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    Log log;
    GuardedWorker worker(until_stuck);
    worker.run({list_of({stuck("disk", log, released), quick("b", log)}, log)}, kAmple);
    EXPECT_EQ(log, (Log{"list", "disk given up", "b"}));
    log.clear();
    worker.run({list_of({quick("disk", log), quick("b", log)}, log)}, kAmple);
    EXPECT_EQ(log, (Log{"list", "disk given up", "b"}));
    release.set_value();
}

TEST(GuardedWorker, after_three_stuck_ones_the_rest_is_given_up_untried) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    Log log;
    GuardedWorker worker(until_stuck);
    worker.run({stuck("1", log, released), stuck("2", log, released), stuck("3", log, released),
                quick("4", log)},
               kAmple);
    EXPECT_EQ(log, (Log{"1 given up", "2 given up", "3 given up", "4 given up"}));
    release.set_value();
}

TEST(GuardedWorker, what_was_given_up_before_it_began_is_tried_again) {
    Log log;
    bool up = false;
    GuardedWorker worker([&up](std::condition_variable& woken, std::unique_lock<std::mutex>& lock,
                               Duration, const std::function<bool()>& done) {
        if (!up) woken.wait(lock, done);
        return !up;
    });
    worker.run({quick("a", log)}, kAmple);
    up = true;  // its thread is there and gets no turn
    worker.run({quick("a", log)}, kAmple);
    up = false;
    worker.run({quick("a", log)}, kAmple);
    EXPECT_EQ(log, (Log{"a", "a given up", "a"}));
}

TEST(GuardedWorker, a_read_that_throws_counts_as_given_up) {
    Log log;
    GuardedWorker worker;
    worker.run({{"bad", []() -> std::function<void()> { throw std::bad_alloc(); },
                 [&log] { log.push_back("bad given up"); }},
                quick("good", log)},
               kAmple);
    EXPECT_EQ(log, (Log{"bad given up", "good"}));
}

/// Time never passes.
bool for_ever(std::condition_variable& woken, std::unique_lock<std::mutex>& lock, Duration,
              const std::function<bool()>& done) {
    woken.wait(lock, done);
    return true;
}

TEST(GuardedWorker, that_is_abandoned_waits_for_nothing_that_is_stuck) {
    std::promise<void> release;
    std::promise<void> reached;
    Log log;
    GuardedWorker worker(for_ever);
    const GuardedWorker::Job disk{"disk",
                                  [&reached, released = release.get_future().share()] {
                                      reached.set_value();
                                      released.wait();
                                      return [] {};
                                  },
                                  [&log] { log.push_back("disk given up"); }};
    auto run = std::async(std::launch::async, [&] {
        worker.run({quick("a", log), disk, quick("b", log)}, kAmple);
    });
    reached.get_future().wait();
    worker.abandon();
    run.get();
    EXPECT_EQ(log, (Log{"a", "disk given up", "b given up"}));
    worker.run({quick("c", log)}, kAmple);
    EXPECT_EQ(log.back(), "c given up") << "and it begins nothing any more";
    release.set_value();
}

TEST(GuardedWorker, no_jobs_no_work) {
    GuardedWorker worker(until_stuck);
    worker.run({}, kAmple);
    SUCCEED();
}

}  // namespace
}  // namespace latchkey::platform
