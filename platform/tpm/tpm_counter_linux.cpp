#include "platform/tpm/tpm_counter.h"

#include <mutex>
#include <utility>

#include "platform/tpm/tpm_counting.h"
#include "platform/tpm/tpm_linux.h"
#include "platform/tpm/tpm_memory_linux.h"

namespace latchkey::platform {
namespace {

class FileCounter final : public TpmCounter {
public:
    FileCounter(TpmOpener open, Duration patience) : open_(std::move(open)), patience_(patience) {}

    TpmResult<std::uint32_t> read(const TpmCounterPlace& place) override { return raise(place, 0); }

    TpmResult<std::uint32_t> raise(const TpmCounterPlace& place, std::uint32_t target) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) {
            TpmMemory memory(tpm, place.authorisation);
            return count_up(memory, place.slot, target);
        });
    }

private:
    TpmOpener open_;
    Duration patience_;
    std::mutex mutex_;
};

}  // namespace

std::unique_ptr<TpmCounter> tpm_counter_of(TpmOpener open, Duration patience) {
    return std::make_unique<FileCounter>(std::move(open), patience);
}

std::unique_ptr<TpmCounter> tpm_counter() { return tpm_counter_of(open_system_tpm, kTpmPatience); }

}  // namespace latchkey::platform
