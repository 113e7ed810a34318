#pragma once

// postgresql://user@host/name as people name a database. Its password, where there is one, never
// leaves this value but for libpq.

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::keyserver {

struct PostgresUrl {
    std::string text;           ///< as given, for libpq alone
    std::string shown;          ///< the same without any password: for logs and messages
    bool has_password = false;  ///< others can read it in the process list
};

bool is_postgres_url(std::string_view text);

/// Code::usage, without repeating the text, where it cannot be read.
Result<PostgresUrl> parse_postgres_url(const std::string& text);

}  // namespace latchkey::keyserver
