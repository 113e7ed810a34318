#pragma once

// One data directory, opened by one process: lock, keys, store.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "keyserver/keys/key_keeper.h"
#include "keyserver/store/database_choice.h"
#include "keyserver/store/store.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {

/// Destroyed in reverse order: the store closes before the lock is given up.
struct Premises {
    std::unique_ptr<platform::DirectoryLock> lock;
    std::unique_ptr<KeyKeeper> keys;
    std::unique_ptr<Store> store;
    std::vector<std::string> warnings = {};  ///< about what others may do with the directory
};

/// What to do where the directory holds no key server yet: a mistyped name must not begin one.
enum class WhereNew : std::uint8_t { make, refuse };

/// Fails with Code::state_locked while another process has the directory, with
/// Code::record_unknown, leaving everything as it was, where it is new and that is refused, and as
/// of_data_directory (remedies.h) says.
/// `clock` must outlive them.
Result<Premises> open_premises(const std::filesystem::path& directory, const std::string& publisher,
                               const DatabaseChoice& database, const platform::Clock& clock,
                               WhereNew where_new = WhereNew::make);

}  // namespace latchkey::keyserver
