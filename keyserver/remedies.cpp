#include "keyserver/remedies.h"

#include <array>

namespace latchkey::keyserver {
namespace {

struct Remedy {
    Code code;
    std::string_view text;
};

// What is missing here is as true at the key server as it is at the agent.
constexpr std::array kRemedies{
    Remedy{Code::state_corrupt,
           "Restore the data directory from a backup, whole: its keys and its database belong "
           "together. Nothing was repaired."},
    Remedy{Code::storage_failed,
           "Check free space, mount options and permissions of the data directory (--data)."},
    Remedy{Code::config_invalid, "Correct what is named above, then try again."},
    Remedy{Code::not_permitted, "Run it as root, or as the user the key server runs as."},
    Remedy{Code::state_locked,
           "Stop the other latchkey-keyserver of this directory first, or name another --data."},
    Remedy{Code::agent_unreachable,
           "Look at the log of the latchkey-keyserver that has this directory, or start it again."},
    Remedy{Code::rate_limited, "Try again in a moment."},
    Remedy{Code::product_unknown, "See 'latchkey-keyserver admin product list'."},
    Remedy{Code::activate_by_passed, "Name a later date."},
};

}  // namespace

Problem with_remedy(Problem problem) {
    if (!problem.remedy.empty()) return problem;
    for (const auto& remedy : kRemedies)
        if (remedy.code == problem.code) problem.remedy = remedy.text;
    return problem;
}

Problem of_data_directory(Problem problem) {
    if (problem.code == Code::record_unknown) {
        problem.code = Code::state_corrupt;
        problem.remedy =
            "Put it back from a backup of the data directory; it is never made a second time.";
    }
    if (problem.code == Code::not_permitted) problem.code = Code::config_invalid;
    return with_remedy(std::move(problem));
}

}  // namespace latchkey::keyserver
