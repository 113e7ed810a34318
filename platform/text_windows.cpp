#include "platform/text_windows.h"

#include <windows.h>

#include <memory>

namespace latchkey::platform {
namespace {

/// A directory's name leaves room for an 8.3 name in it, hence the twelve.
constexpr std::size_t kShortName = MAX_PATH - 12;

std::string system_words(DWORD error) {
    constexpr DWORD kHow = FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                           FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    wchar_t* text = nullptr;
    // English first: what is searched for is found. Some installations have no English words.
    for (const DWORD language :
         {static_cast<DWORD>(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US)), DWORD{0}}) {
        const DWORD length = ::FormatMessageW(kHow, nullptr, error, language,
                                              reinterpret_cast<wchar_t*>(&text), 0, nullptr);
        if (length == 0) continue;
        std::wstring_view words(text, length);
        while (!words.empty() && (words.back() == L' ' || words.back() == L'.'))
            words.remove_suffix(1);
        std::string result = narrow(words);
        ::LocalFree(text);
        return result;
    }
    return "error";
}

}  // namespace

std::wstring wide(std::string_view utf8) {
    if (utf8.empty()) return {};
    const int size = static_cast<int>(utf8.size());
    const int length = ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, nullptr, 0);
    std::wstring out(static_cast<std::size_t>(length), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, out.data(), length);
    return out;
}

std::string narrow(std::wstring_view utf16) {
    if (utf16.empty()) return {};
    const int size = static_cast<int>(utf16.size());
    const int length =
        ::WideCharToMultiByte(CP_UTF8, 0, utf16.data(), size, nullptr, 0, nullptr, nullptr);
    std::string out(static_cast<std::size_t>(length), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, utf16.data(), size, out.data(), length, nullptr, nullptr);
    return out;
}

std::wstring file_name(const std::filesystem::path& path) {
    const std::wstring& given = path.native();
    if (given.empty() || given.starts_with(LR"(\\.\)") || given.starts_with(LR"(\\?\)"))
        return given;
    const DWORD size = ::GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
    if (size == 0) return given;
    std::wstring full(size, L'\0');
    full.resize(::GetFullPathNameW(given.c_str(), size, full.data(), nullptr));
    if (full.size() < kShortName || full.starts_with(LR"(\\.\)")) return full;
    if (full.starts_with(LR"(\\)")) return LR"(\\?\UNC)" + full.substr(1);
    return LR"(\\?\)" + full;
}

std::string error_text(std::string_view what, std::string_view subject, std::uint32_t error) {
    std::string text(what);
    if (!subject.empty()) text.append(" ").append(subject);
    return text + ": " + system_words(error) + " (" + std::to_string(error) + ")";
}

}  // namespace latchkey::platform
