#pragma once

// The id inside a receipt that was verified before it was stored; null where there is none.

#include <string>

#include "base/strict_json.h"

namespace latchkey::daemon {

json::bj::value receipt_id_json(const std::string& jws);

}  // namespace latchkey::daemon
