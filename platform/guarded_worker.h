#pragma once

// Runs blocking reads on a helper thread and gives up on one that is stuck, so that one dead disk
// does not hold the rest. The helper stays between runs (a warm run costs two thread switches);
// a stuck one is left behind, and what it was reading is not tried again until it has come back.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"

namespace latchkey::platform {

class GuardedWorker {
public:
    struct Job {
        std::string name;  ///< unique among the jobs of all runs
        /// Runs on the helper, possibly for ever: it must own all it uses. What it returns is run
        /// by the caller's thread and may use what the caller owns.
        std::function<std::function<void()>()> read;
        std::function<void()> gave_up;  ///< instead, by the caller's thread
    };

    GuardedWorker();
    ~GuardedWorker();  ///< never waits for a stuck read
    GuardedWorker(const GuardedWorker&) = delete;
    GuardedWorker& operator=(const GuardedWorker&) = delete;

    /// Returns when each job was either read or given up, in order. A job is given up after `limit`
    /// (at most a quarter more); after three in one run so are all that remain. One run at a time.
    void run(std::vector<Job> jobs, Duration limit);

private:
    struct Helper;
    struct StuckNames;

    std::size_t run_some(std::vector<Job> jobs, Duration limit, std::vector<Job>& left);

    std::shared_ptr<Helper> helper_;
    std::shared_ptr<StuckNames> stuck_;
};

}  // namespace latchkey::platform
