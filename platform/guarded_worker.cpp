#include "platform/guarded_worker.h"

#include <condition_variable>
#include <iterator>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

namespace latchkey::platform {

namespace {

constexpr int kSlices = 4;
constexpr int kMostStuckInOneRun = 3;

std::function<void()> read_guarded(const GuardedWorker::Job& job) {
    try {
        return job.read();
    } catch (...) {  // out of memory on hostile sizes: as good as not read
        return job.gave_up;
    }
}

}  // namespace

struct GuardedWorker::StuckNames {
    std::mutex mutex;
    std::set<std::string> names;

    bool holds(const std::string& name) {
        const std::lock_guard lock(mutex);
        return names.contains(name);
    }
};

/// One thread and the jobs it was given. `mutex` guards all but `thread`.
struct GuardedWorker::Helper {
    std::mutex mutex;
    std::condition_variable given;
    std::condition_variable done;
    std::vector<Job> jobs;
    std::vector<std::function<void()>> answers;  ///< one a job that was read
    bool busy = false;
    bool dismissed = false;
    std::thread thread;

    void work(StuckNames& stuck) {
        std::unique_lock lock(mutex);
        for (;;) {
            given.wait(lock, [this] { return busy || dismissed; });
            while (!dismissed && answers.size() < jobs.size()) {
                const Job& job = jobs[answers.size()];
                lock.unlock();
                auto answer = read_guarded(job);
                lock.lock();
                if (dismissed) {
                    const std::lock_guard names(stuck.mutex);
                    stuck.names.erase(job.name);
                    return;
                }
                answers.push_back(std::move(answer));
            }
            if (dismissed) return;
            busy = false;
            done.notify_one();
        }
    }
};

GuardedWorker::GuardedWorker() : stuck_(std::make_shared<StuckNames>()) {}

GuardedWorker::~GuardedWorker() {
    if (!helper_) return;
    {
        const std::lock_guard lock(helper_->mutex);
        helper_->dismissed = true;
    }
    helper_->given.notify_one();
    helper_->thread.join();
}

void GuardedWorker::run(std::vector<Job> jobs, Duration limit) {
    std::size_t given_up = 0;
    while (!jobs.empty()) {
        std::vector<Job> tried;
        for (auto& job : jobs) {
            if (given_up >= kMostStuckInOneRun || stuck_->holds(job.name))
                job.gave_up();
            else
                tried.push_back(std::move(job));
        }
        jobs.clear();
        if (!tried.empty()) given_up += run_some(std::move(tried), limit, jobs);
    }
}

/// Runs jobs until one is stuck; the ones behind it are `left`. Returns how many it gave up.
std::size_t GuardedWorker::run_some(std::vector<Job> jobs, Duration limit, std::vector<Job>& left) {
    if (!helper_) {
        auto helper = std::make_shared<Helper>();
        try {
            helper->thread = std::thread([helper, stuck = stuck_] { helper->work(*stuck); });
        } catch (const std::system_error&) {  // no thread to be had: better unguarded than not
            for (const auto& job : jobs) read_guarded(job)();
            return 0;
        }
        helper_ = std::move(helper);
    }

    std::unique_lock lock(helper_->mutex);
    helper_->jobs = std::move(jobs);
    helper_->answers.clear();
    helper_->busy = true;
    helper_->given.notify_one();
    const Duration slice = limit / kSlices + Duration(1);
    std::size_t seen = 0;
    for (int unchanged = 0; unchanged < kSlices;) {
        if (helper_->done.wait_for(lock, slice, [this] { return !helper_->busy; })) break;
        unchanged = helper_->answers.size() == seen ? unchanged + 1 : 0;
        seen = helper_->answers.size();
    }

    std::function<void()> gave_up;
    auto answers = std::move(helper_->answers);
    helper_->answers.clear();
    if (helper_->busy) {
        auto& all = helper_->jobs;
        const auto stuck_at = all.begin() + static_cast<std::ptrdiff_t>(answers.size());
        gave_up = stuck_at->gave_up;
        {
            const std::lock_guard names(stuck_->mutex);
            stuck_->names.insert(stuck_at->name);
        }
        left.assign(std::make_move_iterator(stuck_at + 1), std::make_move_iterator(all.end()));
        helper_->dismissed = true;
        helper_->thread.detach();
    }
    lock.unlock();
    if (gave_up) helper_.reset();
    for (const auto& answer : answers) answer();
    if (!gave_up) return 0;
    gave_up();
    return 1;
}

}  // namespace latchkey::platform
