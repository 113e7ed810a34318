#pragma once

// Hands over what the system says of its hardware, uninterpreted (hwid/raw.h). Blocking: call it on
// a worker thread.

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "hwid/raw.h"

namespace latchkey::platform {

class Hardware {
public:
    virtual ~Hardware() = default;

    /// Never fails: each source says by itself whether it was read. A source that takes longer than
    /// `per_source` is given up as timed_out; one stuck disk does not hold the others.
    virtual hwid::RawHardware read(Duration per_source) const = 0;

    /// From any thread, for good: a reading under way gives up what it has not got, now, and so
    /// does each later one.
    virtual void abandon() = 0;
};

/// Asks the TPM for its endorsement key; blocking, called once a reading. tpm.h has one.
using TpmReader = std::function<hwid::RawTpm()>;

/// Without a reader a TPM that is there counts as unreadable: the command line tool is a static
/// program and leaves TPMs to the agent.
std::unique_ptr<Hardware> system_hardware(TpmReader tpm = {});

/// What of this machine's hardware facts needs more rights than this process has; empty for root.
std::string missing_rights_hint();

}  // namespace latchkey::platform
