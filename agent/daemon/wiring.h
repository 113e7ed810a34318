#pragma once

// Puts the agent together and runs it: the only place that makes the real client, opens the real
// store and endpoint. Clock and hardware are handed in, so that the demo agent can hand in fakes;
// no option of latchkeyd does.

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <functional>

#include "agent/daemon/agent.h"
#include "platform/clock.h"

namespace latchkey::daemon {

struct World {
    const platform::Clock& clock;
    CaptureSource& captures;
    /// Called once the agent is ready, on its thread; may be empty. The demo agent listens for its
    /// commands here.
    std::function<void(boost::asio::any_io_executor, Agent&)> ready;
    std::shared_ptr<platform::TpmProver> tpm = nullptr;  ///< none: no proof can be given
    std::shared_ptr<platform::TpmCounter> counter = nullptr;
};

/// Runs until the service manager or a signal says stop. The exit code: 0, or of what kept it from
/// starting (78 for a bad configuration).
int run_agent(const std::filesystem::path& config_file, const World& world);

/// Reads the configuration, and the CA files it names, and says what is wrong with them, on stderr.
int check_config(const std::filesystem::path& config_file);

}  // namespace latchkey::daemon
