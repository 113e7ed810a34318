#pragma once

// The table of base/problem.* speaks to whoever runs an agent. Where the same failure asks
// something else of the key server's administrator, the words are here.

#include "base/problem.h"

namespace latchkey::keyserver {

/// The problem with a remedy that is true at the key server; one it already has stays.
Problem with_remedy(Problem problem);

/// The problem as it is told over HTTPS, in words that are true for an agent's user, for whoever
/// writes a client and for who looks in by hand. What goes wrong with our own records becomes
/// Code::keyserver_unavailable, without its detail: that is for our log.
Problem as_answered(Problem problem);

/// The same for a failure to read the data directory or a private key: a file that is not there is
/// damage (Code::state_corrupt), rights that others have on it are Code::config_invalid.
Problem of_data_directory(Problem problem);

}  // namespace latchkey::keyserver
