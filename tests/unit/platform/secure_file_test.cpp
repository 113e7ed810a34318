#include "platform/secure_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/path_text.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
}

Code code_of(const Result<std::string>& result) {
    return result ? Code::internal : result.error().code;
}

TEST(SecureFile, reads_back_what_was_written_whatever_bytes_it_holds) {
    const TemporaryDirectory dir;
    const std::string content("a\0b\n\xff", 5);
    ASSERT_TRUE(write_private_file(dir / "key", content));
    EXPECT_EQ(read_private_file(dir / "key", 100, Privacy::secret), content);
    EXPECT_EQ(read_file(dir / "key", 5), content);
}

TEST(SecureFile, a_missing_file_is_told_from_an_unreadable_one) {
    const TemporaryDirectory dir;
    EXPECT_EQ(code_of(read_file(dir / "none", 10)), Code::record_unknown);
    EXPECT_EQ(code_of(read_private_file(dir / "none", 10, Privacy::trusted)), Code::record_unknown);
    EXPECT_EQ(code_of(read_file(dir.path(), 10)), Code::input_unreadable);
}

TEST(SecureFile, a_file_over_the_limit_is_refused_not_cut) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "big", std::string(40'000, 'x')));
    EXPECT_EQ(code_of(read_file(dir / "big", 39'999)), Code::input_unreadable);
    EXPECT_TRUE(read_file(dir / "big", 40'000));
}

TEST(SecureFile, a_failed_write_keeps_the_old_content_and_leaves_no_rubbish) {
    const TemporaryDirectory dir;
    // A directory in the file's place makes the last step, the rename, fail; also for root.
    fs::create_directory(dir / "target");
    std::ofstream(dir / "target" / "inside") << "old";
    const auto written = write_private_file(dir / "target", "new");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::storage_failed);
    EXPECT_NE(written.error().detail.find("target"), std::string::npos);
    EXPECT_EQ(files_in(dir.path()), 1u);
    EXPECT_EQ(read_file(dir / "target" / "inside", 10), "old");
}

TEST(SecureFile, writing_where_no_directory_is_fails_and_names_the_path) {
    const TemporaryDirectory dir;
    const auto written = write_private_file(dir / "none" / "f", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::storage_failed);
    EXPECT_NE(written.error().detail.find(utf8_text(dir / "none" / "f")), std::string::npos);
}

TEST(SecureFile, removing_what_is_not_there_is_fine) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "x"));
    EXPECT_TRUE(remove_file(dir / "f"));
    EXPECT_TRUE(remove_file(dir / "f"));
    EXPECT_FALSE(fs::exists(dir / "f"));
    EXPECT_FALSE(remove_file(dir.path()));
}

TEST(PrivateDirectory, a_file_in_its_place_is_refused) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "x"));
    const auto checked = ensure_private_directory(dir / "f");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::storage_failed);
    EXPECT_FALSE(ensure_private_directory(dir / "f" / "below"));
}

TEST(DirectoryLocking, a_second_lock_fails_and_names_the_holder) {
    const TemporaryDirectory dir;
    auto first = lock_directory(dir.path());
    ASSERT_TRUE(first);
    const auto second = lock_directory(dir.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::state_locked);
    EXPECT_NE(second.error().detail.find(" is in use by process "), std::string::npos)
        << second.error().detail;
    first->reset();
    EXPECT_TRUE(lock_directory(dir.path()));
}

TEST(SecretFile, holds_a_secret_that_comes_back_and_nobody_else_may_read) {
    const TemporaryDirectory dir;
    EXPECT_EQ(read_secret_file(dir / "key", 64).value(), std::nullopt) << "there is none";
    ASSERT_TRUE(write_secret_file(dir / "key", "thirty-two bytes of a random key"));
    EXPECT_EQ(read_secret_file(dir / "key", 64).value(), "thirty-two bytes of a random key");
    EXPECT_FALSE(rights_of(dir / "key").value().value().others_may_read);
}

TEST(SecureFile, names_may_hold_any_letter) {
    const TemporaryDirectory dir;
    const fs::path folder = dir.path() / utf8_path("Größe 製品");
    ASSERT_TRUE(ensure_private_directory(folder));
    ASSERT_TRUE(write_private_file(folder / utf8_path("Ж.toml"), "x"));
    EXPECT_EQ(read_private_file(folder / utf8_path("Ж.toml"), 10, Privacy::secret), "x");
    const auto missing = read_file(folder / "none", 10);
    EXPECT_NE(missing.error().detail.find("Größe 製品"), std::string::npos)
        << missing.error().detail;
}

TEST(FileRights, what_is_private_says_so_and_what_is_public_only_that_all_may_read) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "private", "x"));
    ASSERT_TRUE(write_public_file(dir / "public", "x"));
    const auto mine = rights_of(dir / "private").value().value();
    EXPECT_FALSE(mine.others_may_read || mine.others_may_change || mine.belongs_to_another)
        << mine.shown;
    const auto all = rights_of(dir / "public").value().value();
    EXPECT_TRUE(all.others_may_read) << all.shown;
    EXPECT_FALSE(all.others_may_change || all.belongs_to_another) << all.shown;
    EXPECT_TRUE(read_private_file(dir / "public", 10, Privacy::trusted));
    EXPECT_EQ(code_of(read_private_file(dir / "public", 10, Privacy::secret)), Code::not_permitted);
}

}  // namespace
}  // namespace latchkey::platform
