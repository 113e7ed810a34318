// latchkey-run-line FILE: runs the command line in FILE (UTF-8) as it stands there, and prints the
// whole exit code. What comes as arguments from Linux is quoted anew on the way, and comes back
// with eight bits.

#include <windows.h>

#include <cstdio>

#include "base/path_text.h"
#include "platform/arguments.h"
#include "platform/secure_file.h"
#include "platform/text_windows.h"

int main(int argc, char** argv) {
    const auto words = latchkey::platform::start_program(argc, argv);
    const auto text = latchkey::platform::read_file(latchkey::utf8_path(words.at(1)), 1u << 20);
    if (!text) return 2;
    std::wstring line = latchkey::platform::wide(*text);
    STARTUPINFOW start{};
    start.cb = sizeof start;
    PROCESS_INFORMATION made{};
    if (!::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &start,
                          &made))
        return 3;
    ::WaitForSingleObject(made.hProcess, INFINITE);
    DWORD code = 0;
    ::GetExitCodeProcess(made.hProcess, &code);
    std::printf("exit %lu\n", code);
    return 0;
}
