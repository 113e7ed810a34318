#include "platform/hardware/hardware_jobs.h"

#include <mutex>

#include "platform/paths.h"

namespace latchkey::platform {
namespace {

class GuardedHardware final : public Hardware {
public:
    explicit GuardedHardware(ListSources sources) : list_sources_(std::move(sources)) {}

    hwid::RawHardware read(Duration per_source) const override {
        const std::lock_guard one_at_a_time(mutex_);
        hwid::RawHardware out;
        out.os = os_name();
        HardwareJobs jobs;
        list_sources_(jobs, out);
        worker_.run(std::move(jobs), per_source);
        return out;
    }

    void abandon() override { worker_.abandon(); }

private:
    mutable std::mutex mutex_;
    mutable GuardedWorker worker_;
    ListSources list_sources_;
};

}  // namespace

std::unique_ptr<Hardware> guarded_hardware(ListSources sources) {
    return std::make_unique<GuardedHardware>(std::move(sources));
}

}  // namespace latchkey::platform
