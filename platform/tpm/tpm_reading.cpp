#include "platform/tpm/tpm_reading.h"

#include <array>
#include <cstdio>
#include <memory>
#include <mutex>

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr std::uint32_t kLayers = 0xffff0000;
constexpr std::uint32_t kBase = 0x0000ffff;

/// The errors that all layers have in common (TSS2_BASE_RC_...), as far as a driver makes them.
std::string_view words_of(std::uint32_t base) {
    switch (base) {
        case 0x0008:
            return "no connection";
        case 0x0009:
            return "it is busy";
        case 0x000a:
            return "I/O error";
        case 0x000c:
            return "not permitted";
        case 0x0010:
            return "its answer is malformed";
        default:
            return "the software between it and the agent failed";
    }
}

Access access_of(TpmFailure failure) {
    switch (failure) {
        case TpmFailure::absent:
        case TpmFailure::too_old:
            return Access::absent;
        case TpmFailure::not_permitted:
            return Access::denied;
        case TpmFailure::no_library:
        case TpmFailure::hierarchy_locked:
        case TpmFailure::locked_out:
        case TpmFailure::refused:
        case TpmFailure::unreachable:
            return Access::failed;
        case TpmFailure::timed_out:
            return Access::timed_out;
    }
    return Access::failed;
}

}  // namespace

hwid::RawTpm unread_tpm(TpmTrouble trouble, std::string remedy) {
    if (trouble.failure == TpmFailure::unreachable)
        trouble.detail.insert(0, "the TPM cannot be talked to: ");
    return {{access_of(trouble.failure), {}, std::move(trouble.detail)}, std::move(remedy)};
}

bool is_tpms_own(std::uint32_t code) {
    constexpr std::uint32_t kResourceManagers = 0x000b0000;  // hands on what the TPM said
    const std::uint32_t layer = code & kLayers;
    return layer == 0 || layer == kResourceManagers;
}

TpmTrouble trouble_of_layer(std::uint32_t code) {
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), " (code 0x%08x)", code);
    return {TpmFailure::unreachable, std::string(words_of(code & kBase)) + number.data()};
}

TpmReader remembering(TpmReader read) {
    struct Memory {
        std::mutex mutex;
        hwid::RawTpm known;
    };
    return [read = std::move(read), memory = std::make_shared<Memory>()] {
        const std::lock_guard lock(memory->mutex);
        if (!memory->known.ek_public.readable()) memory->known = read();
        return memory->known;
    };
}

}  // namespace latchkey::platform
