// What modes, links and pipes add (secure_file_test.cpp holds for every system).

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "platform/secure_file.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

std::size_t files_in(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
}

Code code_of(const Result<std::string>& result) {
    return result ? Code::internal : result.error().code;
}

TEST(SecureFile, modes_do_not_depend_on_the_umask) {
    const TemporaryDirectory dir;
    for (const mode_t umask_of_caller : {mode_t{0}, mode_t{077}}) {
        const mode_t before = ::umask(umask_of_caller);
        EXPECT_TRUE(write_private_file(dir / "private", "x"));
        EXPECT_TRUE(write_public_file(dir / "public", "x"));
        ::umask(before);
        EXPECT_EQ(mode_of(dir / "private"), 0600u);
        EXPECT_EQ(mode_of(dir / "public"), 0644u);
    }
}

TEST(SecureFile, an_output_follows_a_link_and_leaves_it_there) {
    const TemporaryDirectory dir;
    fs::create_symlink("target", dir / "link");
    ASSERT_TRUE(write_private_output(dir / "link", "new"));
    ASSERT_TRUE(write_private_output(dir / "link", "newer"));
    EXPECT_TRUE(fs::is_symlink(dir / "link"));
    EXPECT_EQ(read_file(dir / "target", 10), "newer");
    EXPECT_EQ(mode_of(dir / "target"), 0600u);
    ASSERT_TRUE(write_public_output(dir / "link", "for everyone"));
    EXPECT_TRUE(fs::is_symlink(dir / "link"));
    EXPECT_EQ(mode_of(dir / "target"), 0644u);
    fs::create_symlink("round", dir / "round");
    EXPECT_FALSE(write_private_output(dir / "round", "x"));
    EXPECT_FALSE(write_private_output(dir.path(), "x")) << "a directory is no file";
}

TEST(SecureFile, an_output_goes_into_a_pipe_and_leaves_it_there) {
    const TemporaryDirectory dir;
    ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
    const int reader = ::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    ASSERT_TRUE(write_private_output(dir / "pipe", "snapshot"));
    char got[16] = {};
    EXPECT_EQ(::read(reader, got, sizeof got), 8);
    EXPECT_STREQ(got, "snapshot");
    ::close(reader);
    EXPECT_TRUE(fs::is_fifo(dir / "pipe"));
}

TEST(SecureFile, symbolic_links_are_not_followed) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "real", "x"));
    fs::create_symlink(dir / "real", dir / "link");
    EXPECT_EQ(code_of(read_private_file(dir / "link", 10, Privacy::trusted)), Code::not_permitted);
    EXPECT_TRUE(read_file(dir / "link", 10));
}

TEST(SecureFile, writing_over_a_symbolic_link_leaves_its_target_alone) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "real", "old"));
    fs::create_symlink(dir / "real", dir / "link");
    ASSERT_TRUE(write_private_file(dir / "link", "new"));
    EXPECT_EQ(read_file(dir / "real", 10), "old");
    EXPECT_EQ(read_private_file(dir / "link", 10, Privacy::secret), "new");
}

TEST(SecureFile, files_that_others_may_write_or_read_are_refused) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "x"));
    const auto read_with_mode = [&](mode_t mode, Privacy privacy) {
        EXPECT_EQ(::chmod((dir / "f").c_str(), mode), 0);
        return read_private_file(dir / "f", 10, privacy);
    };
    EXPECT_TRUE(read_with_mode(0644, Privacy::trusted));
    EXPECT_EQ(code_of(read_with_mode(0644, Privacy::secret)), Code::not_permitted);
    EXPECT_EQ(code_of(read_with_mode(0640, Privacy::secret)), Code::not_permitted);
    EXPECT_EQ(read_with_mode(0640, Privacy::secret).error().remedy,
              "Run 'chmod go-rwx " + (dir / "f").string() + "'.");
    EXPECT_EQ(code_of(read_with_mode(0662, Privacy::trusted)), Code::not_permitted);
    EXPECT_NE(read_with_mode(0662, Privacy::trusted).error().remedy.find("chmod go-w"),
              std::string::npos);
    EXPECT_EQ(code_of(read_with_mode(0620, Privacy::trusted)), Code::not_permitted);
    EXPECT_TRUE(read_with_mode(0600, Privacy::secret));
}

TEST(FileRights, say_what_others_may_do_and_follow_links) {
    const TemporaryDirectory dir;
    EXPECT_EQ(rights_of(dir / "nothing").value(), std::nullopt);
    ASSERT_TRUE(write_private_file(dir / "f", "x"));
    fs::create_symlink("f", dir / "link");
    const auto with_mode = [&](const char* name, mode_t mode) {
        ::chmod((dir / name).c_str(), mode);
        return rights_of(dir / name).value().value();
    };
    EXPECT_EQ(with_mode("link", 0640).shown, "0640");
    EXPECT_TRUE(with_mode("link", 0604).others_may_read);
    EXPECT_FALSE(with_mode("f", 0604).others_may_change);
    EXPECT_TRUE(with_mode("f", 0620).others_may_change);
    EXPECT_FALSE(with_mode("f", 0711).others_may_read);
    EXPECT_FALSE(with_mode("f", 0600).belongs_to_another);
    fs::create_directory(dir / "d");
    EXPECT_TRUE(with_mode("d", 0711).others_may_read) << "who may enter finds what it can name";
    EXPECT_FALSE(with_mode("d", 0700).others_may_read);
    if (::geteuid() == 0 && ::chown((dir / "f").c_str(), 1, 1) == 0) {
        EXPECT_TRUE(with_mode("f", 0600).belongs_to_another);
    }
}

TEST(SecureFile, a_pipe_in_the_files_place_is_refused_at_once) {
    const TemporaryDirectory dir;
    ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(code_of(read_private_file(dir / "pipe", 10, Privacy::trusted)), Code::not_permitted);
}

TEST(SecureFile, a_reader_that_has_the_old_file_open_keeps_the_old_content) {
    const TemporaryDirectory dir;
    ASSERT_TRUE(write_private_file(dir / "f", "old"));
    std::ifstream reader(dir / "f");
    ASSERT_TRUE(write_private_file(dir / "f", "new content"));
    std::string seen;
    reader >> seen;
    EXPECT_EQ(seen, "old");
    EXPECT_EQ(files_in(dir.path()), 1u);
}

TEST(ScrubbedFile, is_gone_and_its_bytes_are_too) {
    const TemporaryDirectory place;
    const auto path = place.path() / "key";
    std::ofstream(path) << "a secret";
    // Another name for the same bytes: what a copy of the disk would find.
    fs::create_hard_link(path, place.path() / "blocks");
    ASSERT_TRUE(scrub_file(path));
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(read_file(place.path() / "blocks", 100).value(), std::string(8, '\0'));
    EXPECT_TRUE(scrub_file(path)) << "it is gone already";
}

TEST(ScrubbedFile, follows_no_link) {
    const TemporaryDirectory place;
    std::ofstream(place.path() / "other") << "not ours";
    fs::create_symlink(place.path() / "other", place.path() / "key");
    EXPECT_FALSE(scrub_file(place.path() / "key"));
    EXPECT_EQ(read_file(place.path() / "other", 100).value(), "not ours");
}

TEST(PrivateDirectory, is_made_with_its_parents_for_this_user_alone) {
    const TemporaryDirectory dir;
    const mode_t before = ::umask(0);
    const auto made = ensure_private_directory(dir / "a" / "b" / "c");
    ::umask(before);
    ASSERT_TRUE(made);
    EXPECT_EQ(mode_of(dir / "a"), 0700u);
    EXPECT_EQ(mode_of(dir / "a" / "b" / "c"), 0700u);
    EXPECT_TRUE(ensure_private_directory(dir / "a" / "b" / "c"));
}

TEST(PrivateDirectory, one_that_others_may_write_is_refused) {
    const TemporaryDirectory dir;
    fs::create_directory(dir / "d");
    ASSERT_EQ(::chmod((dir / "d").c_str(), 0777), 0);
    const auto checked = ensure_private_directory(dir / "d");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::not_permitted);
}

TEST(DirectoryLocking, the_lock_of_a_process_that_died_is_free) {
    const TemporaryDirectory dir;
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = lock_directory(dir.path());
        ::_exit(lock ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    EXPECT_TRUE(lock_directory(dir.path()));
}

}  // namespace
}  // namespace latchkey::platform
