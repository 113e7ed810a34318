#pragma once

// Runs blocking reads on a helper thread and gives up on one that is stuck, so that one dead disk
// does not hold the rest. The helper stays between runs (a warm run costs two thread switches);
// a stuck one is left behind, and what it was reading is not tried again until it has come back.

#include <concepts>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace latchkey::platform {

class GuardedWorker {
public:
    struct Found;

    struct Job {
        std::string name;  ///< unique among the jobs of all runs
        /// Runs on the helper, possibly for ever: it must own all it uses.
        std::function<Found()> read;
        std::function<void()> gave_up;  ///< instead of the answer, by the caller's thread
    };

    /// What a read came to.
    struct Found {
        template <std::invocable Answer>
        Found(Answer run, std::vector<Job> and_then = {})
            : answer(std::move(run)), more(std::move(and_then)) {}

        std::function<void()> answer;  ///< run by the caller's thread; may use what the caller owns
        std::vector<Job> more;         ///< joins the end of the same run: a list's entries
    };

    /// Waits for `done`, woken by the condition, for at most `slice`; false where it is not. By the
    /// clock unless a test decides when time is up.
    using Wait = std::function<bool(std::condition_variable&, std::unique_lock<std::mutex>&,
                                    Duration slice, const std::function<bool()>& done)>;

    explicit GuardedWorker(Wait wait = by_the_clock);
    ~GuardedWorker();  ///< never waits for a stuck read
    GuardedWorker(const GuardedWorker&) = delete;
    GuardedWorker& operator=(const GuardedWorker&) = delete;

    /// Returns when each job (and each that followed from one) was either read or given up, in
    /// order. A job is given up after `limit` (at most a quarter more); after three in one run so
    /// are all that remain. One run at a time.
    void run(std::vector<Job> jobs, Duration limit);

    /// From any thread, for good: the run under way gives up all it has not got, now, and so does
    /// each later one. For who stops and has nothing to gain from an answer.
    void abandon();

private:
    struct Helper;
    struct Common;

    static bool by_the_clock(std::condition_variable& woken, std::unique_lock<std::mutex>& lock,
                             Duration slice, const std::function<bool()>& done);
    void run_here(std::vector<Job> jobs);
    bool abandoned();
    std::size_t run_some(std::vector<Job> jobs, Duration limit, std::vector<Job>& left);

    std::shared_ptr<Helper> helper_;  ///< the thread's that runs
    std::shared_ptr<Common> common_;
    Wait wait_;
};

}  // namespace latchkey::platform
