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

// To whoever asks over HTTPS. A code that is not here is told with the remedy of base/problem.*,
// which speaks to an agent's user.
constexpr std::array kAnswers{
    Remedy{Code::signature_invalid,
           "Sign this very request with the device key that Latchkey-Device names, as "
           "docs/keyserver-api.yaml says. Where an agent sent it, something on the way, such as a "
           "proxy, changed it: try another network."},
    Remedy{Code::request_invalid,
           "Correct what the detail names; docs/keyserver-api.yaml describes every request. Where "
           "an agent sent it, update the agent's package."},
    Remedy{Code::request_too_large, "Send no more than the detail allows."},
    Remedy{Code::product_unknown,
           "Check the product's id, and that this is the key server of its publisher."},
    Remedy{Code::idempotency_conflict,
           "Ask anew under another idempotency key; an agent takes one for each new command."},
    Remedy{Code::rate_limited,
           "Wait as long as Retry-After says, then ask again; an agent does so by itself."},
    Remedy{Code::internal, "Tell whoever runs this key server; its log says more."},
};

template <std::size_t N>
Problem remedied(Problem problem, const std::array<Remedy, N>& remedies) {
    if (!problem.remedy.empty()) return problem;
    for (const auto& remedy : remedies)
        if (remedy.code == problem.code) problem.remedy = remedy.text;
    return problem;
}

bool is_about_our_records(Code code) {
    return code == Code::storage_failed || code == Code::database_unavailable ||
           code == Code::state_corrupt || code == Code::state_newer || code == Code::state_locked;
}

}  // namespace

Problem with_remedy(Problem problem) { return remedied(std::move(problem), kRemedies); }

Problem as_answered(Problem problem) {
    if (is_about_our_records(problem.code))
        return {Code::keyserver_unavailable, "its records cannot be read or written", {}};
    return remedied(std::move(problem), kAnswers);
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
