#pragma once

// Where the counter lies in a TPM and how it is read and raised, whatever carries the questions. A
// `Memory` is TpmMemory (tpm_memory_linux.h) or TpmTalkMemory (tpm_talk_memory.h); where one of its
// calls gives nothing, it knows why. Internal to platform/.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "platform/tpm/tpm_counter.h"

namespace latchkey::platform {

/// The owner's range (TCG Registry of Reserved TPM 2.0 Handles). A counter has an even index; the
/// odd one after it says where its counting began, for a TPM starts no counter below any that it
/// ever had.
inline constexpr std::uint32_t kTpmOwnersRange = 0x01800000;

template <class Memory>
bool make_counter(Memory& memory, std::uint32_t index,
                  std::optional<typename Memory::Place>& counter,
                  std::optional<typename Memory::Place>& base) {
    if (!counter) counter = memory.define(index, Memory::Kind::counter);
    if (!counter) return false;
    // The first step gives it its value.
    if (!counter->written && !memory.increment(*counter)) return false;
    const auto value = memory.read(*counter);
    if (!value) return false;
    if (!base) base = memory.define(index + 1, Memory::Kind::written_once);
    return base && (base->written || memory.write_once(*base, *value));
}

/// Counts up to `target`; changes nothing where that is 0.
template <class Memory>
std::optional<std::uint32_t> count_up(Memory& memory, std::uint32_t slot, std::uint32_t target) {
    if (memory.failed()) return std::nullopt;
    const std::uint32_t index = kTpmOwnersRange + 2 * (slot % kTpmCounterSlots);
    auto counter = memory.find(index, Memory::Kind::counter);
    if (!counter && memory.failed()) return std::nullopt;
    auto base = memory.find(index + 1, Memory::Kind::written_once);
    if (!base && memory.failed()) return std::nullopt;
    // Half of it is none: it was being made when the power went, or somebody took a part away.
    const bool whole = counter && counter->written && base && base->written;
    if (!whole && target == 0) return 0;
    if (!whole && !make_counter(memory, index, counter, base)) return std::nullopt;
    // More steps than anybody counts: it does not count at all.
    for (std::uint32_t step = 0; step <= kTpmCounterMost; ++step) {
        const auto value = memory.read(*counter);
        const auto from = memory.read(*base);
        if (!value || !from) return std::nullopt;
        const auto counted = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(*value - std::min(*from, *value), kTpmCounterMost));
        if (counted >= std::min(target, kTpmCounterMost)) return counted;
        if (!memory.increment(*counter)) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace latchkey::platform
