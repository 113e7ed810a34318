// What access lists, sharing and DPAPI add (secure_file_test.cpp holds for every system).

#include <windows.h>

#include <aclapi.h>
#include <gtest/gtest.h>
#include <sddl.h>

#include <fstream>
#include <thread>

#include "base/path_text.h"
#include "platform/handle_windows.h"
#include "platform/secret_blob_windows.h"
#include "platform/secure_file.h"
#include "platform/security_windows.h"
#include "platform/text_windows.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

/// A file with exactly this access list.
UniqueHandle made_with(const fs::path& path, std::string_view sddl) {
    Descriptor descriptor(sddl);
    return UniqueHandle(::CreateFileW(path.c_str(), GENERIC_ALL, FILE_SHARE_READ,
                                      descriptor.attributes(), CREATE_ALWAYS, 0, nullptr));
}

/// What Windows itself would say of a list, without a file system in between.
Rights judged(std::string_view sddl) {
    Descriptor descriptor(sddl);
    const UniqueHandle event(::CreateEventW(descriptor.attributes(), TRUE, FALSE, nullptr));
    return rights_of_handle(event.get());
}

TEST(AccessList, the_system_the_administrators_and_this_user_are_nobody_else) {
    const auto rights = judged("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{me})");
    ASSERT_TRUE(rights.known) << rights.error;
    EXPECT_FALSE(rights.others_may_read) << rights.shown;
    EXPECT_FALSE(rights.others_may_change) << rights.shown;
}

TEST(AccessList, who_else_may_read_or_change_is_found) {
    EXPECT_TRUE(judged("D:P(A;;FA;;;BA)(A;;FR;;;BU)").others_may_read);
    EXPECT_FALSE(judged("D:P(A;;FA;;;BA)(A;;FR;;;BU)").others_may_change);
    // 0x2: write data; SD: delete; WD: change the list; WO: take it over.
    for (const char* right : {"0x2", "0x4", "SD", "WD", "WO", "GW", "GA"})
        EXPECT_TRUE(judged("D:P(A;;FA;;;BA)(A;;" + std::string(right) + ";;;AU)").others_may_change)
            << right;
    EXPECT_TRUE(judged("D:P(A;;FA;;;S-1-5-21-1-2-3-1001)").others_may_change);
}

TEST(AccessList, what_only_files_inside_inherit_or_what_is_denied_is_not_counted) {
    EXPECT_FALSE(judged("D:P(A;;FA;;;BA)(A;OICIIO;FA;;;BU)").others_may_change);
    EXPECT_FALSE(judged("D:P(D;;FA;;;BU)(A;;FA;;;BA)").others_may_change);
}

TEST(AccessList, that_was_inherited_is_set_again_as_one_that_was) {
    const auto control_of = [](const wchar_t* sddl) {
        PSECURITY_DESCRIPTOR made = nullptr;
        EXPECT_TRUE(::ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1,
                                                                           &made, nullptr));
        keep_inherited(made);
        SECURITY_DESCRIPTOR_CONTROL control = 0;
        DWORD revision = 0;
        EXPECT_TRUE(::GetSecurityDescriptorControl(made, &control, &revision));
        ::LocalFree(made);
        return control & (SE_DACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED);
    };
    EXPECT_EQ(control_of(L"O:BAD:AI(A;OICIID;FA;;;BA)"),
              SE_DACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED);
    EXPECT_EQ(control_of(L"O:BAD:PAI(A;OICI;FA;;;BA)"),
              SE_DACL_PROTECTED | SE_DACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED);
    EXPECT_EQ(control_of(L"O:BAD:P(A;OICI;FA;;;BA)"), SE_DACL_PROTECTED);
    EXPECT_EQ(control_of(L"O:BAD:(A;OICI;FA;;;BA)"), 0);
}

TEST(SecureFile, what_users_may_change_is_refused) {
    const TemporaryDirectory dir;
    made_with(dir / "f", "D:P(A;;FA;;;{me})(A;;FA;;;WD)");
    const auto refused = read_private_file(dir / "f", 10, Privacy::trusted);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_permitted);
    EXPECT_NE(refused.error().remedy.find("icacls"), std::string::npos);
    EXPECT_FALSE(check_unchangeable_by_others(dir / "f"));
}

TEST(SecureFile, a_pipe_in_the_files_place_is_refused_at_once) {
    EXPECT_FALSE(
        read_private_file(R"(\\.\pipe\latchkey-nobody-serves-this)", 10, Privacy::trusted));
    EXPECT_EQ(read_private_file("NUL", 10, Privacy::trusted).error().code, Code::not_permitted);
}

TEST(SecureFile, whoever_looks_at_the_file_for_a_moment_is_waited_for) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "old"));
    // As a virus scanner opens it: nobody may replace it meanwhile.
    UniqueHandle held(::CreateFileW((dir / "f").c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                    OPEN_EXISTING, 0, nullptr));
    ASSERT_TRUE(held);
    std::thread scanner([&] { held.reset(); });
    EXPECT_TRUE(write_private_file(dir / "f", "new"));
    scanner.join();
    EXPECT_EQ(read_file(dir / "f", 10), "new");
}

TEST(SecureFile, our_own_reading_keeps_nobody_from_replacing) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "old"));
    const UniqueHandle reader(::CreateFileW((dir / "f").c_str(), GENERIC_READ,
                                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                            nullptr, OPEN_EXISTING, 0, nullptr));
    ASSERT_TRUE(write_private_file(dir / "f", "new"));
    char seen[8] = {};
    DWORD got = 0;
    ASSERT_TRUE(::ReadFile(reader.get(), seen, sizeof seen, &got, nullptr));
    EXPECT_EQ(std::string(seen, got), "old");
}

TEST(SecureFile, a_path_longer_than_the_old_limit_works) {
    const TemporaryDirectory dir;
    const auto deep = dir / std::string(120, 'a').c_str() / std::string(120, 'b') / "f";
    ASSERT_GT(deep.native().size(), std::size_t{MAX_PATH});
    ASSERT_TRUE(ensure_private_directory(deep.parent_path()));
    ASSERT_TRUE(write_private_file(deep, "x"));
    EXPECT_EQ(read_private_file(deep, 10, Privacy::secret), "x");
    EXPECT_TRUE(remove_file(deep));
}

TEST(SecretFile, holds_nothing_of_the_secret_in_the_clear) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_secret_file(dir / "key", "a secret of this machine"));
    EXPECT_EQ(read_file(dir / "key", 10'000)->find("secret"), std::string::npos);
}

TEST(SecretFile, one_that_this_machine_cannot_open_is_none_so_that_it_is_made_anew) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_secret_file(dir / "key", "a secret"));
    auto blob = read_file(dir / "key", 10'000).value();
    // Of another installation, damaged, or not wrapped at all: it is the same loss.
    for (const std::string& other :
         {blob.substr(0, blob.size() / 2), blob.substr(0, blob.size() - 1) + '?',
          std::string("a secret"), std::string()}) {
        ASSERT_TRUE(write_private_file(dir / "key", other));
        EXPECT_EQ(read_secret_file(dir / "key", 64).value(), std::nullopt) << other.size();
    }
}

TEST(Text, goes_to_windows_and_back_and_bad_bytes_become_a_mark) {
    const std::string text = "Größe 製品 😀";
    EXPECT_EQ(narrow(wide(text)), text);
    EXPECT_EQ(narrow(wide("a\xff"
                          "b")),
              "a\xef\xbf\xbd"
              "b");
    EXPECT_EQ(utf8_text(utf8_path(text)), text) << "a path holds the same letters";
    EXPECT_EQ(error_text("cannot open", "x", ERROR_FILE_NOT_FOUND).rfind("cannot open x: ", 0), 0u);
}

}  // namespace
}  // namespace latchkey::platform
