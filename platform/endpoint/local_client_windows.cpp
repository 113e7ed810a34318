#include "platform/endpoint/local_client.h"

#include <windows.h>

#include <algorithm>

#include "base/path_text.h"
#include "platform/clock_ticks.h"
#include "platform/endpoint/pipe_windows.h"
#include "platform/handle_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

constexpr Duration kLongestWait = hours(24);

Failure timed_out() { return fail(Code::agent_unreachable, kNoAnswerInTime); }

DWORD left_until(SinceBoot deadline) {
    const Duration left = deadline - ticks_since_boot();
    return static_cast<DWORD>(std::max(left, Duration::zero()).count());
}

bool is_the_end(DWORD error) {
    return error == ERROR_BROKEN_PIPE || error == ERROR_PIPE_NOT_CONNECTED ||
           error == ERROR_HANDLE_EOF || error == ERROR_NO_DATA;
}

class PipeClient final : public LocalClient {
public:
    PipeClient(UniqueHandle pipe, SinceBoot deadline)
        : pipe_(std::move(pipe)),
          done_(::CreateEventW(nullptr, TRUE, FALSE, nullptr)),
          deadline_(deadline) {}

    Result<std::size_t> read_some(std::span<std::uint8_t> into) override {
        const Moved moved = move([&](OVERLAPPED* operation) {
            return ::ReadFile(pipe_.get(), into.data(), piece(into.size()), nullptr, operation);
        });
        if (moved.late) return timed_out();
        if (is_the_end(moved.error)) return std::size_t{0};
        if (moved.error != ERROR_SUCCESS)
            return fail(Code::agent_unreachable, error_text("read", "", moved.error));
        return std::size_t{moved.bytes};
    }

    Result<void> write(std::span<const std::uint8_t> bytes) override {
        while (!bytes.empty()) {
            const Moved moved = move([&](OVERLAPPED* operation) {
                return ::WriteFile(pipe_.get(), bytes.data(), piece(bytes.size()), nullptr,
                                   operation);
            });
            if (moved.late) return timed_out();
            if (moved.error != ERROR_SUCCESS)
                return fail(Code::agent_unreachable, error_text("write", "", moved.error));
            bytes = bytes.subspan(moved.bytes);
        }
        return {};
    }

private:
    struct Moved {
        DWORD bytes = 0;
        DWORD error = ERROR_SUCCESS;
        bool late = false;
    };

    static DWORD piece(std::size_t size) {
        return static_cast<DWORD>(std::min<std::size_t>(size, 1u << 20));
    }

    template <class Start>
    Moved move(Start start) {
        OVERLAPPED operation{};
        operation.hEvent = done_.get();
        Moved moved;
        if (!start(&operation)) {
            moved.error = ::GetLastError();
            if (moved.error != ERROR_IO_PENDING) return moved;
        }
        if (::WaitForSingleObject(done_.get(), left_until(deadline_)) != WAIT_OBJECT_0) {
            // The system writes into our memory until it has said that it does not any more.
            ::CancelIoEx(pipe_.get(), &operation);
            moved.late = true;
        }
        moved.error = ::GetOverlappedResult(pipe_.get(), &operation, &moved.bytes, TRUE)
                          ? DWORD{ERROR_SUCCESS}
                          : ::GetLastError();
        moved.late = moved.late && moved.error == ERROR_OPERATION_ABORTED;
        return moved;
    }

    UniqueHandle pipe_;
    UniqueHandle done_;
    SinceBoot deadline_;
};

}  // namespace

// A pipe lies in no directory: whom an administrator may trust beyond the usual cannot be read off
// one, and `trusted` changes nothing.
Result<std::unique_ptr<LocalClient>> connect_local(const std::filesystem::path& endpoint,
                                                   Duration deadline, TrustedOwner) {
    const SinceBoot until = ticks_since_boot() + std::clamp(deadline, Duration(1), kLongestWait);
    if (!is_pipe_name(endpoint))
        return fail(Code::agent_unreachable,
                    utf8_text(endpoint) + R"( is no pipe's name: \\.\pipe\NAME)");
    // Whoever answers may learn who we are, and nothing in our name.
    constexpr DWORD kHow = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
    UniqueHandle pipe;
    for (;;) {
        pipe = UniqueHandle(::CreateFileW(endpoint.c_str(), kClientAccess, 0, nullptr,
                                          OPEN_EXISTING, kHow, nullptr));
        if (pipe) break;
        const DWORD error = ::GetLastError();
        if (error != ERROR_PIPE_BUSY)
            return fail(
                error == ERROR_ACCESS_DENIED ? Code::not_permitted : Code::agent_unreachable,
                error_text("cannot connect to", utf8_text(endpoint), error));
        const DWORD left = left_until(until);
        if (left == 0) return timed_out();
        ::WaitNamedPipeW(endpoint.c_str(), left);
    }
    if (!is_trusted_server(pipe.get()))
        return fail(Code::not_permitted,
                    utf8_text(endpoint) +
                        " is served by another user than the system, the administrators, you or "
                        "the agent's service");
    return std::make_unique<PipeClient>(std::move(pipe), until);
}

}  // namespace latchkey::platform
