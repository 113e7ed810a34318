#include "platform/tpm_counter.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "platform/tpm_linux.h"
#include "platform/tpm_memory_linux.h"

namespace latchkey::platform {
namespace {

/// The owner's range (TCG Registry of Reserved TPM 2.0 Handles). A counter has an even index; the
/// odd one after it says where its counting began, for a TPM starts no counter below any that it
/// ever had.
constexpr TPM2_HANDLE kOwnersRange = 0x01800000;

class FileCounter final : public TpmCounter {
public:
    FileCounter(TpmOpener open, Duration patience) : open_(std::move(open)), patience_(patience) {}

    TpmResult<std::uint32_t> read(const TpmCounterPlace& place) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) { return count(tpm, place, 0); });
    }

    TpmResult<std::uint32_t> raise(const TpmCounterPlace& place, std::uint32_t target) override {
        const std::lock_guard lock(mutex_);
        return ask_tpm(open_, patience_, [&](TpmSession& tpm) {
            return count(tpm, place, std::min(target, kTpmCounterMost));
        });
    }

private:
    /// Counts up to `target`; changes nothing where that is 0.
    static std::optional<std::uint32_t> count(TpmSession& tpm, const TpmCounterPlace& place,
                                              std::uint32_t target) {
        if (tpm.code() != TSS2_RC_SUCCESS) return std::nullopt;
        TpmMemory memory(tpm, place.authorisation);
        const TPM2_HANDLE index = kOwnersRange + 2 * (place.slot % kTpmCounterSlots);
        auto counter = memory.find(index, TpmMemory::Kind::counter);
        if (!counter && tpm.code() != TSS2_RC_SUCCESS) return std::nullopt;
        auto base = memory.find(index + 1, TpmMemory::Kind::written_once);
        if (!base && tpm.code() != TSS2_RC_SUCCESS) return std::nullopt;
        // Half of it is none: it was being made when the power went, or somebody took a part away.
        const bool whole = counter && counter->written && base && base->written;
        if (!whole && target == 0) return 0;
        if (!whole && !make(memory, index, counter, base)) return std::nullopt;
        for (;;) {
            const auto value = memory.read(*counter);
            const auto from = memory.read(*base);
            if (!value || !from) return std::nullopt;
            const auto counted = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(*value - std::min(*from, *value), kTpmCounterMost));
            if (counted >= target) return counted;
            if (!memory.increment(*counter)) return std::nullopt;
        }
    }

    static bool make(TpmMemory& memory, TPM2_HANDLE index, std::optional<TpmMemory::Place>& counter,
                     std::optional<TpmMemory::Place>& base) {
        if (!counter) counter = memory.define(index, TpmMemory::Kind::counter);
        if (!counter) return false;
        // The first step gives it its value.
        if (!counter->written && !memory.increment(*counter)) return false;
        const auto value = memory.read(*counter);
        if (!value) return false;
        if (!base) base = memory.define(index + 1, TpmMemory::Kind::written_once);
        return base && (base->written || memory.write_once(*base, *value));
    }

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
