#include "platform/tpm/tpm.h"

namespace latchkey::platform {

std::string_view name(TpmFailure failure) {
    switch (failure) {
        case TpmFailure::absent:
            return "absent";
        case TpmFailure::too_old:
            return "too_old";
        case TpmFailure::no_library:
            return "no_library";
        case TpmFailure::not_permitted:
            return "not_permitted";
        case TpmFailure::hierarchy_locked:
            return "hierarchy_locked";
        case TpmFailure::locked_out:
            return "locked_out";
        case TpmFailure::refused:
            return "refused";
        case TpmFailure::unreachable:
            return "unreachable";
        case TpmFailure::timed_out:
            return "timed_out";
    }
    return "refused";
}

}  // namespace latchkey::platform
