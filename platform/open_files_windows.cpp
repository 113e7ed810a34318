#include "platform/open_files.h"

namespace latchkey::platform {

/// There is no limit of a process's own: sixteen million handles, and memory before that.
std::size_t allow_open_files(std::size_t wanted) { return wanted; }

}  // namespace latchkey::platform
