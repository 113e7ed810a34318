#include "platform/guarded_worker.h"

#include <iterator>
#include <set>
#include <system_error>
#include <thread>

namespace latchkey::platform {

namespace {

constexpr int kSlices = 4;
constexpr std::size_t kMostStuckInOneRun = 3;

GuardedWorker::Found read_guarded(const GuardedWorker::Job& job) {
    try {
        return job.read();
    } catch (...) {  // out of memory on hostile sizes: as good as not read
        return job.gave_up;
    }
}

}  // namespace

/// What outlives a helper. `mutex` guards all of it, and all of every helper but its thread.
struct GuardedWorker::Common {
    std::mutex mutex;
    std::condition_variable done;  ///< a helper is, or nobody waits any more
    std::set<std::string> stuck;   ///< jobs whose read was given up and has not come back
    bool abandoned = false;
};

/// One thread and the jobs it was given.
struct GuardedWorker::Helper {
    std::condition_variable given;
    std::vector<Job> jobs;
    std::vector<std::function<void()>> answers;  ///< one a job that was read
    bool busy = false;
    bool reading = false;
    bool dismissed = false;
    std::thread thread;

    void work(Common& common) {
        std::unique_lock lock(common.mutex);
        for (;;) {
            given.wait(lock, [this] { return busy || dismissed; });
            while (!dismissed && answers.size() < jobs.size()) {
                const Job& job = jobs[answers.size()];
                if (common.stuck.contains(job.name)) {  // the read of an earlier run still is
                    answers.push_back(job.gave_up);
                    continue;
                }
                reading = true;
                lock.unlock();
                auto found = read_guarded(job);
                lock.lock();
                reading = false;
                if (dismissed) {
                    common.stuck.erase(job.name);
                    return;
                }
                answers.push_back(std::move(found.answer));
                for (auto& next : found.more) jobs.push_back(std::move(next));
            }
            if (dismissed) return;
            busy = false;
            common.done.notify_one();
        }
    }
};

bool GuardedWorker::by_the_clock(std::condition_variable& woken, std::unique_lock<std::mutex>& lock,
                                 Duration slice, const std::function<bool()>& done) {
    return woken.wait_for(lock, slice, done);
}

GuardedWorker::GuardedWorker(Wait wait)
    : common_(std::make_shared<Common>()), wait_(std::move(wait)) {}

// Between runs a helper is idle (a stuck one was left behind by its run), so it ends at once and is
// waited for: what libraries keep for each thread is given back before the process's end takes the
// means away.
GuardedWorker::~GuardedWorker() {
    if (!helper_) return;
    {
        const std::lock_guard lock(common_->mutex);
        helper_->dismissed = true;
    }
    helper_->given.notify_one();
    helper_->thread.join();
}

void GuardedWorker::abandon() {
    {
        const std::lock_guard lock(common_->mutex);
        common_->abandoned = true;
    }
    common_->done.notify_one();
}

bool GuardedWorker::abandoned() {
    const std::lock_guard lock(common_->mutex);
    return common_->abandoned;
}

void GuardedWorker::run(std::vector<Job> jobs, Duration limit) {
    std::size_t given_up = 0;
    while (!jobs.empty() && given_up < kMostStuckInOneRun && !abandoned()) {
        std::vector<Job> left;
        given_up += run_some(std::move(jobs), limit, left);
        jobs = std::move(left);
    }
    for (const auto& job : jobs) job.gave_up();
}

/// Where no thread is to be had: better unguarded than not.
void GuardedWorker::run_here(std::vector<Job> jobs) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (abandoned()) {
            jobs[i].gave_up();
            continue;
        }
        auto found = read_guarded(jobs[i]);
        found.answer();
        for (auto& next : found.more) jobs.push_back(std::move(next));
    }
}

/// Runs jobs until one is stuck; the ones behind it are `left`. Returns how many it gave up.
std::size_t GuardedWorker::run_some(std::vector<Job> jobs, Duration limit, std::vector<Job>& left) {
    const bool is_new = !helper_;
    if (is_new) helper_ = std::make_shared<Helper>();
    std::unique_lock lock(common_->mutex);
    helper_->jobs = std::move(jobs);
    helper_->answers.clear();
    helper_->busy = true;
    if (is_new) {
        lock.unlock();  // a new helper finds its jobs there and need not be woken
        try {
            helper_->thread =
                std::thread([helper = helper_, common = common_] { helper->work(*common); });
        } catch (const std::system_error&) {
            jobs = std::move(helper_->jobs);
            helper_.reset();
            run_here(std::move(jobs));
            return 0;
        }
        lock.lock();
    } else {
        helper_->given.notify_one();
    }
    const Duration slice = limit / kSlices + Duration(1);
    std::size_t seen = 0;
    const auto over = [this] { return !helper_->busy || common_->abandoned; };
    for (int unchanged = 0; unchanged < kSlices;) {
        if (wait_(common_->done, lock, slice, over)) break;
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
        if (helper_->reading) common_->stuck.insert(stuck_at->name);
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
