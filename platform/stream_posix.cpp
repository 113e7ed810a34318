#include "platform/stream.h"

namespace latchkey::platform {

std::FILE* open_stream(const std::filesystem::path& path) { return std::fopen(path.c_str(), "rb"); }

}  // namespace latchkey::platform
