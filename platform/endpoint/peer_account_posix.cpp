#include "platform/endpoint/peer_account_posix.h"

#include <utility>

#include "platform/accounts_posix.h"

namespace latchkey::platform {
namespace {

constexpr std::chrono::seconds kPatience{2};

}  // namespace

boost::asio::awaitable<PeerAccount> PeerAccounts::look_up(uid_t user, std::optional<gid_t> group) {
    const auto known = names_.find(user);
    if (known != names_.end() && !group) co_return PeerAccount{known->second, false};
    const auto question = [user, group] {
        return Told{name_of_account(user), group && is_further_member(user, *group)};
    };
    std::optional<Told> told;
    if (is_directory_slow())
        told = co_await directory_.ask(question, kPatience);
    else
        told = question();
    PeerAccount account{"uid " + std::to_string(user), told && told->is_member};
    if (told && told->name) account.name = *told->name;
    // Without an answer it is asked again.
    if (told) names_.insert_or_assign(user, account.name);
    co_return account;
}

}  // namespace latchkey::platform
