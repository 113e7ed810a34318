#pragma once

// One line of JSON for each answer, for whoever runs the server: who asked what, what was said, how
// long it took. Never a body, a header, a query or a whole device key. One thread.

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::keyserver {

struct AccessEntry {
    WallTime at;              ///< when the answer was ready
    std::string_view peer;    ///< the client's address
    std::string_view method;  ///< empty, as `path`: the request could not be read
    std::string_view path;    ///< the query is left out, and what is longer than a path of ours
    int status = 0;
    std::string_view code;    ///< of a problem document
    std::string_view device;  ///< its first 8 characters are told
    std::size_t bytes = 0;    ///< of the answer's body
    Duration took{0};         ///< from the last byte of the request to the answer
};

/// The line, with its end.
std::string to_line(const AccessEntry& entry);

class AccessLog {
public:
    virtual ~AccessLog() = default;
    /// What cannot be written is lost; the server's own log says so once until it works again.
    virtual void write(const AccessEntry& entry) = 0;
    /// Opens the file anew, after logrotate moved it. Keeps the old one where that fails.
    virtual void reopen() = 0;
};

/// Appends to `file`, made with mode 0640 where it is missing. Fails with Code::config_invalid.
Result<std::unique_ptr<AccessLog>> open_access_log(const std::filesystem::path& file);

}  // namespace latchkey::keyserver
