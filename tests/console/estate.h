#pragma once

// A key server with twelve weeks behind it, for the console to show: decided by the real rules, on
// time of the test's.

#include <string>

#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {

/// What of it a test goes back to.
struct Estate {
    std::string entitlement;  ///< of the editor, some of its key used
    std::string key;          ///< its id
    std::string machine;      ///< one that is active, activated once
    std::string reimaged;     ///< one with several decisions
    std::string cloned;       ///< one whose license two machines renew in turns
};

/// Fills an empty server; its clock goes on by twelve weeks.
Estate fill(TestServer& server);

/// Unmistakable hardware number N.
Hardware hardware_number(int number);

}  // namespace latchkey::keyserver
