#pragma once

// Whether anything can be stored now, found out by storing something. A topic of store.h, whose
// rules hold here too.

#include "base/result.h"
#include "base/time.h"

namespace latchkey::keyserver {

class ProbeStore {
public:
    virtual ~ProbeStore() = default;
    /// Writes when it was asked, in the place of the time before. Says something once committed.
    virtual Result<void> write(ServerTime at) = 0;
};

}  // namespace latchkey::keyserver
