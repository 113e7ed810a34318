#pragma once

// One data directory, opened by one process: lock, keys, store.

#include <filesystem>
#include <memory>
#include <string>

#include "keyserver/key_room.h"
#include "keyserver/store.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {

/// Destroyed in reverse order: the store closes before the lock is given up.
struct Premises {
    std::unique_ptr<platform::DirectoryLock> lock;
    KeyRoom room;
    std::unique_ptr<Store> store;
};

/// Makes the directory and what belongs in it where it is new. Fails with Code::state_locked while
/// another process has it.
Result<Premises> open_premises(const std::filesystem::path& directory, const std::string& publisher,
                               ServerTime now);

}  // namespace latchkey::keyserver
