#pragma once

// Who gets in: signing in with the credential of the directory, a session behind a cookie, and
// whether a form came from a page of ours. Thread-safe; a digest is computed outside its lock, one
// at a time.

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "keyserver/console/credential.h"
#include "keyserver/console/sessions.h"
#include "keyserver/http/http.h"
#include "keyserver/http/rate_limit.h"

namespace latchkey::keyserver::console {

/// `__Host-`: this host alone, whole path, HTTPS.
inline constexpr std::string_view kCookie = "__Host-latchkey-console";

std::string set_cookie(std::string_view token);
std::string clear_cookie();
/// The session's token as the browser sent it; empty: none, or more than one.
std::string session_cookie(const HttpRequest& request);

/// Did a page of ours send the form? By Sec-Fetch-Site where the browser says it (it cannot be
/// forged by a page), otherwise by Origin against Host.
bool from_our_page(const HttpRequest& request);

class Door {
public:
    using Check = bool (*)(const Credential& credential, std::string_view password);
    /// `check` is what takes its time.
    explicit Door(std::filesystem::path directory, Check check = matches)
        : directory_(std::move(directory)), check_(check) {}

    enum class Outcome : std::uint8_t { in, wrong, too_often, no_credential };
    struct Attempt {
        Outcome outcome = Outcome::wrong;
        std::string token;  ///< in: for the cookie
        seconds wait{0};    ///< too_often
    };
    /// Takes the digest's time. Fails where the credential cannot be read.
    Result<Attempt> sign_in(const std::string& peer, std::string_view password, SinceBoot now);
    void sign_out(std::string_view token);

    struct Guest {
        std::string token;
        Session session;
    };
    /// nullopt: nobody is signed in with that cookie.
    Result<std::optional<Guest>> guest(const HttpRequest& request, SinceBoot now);
    Result<bool> has_credential() const;

    void tell(std::string_view token, std::string notice);
    std::string take_notice(std::string_view token);

private:
    std::optional<seconds> wait(const std::string& peer, SinceBoot now);

    std::filesystem::path directory_;
    Check check_;
    std::atomic_flag digesting_;
    std::mutex mutex_;  ///< of what follows
    Sessions sessions_;
    RateLimiter of_one_{kSignInBurst, kSignInsPerSecond, kMaxSignInBuckets};
    RateLimiter of_all_{kSignInBurstOfAll, kSignInsPerSecondOfAll, 1};
};

}  // namespace latchkey::keyserver::console
