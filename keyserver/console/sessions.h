#pragma once

// Who is signed in: in memory only, so that a restart signs everybody out. The token itself is kept
// nowhere, only its hash. One thread at a time; time is passed in.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "licensing/crypto.h"

namespace latchkey::keyserver::console {

struct Session {
    std::string form_token;  ///< in every form of the session
    std::string credential;  ///< Credential::id() it was signed in with
    std::string notice;      ///< what the next page tells; empty: nothing
    SinceBoot began;
    SinceBoot last;
};

class Sessions {
public:
    /// Returns the token for the cookie. The one that was idle longest makes room.
    std::string begin(const std::string& credential, SinceBoot now);
    /// The session, which was asked for something just now. nullopt: there is none, or it has
    /// ended by time or because another credential holds now.
    std::optional<Session> find(std::string_view token, std::string_view credential, SinceBoot now);
    void end(std::string_view token);
    void tell(std::string_view token, std::string notice);
    /// Tells once.
    std::string take_notice(std::string_view token);
    std::size_t size() const { return sessions_.size(); }

private:
    using Key = licensing::Sha256;
    static bool over(const Session& session, SinceBoot now);

    std::map<Key, Session> sessions_;
};

/// Does a form bring the session's token? In constant time.
bool same_token(std::string_view given, std::string_view expected);

}  // namespace latchkey::keyserver::console
