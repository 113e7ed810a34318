#include "platform/endpoint/local_endpoint.h"

#include <windows.h>

#include <tlhelp32.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/windows/overlapped_ptr.hpp>
#include <boost/asio/windows/stream_handle.hpp>

#include <cstdlib>
#include <optional>

#include "base/path_text.h"
#include "platform/endpoint/line.h"
#include "platform/endpoint/pipe_windows.h"
#include "platform/handle_windows.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Pipe = asio::windows::stream_handle;

constexpr DWORD kBuffer = 64 * 1024;

error_code as_error(DWORD error) {
    return {static_cast<int>(error), boost::system::system_category()};
}

bool is_the_end(const error_code& error) {
    const auto value = static_cast<DWORD>(error.value());
    return error == asio::error::eof || value == ERROR_BROKEN_PIPE ||
           value == ERROR_PIPE_NOT_CONNECTED || value == ERROR_NO_DATA;
}

/// A number for a user: the same for the same one, another for another.
std::int64_t number_of(const std::string& sid) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;  // FNV-1a
    for (const char c : sid) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    return static_cast<std::int64_t>(hash >> 1);
}

std::vector<std::uint8_t> token_facts(HANDLE token, TOKEN_INFORMATION_CLASS wanted) {
    DWORD size = 0;
    ::GetTokenInformation(token, wanted, nullptr, 0, &size);
    std::vector<std::uint8_t> facts(size);
    if (size == 0 || !::GetTokenInformation(token, wanted, facts.data(), size, &size)) return {};
    return facts;
}

bool is_member(HANDLE token, const Sid& group) {
    BOOL member = FALSE;
    return ::CheckTokenMembership(token, group.get(), &member) && member != FALSE;
}

/// As the system knows the client. False where it does not know yet: of a client that lets its
/// rights change as it goes it says so only once something of it was read.
bool describe_peer(HANDLE pipe, const std::optional<Sid>& admin_group, Peer& peer) {
    if (!::ImpersonateNamedPipeClient(pipe)) return false;
    HANDLE opened = nullptr;
    const bool found = ::OpenThreadToken(::GetCurrentThread(), TOKEN_QUERY, TRUE, &opened) != 0;
    const UniqueHandle token(found ? opened : nullptr);
    if (!::RevertToSelf()) std::abort();  // going on in somebody else's name is no choice
    if (!token) return false;
    const auto facts = token_facts(token.get(), TokenUser);
    if (facts.empty()) return false;
    static const Sid administrators = Sid::of_text(L"S-1-5-32-544");
    const Sid user(reinterpret_cast<const TOKEN_USER*>(facts.data())->User.Sid);
    peer.user_name = user.text();  // its name would be asked of a directory server
    peer.user_id = number_of(peer.user_name);
    peer.administrator = ::IsWellKnownSid(user.get(), WinLocalSystemSid) || user == own_user() ||
                         is_member(token.get(), administrators) ||
                         (admin_group && is_member(token.get(), *admin_group));
    return true;
}

class PipeConnection final : public LocalConnection {
public:
    PipeConnection(Pipe pipe, std::optional<Sid> admin_group)
        : line_(std::make_shared<PipeLine>(std::move(pipe))), admin_group_(std::move(admin_group)) {
        ULONG process = 0;
        if (::GetNamedPipeClientProcessId(line_->native_handle(), &process))
            peer_.process_id = process;
        described_ = describe_peer(line_->native_handle(), admin_group_, peer_);
    }
    PipeConnection(const PipeConnection&) = delete;
    PipeConnection& operator=(const PipeConnection&) = delete;
    ~PipeConnection() override { line_->shut(); }

    const Peer& peer() const override { return peer_; }

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into,
                                                   Duration deadline) override {
        const auto line = line_;
        error_code error;
        const std::size_t got = co_await line->read_some(into, deadline, error);
        if (line->expired()) co_return failure(*line, error);
        if (is_the_end(error)) co_return std::size_t{0};
        if (error) co_return failure(*line, error);
        if (!described_) described_ = describe_peer(line->native_handle(), admin_group_, peer_);
        co_return got;
    }

    asio::awaitable<Result<void>> write(std::span<const std::uint8_t> bytes,
                                        Duration deadline) override {
        const auto line = line_;
        error_code error;
        co_await line->write(bytes, deadline, error);
        if (error) co_return failure(*line, error);
        co_return Result<void>{};
    }

    /// Closing leaves what was written for the client to read; disconnecting would not.
    void close() override { line_->shut(); }

private:
    using PipeLine = Line<Pipe>;

    static Failure failure(const PipeLine& line, const error_code& error) {
        return fail(Code::agent_unreachable,
                    line.expired() ? kSilentTooLong
                                   : error_text("pipe", "", static_cast<DWORD>(error.value())));
    }

    std::shared_ptr<PipeLine> line_;
    std::optional<Sid> admin_group_;
    Peer peer_;
    bool described_ = false;
};

/// Where the next client comes in. From listening to close() there is always one instance of the
/// pipe, so that the name is ours without a gap.
struct Door {
    asio::any_io_executor executor;
    std::wstring name;
    std::string_view rights;
    std::optional<Sid> admin_group;
    std::optional<Pipe> next = {};
    bool closed = false;

    /// Returns GetLastError()'s.
    DWORD open(DWORD first) {
        Descriptor descriptor(rights);
        UniqueHandle made(::CreateNamedPipeW(
            name.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
            PIPE_UNLIMITED_INSTANCES, kBuffer, kBuffer, 0, descriptor.attributes()));
        if (!made) return ::GetLastError();
        Pipe pipe(executor);
        error_code error;
        pipe.assign(made.get(), error);
        if (error) return static_cast<DWORD>(error.value());
        made.release();
        next = std::move(pipe);
        return ERROR_SUCCESS;
    }
};

template <class Handler>
void start_connecting(Pipe& pipe, Handler handler) {
    asio::windows::overlapped_ptr operation(
        pipe.get_executor(),
        [handler = std::move(handler)](const error_code& error, std::size_t) mutable {
            std::move(handler)(static_cast<DWORD>(error.value()));
        });
    const bool done = ::ConnectNamedPipe(pipe.native_handle(), operation.get()) != 0;
    const DWORD error = done ? DWORD{ERROR_SUCCESS} : ::GetLastError();
    if (done || error == ERROR_IO_PENDING)
        operation.release();
    else
        operation.complete(error == ERROR_PIPE_CONNECTED ? error_code() : as_error(error), 0);
}

/// Waits for a client; GetLastError()'s, 0 where one is there.
asio::awaitable<DWORD> client_at(Pipe& pipe) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(DWORD)>(
        [&pipe](auto handler) { start_connecting(pipe, std::move(handler)); }, asio::use_awaitable);
}

class PipeListener final : public LocalListener {
public:
    explicit PipeListener(std::shared_ptr<Door> door) : door_(std::move(door)) {}
    PipeListener(const PipeListener&) = delete;
    PipeListener& operator=(const PipeListener&) = delete;
    ~PipeListener() override { close(); }

    asio::awaitable<Result<std::unique_ptr<LocalConnection>>> accept() override {
        const auto door = door_;
        for (;;) {
            if (door->closed) co_return fail(Code::agent_unreachable, "accept: closed");
            if (!door->next) {
                if (const DWORD error = door->open(0); error != ERROR_SUCCESS)
                    co_return fail(Code::rate_limited, error_text("accept", "", error));
            }
            const DWORD error = co_await client_at(*door->next);
            if (door->closed) co_return fail(Code::agent_unreachable, "accept: closed");
            Pipe pipe = std::move(*door->next);
            door->next.reset();
            // Where this fails the connection keeps the name, and the next accept tries again.
            static_cast<void>(door->open(0));
            if (error == ERROR_SUCCESS)
                co_return std::make_unique<PipeConnection>(std::move(pipe), door->admin_group);
            // A client that came and went.
        }
    }

    void close() override {
        if (door_->closed) return;
        door_->closed = true;
        error_code ignored;
        if (door_->next) door_->next->close(ignored);
    }

private:
    std::shared_ptr<Door> door_;
};

/// Does anybody serve that name? FILE_FLAG_FIRST_PIPE_INSTANCE alone keeps two from starting at
/// once; this says it where that flag is not known (Wine).
bool is_served(const std::wstring& name) {
    constexpr DWORD kAtOnce = 1;  // 0 would mean the server's own default
    return ::WaitNamedPipeW(name.c_str(), kAtOnce) || ::GetLastError() == ERROR_SEM_TIMEOUT;
}

/// Of a process that may not be opened (another user's, by the service's account): everybody may
/// see its name in the list of all. Empty where it is gone.
std::string name_of(DWORD process) {
    const UniqueHandle all(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = all ? ::Process32FirstW(all.get(), &entry) : FALSE; more;
         more = ::Process32NextW(all.get(), &entry))
        if (entry.th32ProcessID == process) return narrow(entry.szExeFile);
    return {};
}

/// The program's path, else its name alone.
std::string program_of(DWORD process) {
    const UniqueHandle opened(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process));
    if (!opened) return name_of(process);
    std::wstring path(32'768, L'\0');
    auto size = static_cast<DWORD>(path.size());
    if (!::QueryFullProcessImageNameW(opened.get(), 0, path.data(), &size)) return name_of(process);
    path.resize(size);
    return narrow(path);
}

/// 0 where it cannot be asked. Whoever serves the pipe learns nothing of us but that we came.
DWORD server_of(const std::wstring& name) {
    const UniqueHandle pipe(::CreateFileW(name.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING,
                                          SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, nullptr));
    ULONG process = 0;
    if (!pipe || !::GetNamedPipeServerProcessId(pipe.get(), &process)) return 0;
    return process;
}

Failure is_taken(const std::filesystem::path& endpoint) {
    const DWORD process = server_of(endpoint.native());
    std::string who = "another process";
    std::string remedy =
        "Find out who serves it (in PowerShell: Get-Process -IncludeUserName), "
        "end that process, and start the agent again.";
    if (process != 0) {
        const std::string number = std::to_string(process);
        const std::string program = program_of(process);
        who = "process " + number + (program.empty() ? "" : " (" + program + ")");
        remedy = "Where that is no agent of yours, end it ('taskkill /f /pid " + number +
                 "'; 'tasklist /svc /fi \"PID eq " + number +
                 "\"' names its service), then start the agent again: 'sc start Latchkey'.";
    }
    return fail(Problem{Code::state_locked, utf8_text(endpoint) + " is served by " + who,
                        std::move(remedy)});
}

}  // namespace

Result<std::unique_ptr<LocalListener>> listen_local(asio::any_io_executor executor,
                                                    const std::filesystem::path& endpoint,
                                                    const std::string& admin_group, Reach reach) {
    if (!is_pipe_name(endpoint))
        return fail(Code::config_invalid,
                    utf8_text(endpoint) + R"( is no pipe's name: \\.\pipe\NAME)");
    auto door = std::make_shared<Door>(Door{std::move(executor), endpoint.native(),
                                            reach == Reach::everyone ? kPipeForAll : kPipeForOwner,
                                            sid_of_account(admin_group)});
    const DWORD error =
        is_served(door->name) ? DWORD{ERROR_PIPE_BUSY} : door->open(FILE_FLAG_FIRST_PIPE_INSTANCE);
    if (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY) return is_taken(endpoint);
    if (error != ERROR_SUCCESS)
        return fail(Code::storage_failed, error_text("cannot make", utf8_text(endpoint), error));
    return std::make_unique<PipeListener>(std::move(door));
}

}  // namespace latchkey::platform
