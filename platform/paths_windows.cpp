#include <windows.h>

#include <initguid.h>
#include <knownfolders.h>
#include <shlobj.h>

#include "platform/endpoint/pipe_windows.h"
#include "platform/paths.h"

namespace latchkey::platform {
namespace {

/// Asked of the system, not of the environment, which is the user's.
std::filesystem::path program_data() {
    wchar_t* found = nullptr;
    std::filesystem::path path = LR"(C:\ProgramData)";
    if (SUCCEEDED(::SHGetKnownFolderPath(FOLDERID_ProgramData, KF_FLAG_DEFAULT, nullptr, &found)))
        path = found;
    ::CoTaskMemFree(found);
    return path;
}

Paths paths_below(const std::filesystem::path& base) {
    return {
        .config_file = base / L"agent.toml",
        .config_dir = base / L"agent.d",
        .products_dir = base / L"products.d",
        .state_dir = base / L"state",
        .anchor_dir = base / L"anchor",
        .inbox_dir = base / L"inbox",
        .endpoint = LR"(\\.\pipe\latchkey-agent)",
    };
}

}  // namespace

const Paths& default_paths() {
    static const Paths paths = paths_below(program_data() / L"Latchkey");
    return paths;
}

bool is_absolute_place(const std::filesystem::path& path) {
    return path.is_absolute() || is_pipe_name(path);
}

std::string_view os_name() { return "windows"; }

}  // namespace latchkey::platform
