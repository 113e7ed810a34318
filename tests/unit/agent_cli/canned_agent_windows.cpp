#include <windows.h>

#include <array>
#include <cstdlib>

#include "platform/endpoint/pipe_windows.h"
#include "platform/handle_windows.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"
#include "tests/unit/agent_cli/canned_agent.h"

namespace latchkey::cli {
namespace {

using platform::UniqueHandle;

HANDLE event_of(std::intptr_t number) { return reinterpret_cast<HANDLE>(number); }

/// Waits for an operation or for the end of the agent; the bytes it moved, 0 at the end.
DWORD finish(HANDLE pipe, HANDLE the_end, OVERLAPPED& operation) {
    const std::array<HANDLE, 2> events{operation.hEvent, the_end};
    if (::WaitForMultipleObjects(2, events.data(), FALSE, INFINITE) != WAIT_OBJECT_0)
        ::CancelIoEx(pipe, &operation);
    DWORD bytes = 0;
    return ::GetOverlappedResult(pipe, &operation, &bytes, TRUE) ? bytes : 0;
}

}  // namespace

CannedAgent::CannedAgent(Answer answer) : answer_(std::move(answer)) {
    listener_ = reinterpret_cast<std::intptr_t>(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    // The thread makes the pipe; whoever connects before is told that it is not there.
    thread_ = std::thread([this] { serve(); });
    while (!::WaitNamedPipeW(platform::wide(endpoint_).c_str(), NMPWAIT_WAIT_FOREVER))
        ::SwitchToThread();
}

CannedAgent::~CannedAgent() {
    ::SetEvent(event_of(listener_));
    thread_.join();
    ::CloseHandle(event_of(listener_));
}

void CannedAgent::serve() {
    const UniqueHandle done(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    const HANDLE the_end = event_of(listener_);
    UniqueHandle next;
    platform::Descriptor rights(platform::kPipeForAll);  // whose owner the client looks at
    const auto open = [&] {
        return UniqueHandle(::CreateNamedPipeW(
            platform::wide(endpoint_).c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, PIPE_UNLIMITED_INSTANCES, 65'536,
            65'536, 0, rights.attributes()));
    };
    next = open();
    for (;;) {
        const UniqueHandle pipe = std::move(next);
        OVERLAPPED operation{};
        operation.hEvent = done.get();
        if (!::ConnectNamedPipe(pipe.get(), &operation) && ::GetLastError() == ERROR_IO_PENDING)
            finish(pipe.get(), the_end, operation);
        if (::WaitForSingleObject(the_end, 0) == WAIT_OBJECT_0) return;
        next = open();
        std::string request;
        while (!is_whole_request(request)) {
            std::array<char, 4096> piece;
            OVERLAPPED reading{};
            reading.hEvent = done.get();
            if (!::ReadFile(pipe.get(), piece.data(), static_cast<DWORD>(piece.size()), nullptr,
                            &reading) &&
                ::GetLastError() != ERROR_IO_PENDING)
                break;
            const DWORD got = finish(pipe.get(), the_end, reading);
            if (got == 0) break;
            request.append(piece.data(), got);
        }
        requests_.push_back(request);
        const std::string answer = answer_(request);
        OVERLAPPED writing{};
        writing.hEvent = done.get();
        if (::WriteFile(pipe.get(), answer.data(), static_cast<DWORD>(answer.size()), nullptr,
                        &writing) ||
            ::GetLastError() == ERROR_IO_PENDING)
            finish(pipe.get(), the_end, writing);
    }
}

}  // namespace latchkey::cli
