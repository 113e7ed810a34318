// From the registry to the configuration, in a key of the test's own.

#include <windows.h>

#include <gtest/gtest.h>

#include "agent/daemon/config.h"
#include "platform/settings/policy_store_windows.h"

namespace latchkey::daemon {
namespace {

class RegistryPolicy : public testing::Test {
protected:
    const std::wstring root =
        LR"(SOFTWARE\Policies\Latchkey-test-)" + std::to_wstring(::GetCurrentProcessId());

    void TearDown() override {
        ::RegDeleteTreeW(HKEY_LOCAL_MACHINE, root.c_str());
        ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, root.c_str(), KEY_WOW64_64KEY, 0);
    }
    void write(const std::wstring& key, const wchar_t* name, DWORD type, const void* bytes,
               std::size_t size) const {
        HKEY handle = nullptr;
        ASSERT_EQ(::RegCreateKeyExW(HKEY_LOCAL_MACHINE, (root + L"\\" + key).c_str(), 0, nullptr, 0,
                                    KEY_WRITE | KEY_WOW64_64KEY, nullptr, &handle, nullptr),
                  ERROR_SUCCESS);
        EXPECT_EQ(::RegSetValueExW(handle, name, 0, type, static_cast<const BYTE*>(bytes),
                                   static_cast<DWORD>(size)),
                  ERROR_SUCCESS);
        ::RegCloseKey(handle);
    }
    void text(const std::wstring& key, const wchar_t* name, const std::wstring& words) const {
        write(key, name, REG_SZ, words.c_str(), (words.size() + 1) * sizeof(wchar_t));
    }
    Result<Config> config() const {
        const auto values = platform::read_policy_below(root);
        if (!values) return fail(values.error());
        return parse_config({{"agent.toml", "[agent]\nrole = \"workstation\"\n"}}, *values);
    }
};

TEST_F(RegistryPolicy, is_in_force) {
    text(L"agent", L"role", L"lab");
    text(L"publisher\\url", L"z\u00fcrich.example", L"https://keys");
    text(L"paths", L"inbox", L"C:\\Schl\u00fcssel");
    text(L"activate\\key_file", L"suite", L"suite.key");
    const DWORD yes = 1;
    write(L"agent", L"tpm_counter", REG_DWORD, &yes, sizeof yes);
    const auto read = config();
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->role, core::Role::lab);
    EXPECT_TRUE(read->tpm_counter);
    EXPECT_EQ(read->publishers.at("z\xc3\xbcrich.example").url, "https://keys");
    ASSERT_EQ(read->activations.size(), 1u);
    EXPECT_EQ(read->activations[0].key_file, L"C:\\Schl\u00fcssel\\suite.key");
}

TEST_F(RegistryPolicy, of_a_wrong_type_is_refused) {
    write(L"agent", L"role", REG_BINARY, "lab", 3);
    const auto read = config();
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().detail.ends_with(
        R"(\agent : role: must be a text (REG_SZ, <string>); found REG_BINARY, 3 bytes)"))
        << read.error().detail;
}

TEST_F(RegistryPolicy, of_ten_thousand_characters_is_refused) {
    text(L"organization", L"id", std::wstring(10'000, L'x'));
    const auto read = config();
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().detail.ends_with("found a text of 10000 bytes"))
        << read.error().detail;
}

}  // namespace
}  // namespace latchkey::daemon
