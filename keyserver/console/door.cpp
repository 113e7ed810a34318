#include "keyserver/console/door.h"

namespace latchkey::keyserver::console {
namespace {

constexpr seconds kDigestPause{1};

/// Lets one digest be computed at a time; what it costs cannot be multiplied.
class OneAtATime {
public:
    explicit OneAtATime(std::atomic_flag& taken)
        : taken_(taken), mine_(!taken.test_and_set(std::memory_order_acquire)) {}
    OneAtATime(const OneAtATime&) = delete;
    OneAtATime& operator=(const OneAtATime&) = delete;
    ~OneAtATime() {
        if (mine_) taken_.clear(std::memory_order_release);
    }
    bool mine() const { return mine_; }

private:
    std::atomic_flag& taken_;
    bool mine_;
};

}  // namespace

std::string set_cookie(std::string_view token) {
    return std::string(kCookie) + "=" + std::string(token) +
           "; Path=/; Secure; HttpOnly; SameSite=Strict";
}

std::string clear_cookie() { return set_cookie({}) + "; Max-Age=0"; }

std::string session_cookie(const HttpRequest& request) {
    std::string_view rest = request.cookie;
    std::optional<std::string> token;
    while (!rest.empty()) {
        const auto end = rest.find(';');
        std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        if (!pair.starts_with(kCookie) || pair.substr(kCookie.size(), 1) != "=") continue;
        if (token) return {};
        token = pair.substr(kCookie.size() + 1);
    }
    return token.value_or("");
}

bool from_our_page(const HttpRequest& request) {
    const bool names_us = !request.host.empty() && request.origin == "https://" + request.host;
    if (request.fetch_site.empty()) return names_us;
    // Our pages send no referrer, and so their forms an origin of "null".
    const bool may_be_ours = names_us || request.origin.empty() || request.origin == "null";
    return request.fetch_site == "same-origin" && may_be_ours;
}

std::optional<seconds> Door::wait(const std::string& peer, SinceBoot now) {
    const std::lock_guard lock(mutex_);
    if (auto wait = of_one_.take(peer, now)) return wait;
    return of_all_.take("all", now);
}

Result<Door::Attempt> Door::sign_in(const std::string& peer, std::string_view password,
                                    SinceBoot now) {
    const auto credential = read_credential(directory_);
    if (!credential) return fail(credential.error());
    if (!*credential) return Attempt{Outcome::no_credential, {}, {}};
    if (const auto pause = wait(peer, now)) return Attempt{Outcome::too_often, {}, *pause};
    if (password.size() > kMaxPasswordBytes) return Attempt{Outcome::wrong, {}, {}};
    {
        const OneAtATime turn(digesting_);
        if (!turn.mine()) return Attempt{Outcome::too_often, {}, kDigestPause};
        if (!check_(**credential, password)) return Attempt{Outcome::wrong, {}, {}};
    }
    const std::lock_guard lock(mutex_);
    return Attempt{Outcome::in, sessions_.begin((*credential)->id(), now), {}};
}

void Door::sign_out(std::string_view token) {
    const std::lock_guard lock(mutex_);
    sessions_.end(token);
}

Result<std::optional<Door::Guest>> Door::guest(const HttpRequest& request, SinceBoot now) {
    std::string token = session_cookie(request);
    if (token.empty()) return std::nullopt;
    const auto credential = read_credential(directory_);
    if (!credential) return fail(credential.error());
    const std::lock_guard lock(mutex_);
    auto session = sessions_.find(token, *credential ? (*credential)->id() : std::string(), now);
    if (!session) return std::nullopt;
    return Guest{std::move(token), std::move(*session)};
}

Result<bool> Door::has_credential() const {
    const auto credential = read_credential(directory_);
    if (!credential) return fail(credential.error());
    return credential->has_value();
}

void Door::tell(std::string_view token, std::string notice) {
    const std::lock_guard lock(mutex_);
    sessions_.tell(token, std::move(notice));
}

std::string Door::take_notice(std::string_view token) {
    const std::lock_guard lock(mutex_);
    return sessions_.take_notice(token);
}

}  // namespace latchkey::keyserver::console
