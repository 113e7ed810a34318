#pragma once

// What a setting's text must be like, whoever brings it: a file, a policy, an installer's property.
// The agent refuses to start with one that is not (exit code 78), so whoever writes a setting for
// it asks here first. Pure; the sentences complete "NAME ...".

#include <cstddef>
#include <string>
#include <string_view>

namespace latchkey::setting_text {

inline constexpr std::size_t kMaxBytes = 1024;

/// Empty where the text may stand for any setting; else why not: its length, a control character, a
/// product key.
std::string wrong_with(std::string_view text);

/// Five groups of five, parted by '-' or ' ': what must not be shown, whoever put it where it does
/// not belong.
bool looks_like_a_key(std::string_view text);

/// https://HOST[:PORT], nothing after it: no path, no query, no user.
bool is_key_server(std::string_view text);
inline constexpr std::string_view kKeyServerForm = "must be https://HOST or https://HOST:PORT";

/// "system", "none", or http://HOST[:PORT] as above.
bool is_proxy(std::string_view text);
inline constexpr std::string_view kProxyForm = "must be \"system\", \"none\" or http://HOST:PORT";

/// ISO 3166-1 alpha-2, by its form alone.
bool is_country(std::string_view text);
inline constexpr std::string_view kCountryForm = "must be two capital letters, as in \"DE\"";

}  // namespace latchkey::setting_text
