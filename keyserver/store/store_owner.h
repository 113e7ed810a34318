#pragma once

// Whose a database is: written into it at the first start, and held against it ever after.

#include <cstdint>
#include <string>

#include "base/result.h"
#include "keyserver/store/sql.h"

namespace latchkey::keyserver {

struct StoreOwner {
    std::string publisher;
    std::string pepper_check;  ///< Pepper::check_value
};

enum class Start : std::uint8_t { first, later };

/// The database is the owner's from now on.
Result<void> claim(Database& db, const StoreOwner& owner);

/// Fails with Code::config_invalid where the database is another publisher's, with
/// Code::state_corrupt where it was made with another pepper. What it does not say yet (it was made
/// before that was kept) it says from now on. `named` is how people know the database.
Result<void> check_owner(Database& db, const StoreOwner& owner, const std::string& named);

/// The records live at `place` now.
Result<void> note_moved(Database& db, const std::string& place);

/// Fails with Code::config_invalid where the records were moved elsewhere.
Result<void> check_not_moved(Database& db);

/// Does the database hold anything that an administrator entered?
Result<bool> holds_records(Database& db);

}  // namespace latchkey::keyserver
