#pragma once

// What both ends of a named pipe must agree on. Internal to the Windows files of platform/.

#include <windows.h>

#include <filesystem>
#include <string_view>

namespace latchkey::platform {

/// "\\.\pipe\NAME" of this machine, of at most 256 characters; anything else is no endpoint.
bool is_pipe_name(const std::filesystem::path& path);

/// Reading and writing, and asking who owns it. Not FILE_CREATE_PIPE_INSTANCE, which GENERIC_WRITE
/// would bring along: whoever has that can stand beside the agent and answer in its place.
inline constexpr DWORD kClientAccess = FILE_GENERIC_READ | FILE_WRITE_DATA;

/// Owned by whom the client looks for. Who besides administrators may ask: everybody who is logged
/// on here, nobody over the network.
inline constexpr std::string_view kPipeForAll =
    "O:{me}D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})(A;;0x12008b;;;AU)";
inline constexpr std::string_view kPipeForOwner =
    "O:{me}D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})";

/// Is the owner of the pipe somebody whom this user may believe: the system, the administrators,
/// the agent's service, or the user itself?
bool is_trusted_server(HANDLE pipe);

}  // namespace latchkey::platform
