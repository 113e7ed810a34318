#pragma once

// `latchkey-keyserver serve`: everything wired together, until SIGTERM.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "keyserver/store/database_choice.h"
#include "platform/clock.h"

namespace latchkey::keyserver {

struct ServeOptions {
    std::filesystem::path data;
    std::string listen = "127.0.0.1:8443";
    std::string publisher;              ///< empty: as the directory says
    std::filesystem::path certificate;  ///< empty: the private authority's
    std::filesystem::path key;
    DatabaseChoice database = {};
    std::string console = {};  ///< where administrators' browsers are answered; empty: nowhere
    bool chaos = false;        ///< chaos.h; for trials only
    std::filesystem::path access_log = {};  ///< empty: none is written
};

/// Prints "listening https://HOST:PORT" on stdout when it can answer, and before that, where there
/// is a console, "console https://HOST:PORT". Returns after a graceful stop.
Result<void> serve(const ServeOptions& options, const platform::Clock& clock);

}  // namespace latchkey::keyserver
