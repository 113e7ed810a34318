#include "keyserver/http/connection_limit.h"

#include <algorithm>
#include <string>

#include "keyserver/policy.h"

namespace latchkey::keyserver {

Result<std::size_t> connections_within(std::size_t files) {
    constexpr std::size_t kFewestFiles = kOtherFiles + kFewestConnections;
    if (files < kFewestFiles)
        return fail(Problem{
            Code::config_invalid,
            "this process may have " + std::to_string(files) + " files open, and needs at least " +
                std::to_string(kFewestFiles) + " (" +
                std::to_string(kMaxConnections + kOtherFiles) + " for all connections it can hold)",
            "Raise its limit of open files: LimitNOFILE= in a systemd unit, 'ulimit -n' in a "
            "shell."});
    return std::min(files - kOtherFiles, kMaxConnections);
}

}  // namespace latchkey::keyserver
