// latchkey-pipe-figures: how long the agent takes to say its status over its pipe, beside a bare
// server that sends as many bytes back at once, in turn and in the same run. Prints medians in
// microseconds.

#include <windows.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "platform/paths.h"

namespace {

constexpr int kTimes = 51;
constexpr const wchar_t* kBare = LR"(\\.\pipe\latchkey-figures)";
constexpr std::string_view kRequest =
    "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What the server at `name` answers; empty where nobody does.
std::string ask(const wchar_t* name) {
    HANDLE pipe = INVALID_HANDLE_VALUE;
    while ((pipe = ::CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0,
                                 nullptr)) == INVALID_HANDLE_VALUE)
        if (::GetLastError() != ERROR_PIPE_BUSY || !::WaitNamedPipeW(name, 1000)) return {};
    DWORD count = 0;
    ::WriteFile(pipe, kRequest.data(), static_cast<DWORD>(kRequest.size()), &count, nullptr);
    std::string answer;
    std::vector<char> piece(65536);
    while (::ReadFile(pipe, piece.data(), static_cast<DWORD>(piece.size()), &count, nullptr) &&
           count > 0)
        answer.append(piece.data(), count);
    ::CloseHandle(pipe);
    return answer;
}

void serve_bare(HANDLE pipe, std::size_t bytes) {
    const std::string answer(bytes, 'x');
    std::vector<char> piece(4096);
    for (;;) {
        if (!::ConnectNamedPipe(pipe, nullptr) && ::GetLastError() != ERROR_PIPE_CONNECTED) return;
        DWORD count = 0;
        ::ReadFile(pipe, piece.data(), static_cast<DWORD>(piece.size()), &count, nullptr);
        ::WriteFile(pipe, answer.data(), static_cast<DWORD>(answer.size()), &count, nullptr);
        ::FlushFileBuffers(pipe);
        ::DisconnectNamedPipe(pipe);
    }
}

long long microseconds_of(const wchar_t* name) {
    LARGE_INTEGER begin{};
    LARGE_INTEGER end{};
    LARGE_INTEGER second{};
    ::QueryPerformanceFrequency(&second);
    ::QueryPerformanceCounter(&begin);
    (void)ask(name);
    ::QueryPerformanceCounter(&end);
    return (end.QuadPart - begin.QuadPart) * 1'000'000 / second.QuadPart;
}

}  // namespace

int main() {
    const auto& agent = latchkey::platform::default_paths().endpoint;
    const std::string answer = ask(agent.c_str());
    if (answer.find("\"products\"") == std::string::npos) {
        std::printf("the agent does not answer\n");
        return 1;
    }
    HANDLE pipe =
        ::CreateNamedPipeW(kBare, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 65536, 65536, 0, nullptr);
    std::thread(serve_bare, pipe, answer.size()).detach();
    std::vector<long long> status;
    std::vector<long long> bare;
    for (int i = 0; i < kTimes; ++i) {
        status.push_back(microseconds_of(agent.c_str()));
        bare.push_back(microseconds_of(kBare));
    }
    for (auto* const times : {&status, &bare})
        std::nth_element(times->begin(), times->begin() + kTimes / 2, times->end());
    std::printf("status %lld us, bare %lld us, %zu bytes\n", status[kTimes / 2], bare[kTimes / 2],
                answer.size());
    std::fflush(stdout);
    ::ExitProcess(0);
}
