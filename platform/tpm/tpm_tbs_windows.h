#pragma once

// TPM Base Services: Windows' resource manager of the TPM, through tbs.dll, and the parts of
// tpm_windows.cpp that its tests reach. Internal to the Windows files of platform/.

#include <windows.h>

#include <cstdint>

#include "base/time.h"
#include "platform/tpm/tpm_over_wire.h"

namespace latchkey::platform {

/// The calls of tbs.dll, which is loaded when it is asked for: a Windows without it works. The
/// structures are here, because the free headers know TPM 1.2 alone.
struct Tbs {
    using Context = void*;
    using Result = std::uint32_t;

    struct ContextParameters {  ///< TBS_CONTEXT_PARAMS2
        std::uint32_t version;
        std::uint32_t flags;
    };
    struct DeviceInfo {  ///< TPM_DEVICE_INFO
        std::uint32_t version;
        std::uint32_t tpm_version;
        std::uint32_t interface_type;
        std::uint32_t revision;
    };

    Result(WINAPI* get_device_info)(std::uint32_t size, DeviceInfo* info) = nullptr;
    Result(WINAPI* create_context)(const ContextParameters* parameters, Context* made) = nullptr;
    Result(WINAPI* close_context)(Context context) = nullptr;
    Result(WINAPI* submit_command)(Context context, std::uint32_t locality, std::uint32_t priority,
                                   const std::uint8_t* command, std::uint32_t command_size,
                                   std::uint8_t* answer, std::uint32_t* answer_size) = nullptr;
    Result(WINAPI* cancel_commands)(Context context) = nullptr;

    /// nullptr where it is not installed, or is not whole.
    static const Tbs* get();
};

/// A context of its own, with all that was loaded in it gone when the wire goes. An answer that
/// takes longer than `patience` is none: the command is cancelled.
TpmResult<std::unique_ptr<TpmWire>> open_tbs(const Tbs* tbs, Duration patience);

}  // namespace latchkey::platform
