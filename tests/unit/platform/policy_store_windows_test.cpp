// The policy as the registry has it, in a key of the test's own.

#include "platform/settings/policy_store_windows.h"

#include <windows.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace latchkey::platform {
namespace {

/// Test programs run side by side in one registry.
class PolicyStore : public testing::Test {
protected:
    const std::wstring root =
        LR"(SOFTWARE\Policies\Latchkey-test-)" + std::to_wstring(::GetCurrentProcessId());

    void SetUp() override { TearDown(); }
    void TearDown() override {
        ::RegDeleteTreeW(HKEY_LOCAL_MACHINE, root.c_str());
        ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, root.c_str(), KEY_WOW64_64KEY, 0);
    }

    void make_key(const std::wstring& key) const { write(key, nullptr, REG_NONE, {}); }
    void write(const std::wstring& key, const wchar_t* name, DWORD type,
               const std::vector<std::uint8_t>& bytes) const {
        const std::wstring path = key.empty() ? root : root + L"\\" + key;
        HKEY handle = nullptr;
        ASSERT_EQ(::RegCreateKeyExW(HKEY_LOCAL_MACHINE, path.c_str(), 0, nullptr, 0,
                                    KEY_WRITE | KEY_WOW64_64KEY, nullptr, &handle, nullptr),
                  ERROR_SUCCESS);
        if (name != nullptr) {
            EXPECT_EQ(::RegSetValueExW(handle, name, 0, type, bytes.data(),
                                       static_cast<DWORD>(bytes.size())),
                      ERROR_SUCCESS);
        }
        ::RegCloseKey(handle);
    }
    static std::vector<std::uint8_t> utf16(const std::wstring& text) {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        return {bytes, bytes + text.size() * sizeof(wchar_t)};
    }

    /// The only value there is.
    PolicyValue only() const {
        const auto found = read_policy_below(root);
        EXPECT_TRUE(found) << (found ? "" : found.error().detail);
        EXPECT_EQ(found ? found->size() : 0u, 1u);
        return found && !found->empty() ? found->front() : PolicyValue{};
    }
};

TEST_F(PolicyStore, a_machine_that_nobody_manages_has_none) {
    const auto found = read_policy_below(root);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_TRUE(found->empty());
}

TEST_F(PolicyStore, values_of_every_key_are_found_with_the_place_they_were_found_at) {
    write(L"keyserver", L"url", REG_SZ, utf16(std::wstring(L"https://k\0", 10)));
    write(L"agent", L"tpm_counter", REG_DWORD, {1, 0, 0, 0});
    write(L"publisher\\url", L"example.org", REG_SZ, utf16(L"https://p"));
    write(L"", L"role", REG_MULTI_SZ, utf16(std::wstring(L"a\0b\0\0", 5)));
    auto found = read_policy_below(root);
    ASSERT_TRUE(found) << found.error().detail;
    ASSERT_EQ(found->size(), 4u);
    std::sort(found->begin(), found->end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    using Path = std::vector<std::string>;
    EXPECT_EQ((*found)[0].path, (Path{"agent", "tpm_counter"}));
    EXPECT_EQ((*found)[0].data, PolicyData(std::uint32_t{1}));
    EXPECT_EQ((*found)[1].path, (Path{"keyserver", "url"}));
    EXPECT_EQ((*found)[1].data, PolicyData(std::string("https://k")));
    EXPECT_TRUE((*found)[1].origin.starts_with(R"(HKLM\SOFTWARE\Policies\Latchkey-test-)"));
    EXPECT_TRUE((*found)[1].origin.ends_with(R"(\keyserver : url)")) << (*found)[1].origin;
    EXPECT_EQ((*found)[2].path, (Path{"publisher", "url", "example.org"}));
    EXPECT_EQ((*found)[3].path, Path{"role"});
    EXPECT_EQ((*found)[3].data, PolicyData(std::vector<std::string>{"a", "b"}));
}

TEST_F(PolicyStore, a_value_of_another_type_is_data) {
    write(L"agent", L"role", REG_BINARY, {1, 2, 3});
    EXPECT_EQ(only().data, PolicyData(OtherData{"REG_BINARY, 3 bytes"}));
}

TEST_F(PolicyStore, a_text_without_terminator_is_as_long_as_it_is) {
    // Where a zero happens to follow the text, the system takes it as the terminator.
    auto bytes = utf16(L"labX");
    bytes.resize(bytes.size() - sizeof(wchar_t));
    write(L"agent", L"role", REG_SZ, bytes);
    EXPECT_EQ(only().data, PolicyData(std::string("lab")));
}

TEST_F(PolicyStore, a_text_of_an_odd_number_of_bytes_is_none) {
    write(L"agent", L"role", REG_SZ, {'l', 0, 'a'});
    EXPECT_EQ(only().data, PolicyData(OtherData{"REG_SZ, 3 bytes, which is no text"}));
}

TEST_F(PolicyStore, names_and_texts_may_hold_any_character) {
    write(L"publisher\\url", L"z\u00fcrich.example", REG_SZ, utf16(L"\u65e5\u672c"));
    const auto value = only();
    EXPECT_EQ(value.path.back(), "z\xc3\xbcrich.example");
    EXPECT_EQ(value.data, PolicyData(std::string("\xe6\x97\xa5\xe6\x9c\xac")));
}

TEST_F(PolicyStore, ten_thousand_characters_are_read) {
    write(L"organization", L"id", REG_SZ, utf16(std::wstring(10'000, L'x')));
    EXPECT_EQ(only().data, PolicyData(std::string(10'000, 'x')));
}

TEST_F(PolicyStore, more_than_a_value_may_have_is_not) {
    write(L"organization", L"id", REG_BINARY, std::vector<std::uint8_t>(kMaxPolicyBytes + 2, 'x'));
    const auto value = only();
    EXPECT_EQ(value.path, (std::vector<std::string>{"organization", "id"}));
    EXPECT_EQ(value.data, PolicyData(OtherData{"REG_BINARY, 65538 bytes, which is too large"}));
}

TEST_F(PolicyStore, a_key_below_the_last_that_has_settings_is_refused) {
    make_key(LR"(a\b\c\d\e)");
    const auto found = read_policy_below(root);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::config_invalid);
    EXPECT_TRUE(found.error().detail.ends_with(R"(\a\b\c\d: too many keys, or nested too deep)"))
        << found.error().detail;
}

TEST_F(PolicyStore, more_values_than_anybody_sets_are_refused) {
    HKEY handle = nullptr;
    make_key(L"agent");
    ASSERT_EQ(::RegOpenKeyExW(HKEY_LOCAL_MACHINE, (root + L"\\agent").c_str(), 0,
                              KEY_WRITE | KEY_WOW64_64KEY, &handle),
              ERROR_SUCCESS);
    for (std::size_t i = 0; i <= kMaxPolicyValues; ++i)
        ::RegSetValueExW(handle, std::to_wstring(i).c_str(), 0, REG_DWORD, nullptr, 0);
    ::RegCloseKey(handle);
    const auto found = read_policy_below(root);
    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().detail.ends_with(R"(\agent: too many values)"))
        << found.error().detail;
}

}  // namespace
}  // namespace latchkey::platform
