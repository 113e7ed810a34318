#pragma once

// Whose the state is: bound to the hardware that made it, told when it turns out to be another
// machine's, and given up when an image is made of this one (docs/store-schema.md). The runner's
// thread, as for the store.

#include <optional>
#include <string>
#include <vector>

#include "agent/store/hardware.h"
#include "agent/store/image_report.h"
#include "base/result.h"
#include "base/time.h"

namespace latchkey::store {

/// What a look at the hardware did to the state.
struct Settled {
    bool rows_changed = false;      ///< products and device keys are to be read again
    bool time_changed = false;      ///< and so is trusted time
    std::string foreign;            ///< a sentence, where the state was found to be another's
    std::vector<std::string> done;  ///< sentences for log and status
};

class Custody {
public:
    virtual ~Custody() = default;

    /// Random; empty once the machine is generalized.
    virtual const std::string& machine_id() const = 0;

    /// Compares the state, and a second copy that waits for it, with the present machine. Same and
    /// insufficient change nothing but the record. Different: rows without a license go, machine id
    /// and device keys are made anew; what was known of the other machine is remembered, so that a
    /// disk which goes back finds itself again. Fails with Code::storage_failed; ask again then.
    virtual Result<Settled> settle(const Look& look, ServerTime now) = 0;

    /// Everything here that belongs to one machine, in the state and on the disk. Empty: clean.
    virtual Result<std::vector<Belonging>> belongings() = 0;

    /// Removes all of it and leaves the report in its place. A crash on the way is taken up when
    /// the state is opened again. Where it fails after the report was written, report() says so.
    virtual Result<void> generalize(ImageReport report) = 0;

    /// Set where this machine is an image in the making: since generalize(), until another boot.
    virtual const std::optional<ImageReport>& report() const = 0;
};

}  // namespace latchkey::store
