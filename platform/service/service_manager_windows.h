#pragma once

// The Windows service manager's side of this process: it is answered by a thread of its own, so
// that it hears RUNNING before the agent has read a single file, and STOPPED after the last.
// Internal to the Windows files of platform/.

#include <windows.h>

#include <cstdint>
#include <functional>

namespace latchkey::platform {

enum class ServiceCall : std::uint8_t {
    nothing,  ///< heard; nothing is to be done
    stop,
    reload,
    look_again,  ///< time may have passed or been set, or somebody came: decide anew
    unknown,
};

/// What a control (SERVICE_CONTROL_*) with its event (PBT_*, WTS_*) asks of us.
ServiceCall service_call(DWORD control, DWORD event);

/// service_host.h's run_for_service_manager. `body` stays on the calling thread, and the manager is
/// answered by another: a thread of our own that ended would destroy its thread_local objects,
/// which MinGW's runtime does after it has given their memory back.
int run_as_service(const std::function<int()>& body);

/// Has the service manager started this process? True from the moment it was answered.
bool is_run_by_service_manager();

/// `listener` is called on the manager's thread and must not wait; at once for a stop or
/// a reload that came before. An empty one takes it away: afterwards it is neither called nor
/// running.
void hear_service_manager(std::function<void(ServiceCall)> listener);

/// The stop is under way.
void tell_service_manager_stopping();

}  // namespace latchkey::platform
