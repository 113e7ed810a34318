#pragma once

// The databases that a key server may keep its records in, for tests of what both must do.

#include <memory>

#include "keyserver/store/store.h"
#include "keyserver/store/store_owner.h"

namespace latchkey::keyserver {

/// One database, empty at first.
class Backend {
public:
    virtual ~Backend() = default;
    virtual Result<std::unique_ptr<Store>> open(const StoreOwner& owner, Start start) = 0;
    /// As if a newer version had worked on it.
    virtual void become_newer() = 0;
    /// Holds something that no key server made.
    virtual void become_foreign() = 0;
    virtual bool is_still_foreign() = 0;
};

using MakeBackend = std::unique_ptr<Backend> (*)();
std::unique_ptr<Backend> sqlite_backend();
std::unique_ptr<Backend> postgres_backend();

}  // namespace latchkey::keyserver
