#pragma once

// The configured CA files (ca_file of [keyserver] and [publisher."ID"]). One that cannot be used
// stops nobody but the products of its publishers, so it is told and looked at again, never a
// reason not to start.

#include <filesystem>
#include <map>
#include <vector>

#include "agent/daemon/config.h"
#include "base/problem.h"

namespace latchkey::daemon {

/// One Code::config_invalid for each that cannot be used: file and line of the setting, its path,
/// the reason.
std::vector<Problem> check_ca_files(const Config& config);

/// The same, remembered: good files are read again only when they changed. Every change for the
/// better or the worse is logged once.
class CaFiles {
public:
    const std::vector<Problem>& troubles(const Config& config);
    /// Reads them all, changed or not: a file's rights are no part of what is remembered.
    const std::vector<Problem>& read_again(const Config& config);

private:
    const std::vector<Problem>& look(const Config& config, bool anew);

    using Stamps = std::map<std::string, std::filesystem::file_time_type>;

    Stamps seen_;
    std::vector<Problem> troubles_;
};

}  // namespace latchkey::daemon
