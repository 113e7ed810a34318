#include "installers/windows/msi/session.h"

#include "platform/text_windows.h"

namespace latchkey::msi {

std::string Session::property(const std::string& name) const {
    std::wstring value(256, L'\0');
    for (int tries = 0; tries < 3; ++tries) {
        auto size = static_cast<DWORD>(value.size());
        const UINT error =
            ::MsiGetPropertyW(handle_, platform::wide(name).c_str(), value.data(), &size);
        if (error == ERROR_MORE_DATA) {
            value.resize(size + 1);
            continue;
        }
        value.resize(error == ERROR_SUCCESS ? size : 0);
        return platform::narrow(value);
    }
    return {};
}

void Session::set_property(const std::string& name, const std::string& value) const {
    ::MsiSetPropertyW(handle_, platform::wide(name).c_str(), platform::wide(value).c_str());
}

void Session::error(const std::string& name, const Problem& problem) const {
    say(INSTALLMESSAGE_ERROR, "Latchkey: " + std::string(problem.title()) + " " + problem.detail +
                                  ". " + std::string(problem.remedy_text()) + " (" + name + ")");
}

void Session::note(const std::string& text) const { say(INSTALLMESSAGE_INFO, "Latchkey: " + text); }

// The text is a field that the format names, so that brackets in it are brackets.
void Session::say(INSTALLMESSAGE kind, const std::string& text) const {
    const MSIHANDLE record = ::MsiCreateRecord(1);
    ::MsiRecordSetStringW(record, 0, L"[1]");
    ::MsiRecordSetStringW(record, 1, platform::wide(text).c_str());
    ::MsiProcessMessage(handle_, kind, record);
    ::MsiCloseHandle(record);
}

}  // namespace latchkey::msi
