#include "platform/security_windows.h"

#include <aclapi.h>
#include <sddl.h>

#include <cstdlib>

#include "platform/handle_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// Changing what is in it, what it is called, or who may.
constexpr DWORD kChanging = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE |
                            WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL;
constexpr DWORD kReading = FILE_READ_DATA | GENERIC_READ | GENERIC_ALL;

struct Free {
    void operator()(void* memory) const { ::LocalFree(memory); }
};

Sid user_of_this_process() {
    HANDLE opened = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened)) std::abort();
    const UniqueHandle token(opened);
    DWORD size = 0;
    ::GetTokenInformation(token.get(), TokenUser, nullptr, 0, &size);
    std::vector<std::uint8_t> buffer(size);
    if (!::GetTokenInformation(token.get(), TokenUser, buffer.data(), size, &size)) std::abort();
    return Sid(reinterpret_cast<const TOKEN_USER*>(buffer.data())->User.Sid);
}

/// The owner's rights apply to an owner that is judged by itself.
bool stands_for_the_owner(const Sid& sid) {
    static const Sid owner_rights = Sid::of_text(L"S-1-3-4");
    return sid == owner_rights;
}

void judge(const ACL& list, const Sid* besides, Rights& rights) {
    for (DWORD i = 0; i < list.AceCount; ++i) {
        void* entry = nullptr;
        if (!::GetAce(const_cast<ACL*>(&list), i, &entry)) continue;
        const auto* header = static_cast<const ACE_HEADER*>(entry);
        if ((header->AceFlags & INHERIT_ONLY_ACE) != 0) continue;
        // What is denied to somebody is not counted in our favour. An entry of a kind that is not
        // known here (conditional ones) is taken to allow its mask to a stranger.
        if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
        const auto* allowed = static_cast<const ACCESS_ALLOWED_ACE*>(entry);
        if (header->AceType == ACCESS_ALLOWED_ACE_TYPE) {
            const Sid who(const_cast<DWORD*>(&allowed->SidStart));
            if (is_trusted(who.get()) || stands_for_the_owner(who)) continue;
            if (besides != nullptr && who == *besides) continue;
        }
        rights.others_may_read |= (allowed->Mask & kReading) != 0;
        rights.others_may_change |= (allowed->Mask & kChanging) != 0;
    }
}

}  // namespace

Sid::Sid(PSID other) {
    if (other == nullptr || !::IsValidSid(other)) return;
    bytes_.resize(::GetLengthSid(other));
    if (!::CopySid(static_cast<DWORD>(bytes_.size()), bytes_.data(), other)) bytes_.clear();
}

Sid Sid::of_text(const wchar_t* text) {
    PSID made = nullptr;
    if (!::ConvertStringSidToSidW(text, &made)) std::abort();
    const std::unique_ptr<void, Free> owned(made);
    return Sid(made);
}

std::string Sid::text() const {
    wchar_t* made = nullptr;
    if (bytes_.empty() || !::ConvertSidToStringSidW(get(), &made)) return {};
    const std::unique_ptr<void, Free> owned(made);
    return narrow(made);
}

const Sid& own_user() {
    static const Sid sid = user_of_this_process();
    return sid;
}

const Sid& agent_service() {
    // S-1-5-80 and the SHA-1 of the service's name in capital letters.
    static const Sid sid =
        Sid::of_text(L"S-1-5-80-1927291340-3315084382-1610954537-1053208541-2792860870");
    return sid;
}

std::optional<Sid> sid_of_account(const std::string& name) {
    if (name.empty()) return std::nullopt;
    // "." alone keeps the question on this machine: no domain controller is asked.
    std::wstring computer(MAX_COMPUTERNAME_LENGTH + 1, L'\0');
    auto length = static_cast<DWORD>(computer.size());
    if (!::GetComputerNameW(computer.data(), &length)) return std::nullopt;
    computer.resize(length);
    const std::wstring account = computer + L"\\" + wide(name);
    std::vector<std::uint8_t> sid(SECURITY_MAX_SID_SIZE);
    std::wstring domain(256, L'\0');
    auto sid_size = static_cast<DWORD>(sid.size());
    auto domain_size = static_cast<DWORD>(domain.size());
    SID_NAME_USE use{};
    if (!::LookupAccountNameW(nullptr, account.c_str(), sid.data(), &sid_size, domain.data(),
                              &domain_size, &use))
        return std::nullopt;
    return Sid(sid.data());
}

bool is_administration(PSID sid) {
    // TrustedInstaller, who owns what Windows itself brings.
    static const Sid installer =
        Sid::of_text(L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464");
    return ::IsWellKnownSid(sid, WinLocalSystemSid) ||
           ::IsWellKnownSid(sid, WinBuiltinAdministratorsSid) || ::EqualSid(sid, installer.get());
}

bool is_trusted(PSID sid) { return is_administration(sid) || ::EqualSid(sid, own_user().get()); }

Descriptor::Descriptor(std::string_view sddl) {
    std::string text(sddl);
    constexpr std::string_view kMe = "{me}";
    for (auto at = text.find(kMe); at != std::string::npos; at = text.find(kMe))
        text.replace(at, kMe.size(), own_user().text());
    PSECURITY_DESCRIPTOR made = nullptr;
    if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(wide(text).c_str(), SDDL_REVISION_1,
                                                                &made, nullptr))
        std::abort();
    descriptor_.reset(made);
    attributes_ = {sizeof attributes_, made, FALSE};
}

void keep_inherited(PSECURITY_DESCRIPTOR descriptor) {
    constexpr SECURITY_DESCRIPTOR_CONTROL kKept = SE_DACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED;
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;
    if (::GetSecurityDescriptorControl(descriptor, &control, &revision) &&
        (control & SE_DACL_AUTO_INHERITED) != 0)
        ::SetSecurityDescriptorControl(descriptor, kKept, kKept);
}

Rights rights_of_handle(HANDLE object, const Sid* besides) {
    Rights rights;
    PSID owner = nullptr;
    ACL* list = nullptr;
    PSECURITY_DESCRIPTOR found = nullptr;
    constexpr SECURITY_INFORMATION kWanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    // Files and pipes are kernel's objects both, by their handles; SE_FILE_OBJECT is files alone.
    rights.error = ::GetSecurityInfo(object, SE_KERNEL_OBJECT, kWanted, &owner, nullptr, &list,
                                     nullptr, &found);
    if (rights.error != ERROR_SUCCESS) return rights;
    const std::unique_ptr<void, Free> owned(found);
    rights.known = true;
    rights.owner = Sid(owner);
    wchar_t* text = nullptr;
    if (::ConvertSecurityDescriptorToStringSecurityDescriptorW(found, SDDL_REVISION_1, kWanted,
                                                               &text, nullptr)) {
        const std::unique_ptr<void, Free> owned_text(text);
        rights.shown = narrow(text);
    }
    if (list == nullptr) {  // none at all lets everybody in
        rights.others_may_read = rights.others_may_change = true;
        return rights;
    }
    judge(*list, besides, rights);
    return rights;
}

}  // namespace latchkey::platform
