#include "keyserver/console/sessions.h"

#include <algorithm>
#include <utility>

#include "keyserver/console/policy.h"

namespace latchkey::keyserver::console {

bool Sessions::over(const Session& session, SinceBoot now) {
    return now >= session.last + kIdleEnd || now >= session.began + kAbsoluteEnd;
}

std::string Sessions::begin(const std::string& credential, SinceBoot now) {
    std::erase_if(sessions_, [&](const auto& each) { return over(each.second, now); });
    if (sessions_.size() >= kMaxSessions)
        sessions_.erase(std::min_element(
            sessions_.begin(), sessions_.end(),
            [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
    std::string token = base64url(licensing::random_bytes(kTokenBytes));
    sessions_[licensing::sha256(token)] = {
        base64url(licensing::random_bytes(kTokenBytes)), credential, {}, now, now};
    return token;
}

std::optional<Session> Sessions::find(std::string_view token, std::string_view credential,
                                      SinceBoot now) {
    const auto found = sessions_.find(licensing::sha256(token));
    if (found == sessions_.end()) return std::nullopt;
    if (over(found->second, now) || found->second.credential != credential) {
        sessions_.erase(found);
        return std::nullopt;
    }
    found->second.last = now;
    return found->second;
}

void Sessions::end(std::string_view token) { sessions_.erase(licensing::sha256(token)); }

void Sessions::tell(std::string_view token, std::string notice) {
    const auto found = sessions_.find(licensing::sha256(token));
    if (found != sessions_.end()) found->second.notice = std::move(notice);
}

std::string Sessions::take_notice(std::string_view token) {
    const auto found = sessions_.find(licensing::sha256(token));
    return found == sessions_.end() ? std::string() : std::exchange(found->second.notice, {});
}

bool same_token(std::string_view given, std::string_view expected) {
    return !expected.empty() && licensing::equal_secret(as_bytes(given), as_bytes(expected));
}

}  // namespace latchkey::keyserver::console
