#include "platform/tpm_reading.h"

#include <memory>
#include <mutex>

namespace latchkey::platform {
namespace {

using hwid::Access;

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
            return Access::failed;
        case TpmFailure::timed_out:
            return Access::timed_out;
    }
    return Access::failed;
}

}  // namespace

hwid::RawTpm unread_tpm(TpmTrouble trouble) {
    return {{access_of(trouble.failure), {}, std::move(trouble.detail)}};
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
