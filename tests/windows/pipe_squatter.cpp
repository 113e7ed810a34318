// Sits on the agent's pipe before the agent does, and answers whoever comes with a license for
// everything. Ends when it is killed.

#include <windows.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "platform/paths.h"

int main() {
    constexpr std::string_view kAnswer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n"
        R"({"schema_version":"1.0","squatter":"was here"})";
    const auto& name = latchkey::platform::default_paths().endpoint;
    HANDLE pipe = ::CreateNamedPipeW(name.c_str(), PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE,
                                     PIPE_UNLIMITED_INSTANCES, 4096, 4096, 0, nullptr);
    if (pipe == INVALID_HANDLE_VALUE) {
        std::printf("cannot: %lu\n", ::GetLastError());
        return 1;
    }
    std::printf("sitting\n");
    std::fflush(stdout);
    for (;;) {
        if (!::ConnectNamedPipe(pipe, nullptr) && ::GetLastError() != ERROR_PIPE_CONNECTED)
            return 1;
        std::array<char, 4096> asked;
        DWORD count = 0;
        ::ReadFile(pipe, asked.data(), asked.size(), &count, nullptr);
        ::WriteFile(pipe, kAnswer.data(), static_cast<DWORD>(kAnswer.size()), &count, nullptr);
        ::FlushFileBuffers(pipe);
        ::DisconnectNamedPipe(pipe);
    }
}
