#include "agent/cli/terminal.h"

#include <cstdlib>
#include <string_view>

namespace latchkey::cli {

bool environment_allows_color() {
    const char* const refused = std::getenv("NO_COLOR");
    if (refused != nullptr && *refused != '\0') return false;
    const char* const terminal = std::getenv("TERM");
    return terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace latchkey::cli
