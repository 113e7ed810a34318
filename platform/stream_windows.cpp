#include "platform/stream.h"
#include "platform/text_windows.h"

namespace latchkey::platform {

std::FILE* open_stream(const std::filesystem::path& path) {
    return ::_wfopen(file_name(path).c_str(), L"rb");
}

}  // namespace latchkey::platform
