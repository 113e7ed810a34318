#include <windows.h>

#include <array>

#include "platform/handle_windows.h"
#include "platform/text_windows.h"
#include "service-install/run_command.h"

namespace latchkey::service_install {
namespace {

using platform::error_text;
using platform::UniqueHandle;
using platform::wide;

constexpr std::size_t kMaxOutput = 64 * 1024;

/// The system's own programs alone: nothing from PATH or from where somebody stands.
std::wstring find_program(const std::string& name) {
    if (name.find_first_of("\\/:") != std::string::npos) return {};
    std::wstring directory(MAX_PATH, L'\0');
    directory.resize(::GetSystemDirectoryW(directory.data(), MAX_PATH));
    const std::wstring path = directory + L"\\" + wide(name);
    return ::GetFileAttributesW(path.c_str()) == INVALID_FILE_ATTRIBUTES ? std::wstring() : path;
}

/// As CommandLineToArgvW takes it apart again: backslashes count double before a quote alone.
std::wstring quoted(const std::wstring& word) {
    if (!word.empty() && word.find_first_of(L" \t\n\v\"") == std::wstring::npos) return word;
    std::wstring out = L"\"";
    std::size_t backslashes = 0;
    for (const wchar_t c : word) {
        if (c == L'"') out.append(backslashes + 1, L'\\');
        backslashes = c == L'\\' ? backslashes + 1 : 0;
        out += c;
    }
    return out.append(backslashes, L'\\') + L'"';
}

std::string drain(HANDLE pipe) {
    std::string output;
    std::array<char, 4096> chunk;
    DWORD got = 0;
    while (::ReadFile(pipe, chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr) &&
           got > 0)
        if (output.size() < kMaxOutput) output.append(chunk.data(), got);
    std::erase(output, '\r');
    return output;
}

/// The new process inherits these two handles and no other.
class Inherited {
public:
    Inherited(HANDLE input, HANDLE output) : handles_{input, output} {
        SIZE_T size = 0;
        ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
        memory_.resize(size);
        ::InitializeProcThreadAttributeList(list(), 1, 0, &size);
        ::UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                    sizeof handles_, nullptr, nullptr);
    }
    Inherited(const Inherited&) = delete;
    Inherited& operator=(const Inherited&) = delete;
    ~Inherited() { ::DeleteProcThreadAttributeList(list()); }
    LPPROC_THREAD_ATTRIBUTE_LIST list() {
        return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
    }

private:
    std::array<HANDLE, 2> handles_;
    std::vector<char> memory_;
};

}  // namespace

Result<Finished> run_command(const std::vector<std::string>& command) {
    const std::wstring path = find_program(command.front());
    if (path.empty()) return fail(Code::internal, "there is no program " + command.front());
    std::wstring line;
    for (const auto& word : command) line += (line.empty() ? L"" : L" ") + quoted(wide(word));

    SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
    HANDLE read_end = nullptr;
    HANDLE write_end = nullptr;
    if (!::CreatePipe(&read_end, &write_end, &inheritable, 0))
        return fail(Code::internal, error_text("pipe", "", ::GetLastError()));
    const UniqueHandle output(read_end);
    UniqueHandle answers(write_end);
    ::SetHandleInformation(output.get(), HANDLE_FLAG_INHERIT, 0);
    UniqueHandle nothing(::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                       &inheritable, OPEN_EXISTING, 0, nullptr));

    Inherited inherited(nothing.get(), answers.get());
    STARTUPINFOEXW start{};
    start.StartupInfo.cb = sizeof start;
    start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    start.StartupInfo.hStdInput = nothing.get();
    start.StartupInfo.hStdOutput = answers.get();
    start.StartupInfo.hStdError = answers.get();
    start.lpAttributeList = inherited.list();
    PROCESS_INFORMATION made{};
    if (!::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, TRUE,
                          CREATE_NO_WINDOW | EXTENDED_STARTUPINFO_PRESENT, nullptr, nullptr,
                          &start.StartupInfo, &made))
        return fail(Code::internal,
                    error_text("cannot start", platform::narrow(path), ::GetLastError()));
    const UniqueHandle process(made.hProcess);
    const UniqueHandle thread(made.hThread);
    answers.reset();
    Finished finished;
    finished.output = drain(output.get());
    DWORD code = 0;
    if (::WaitForSingleObject(process.get(), INFINITE) != WAIT_OBJECT_0 ||
        !::GetExitCodeProcess(process.get(), &code))
        return fail(Code::internal,
                    error_text("cannot wait for", platform::narrow(path), ::GetLastError()));
    finished.exit_code = static_cast<int>(code);
    return finished;
}

}  // namespace latchkey::service_install
