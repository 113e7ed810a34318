#include "keyserver/keys/key_room.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};

/// A first start up to its end.
Result<KeyRoom> made(const TemporaryDirectory& directory, std::string_view publisher) {
    auto room = KeyRoom::open(directory.path(), publisher, kNow);
    if (room)
        if (auto completed = room->complete(); !completed) return fail(completed.error());
    return room;
}

TEST(KeyRoom, the_first_start_makes_everything_and_the_second_finds_it) {
    TemporaryDirectory directory;
    const auto first = made(directory, "acme");
    ASSERT_TRUE(first) << first.error().detail;
    const auto second = KeyRoom::open(directory.path(), "", kNow + Days{1});
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(second->publisher().id, "acme");
    EXPECT_EQ(second->publisher().salt, first->publisher().salt);
    EXPECT_EQ(second->signing_key().public_key(), first->signing_key().public_key());
    EXPECT_EQ(second->key_set().version, 1);
}

TEST(KeyRoom, private_material_is_readable_by_its_owner_alone) {
    TemporaryDirectory directory;
    ASSERT_TRUE(made(directory, "acme"));
    for (const char* name :
         {"root.key", "signing.key", "seal.key", "pepper.key", "publisher.json"}) {
        struct stat info {};
        ASSERT_EQ(::stat((directory.path() / name).c_str(), &info), 0) << name;
        EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
    }
}

TEST(KeyRoom, a_name_is_made_from_the_root_where_none_is_given) {
    TemporaryDirectory one, two;
    const auto a = KeyRoom::open(one.path(), "", kNow);
    const auto b = KeyRoom::open(two.path(), "", kNow);
    ASSERT_TRUE(a && b);
    EXPECT_TRUE(a->publisher().id.starts_with("publisher-"));
    EXPECT_NE(a->publisher().id, b->publisher().id);
}

TEST(KeyRoom, another_publisher_needs_another_directory) {
    TemporaryDirectory directory;
    ASSERT_TRUE(made(directory, "acme"));
    EXPECT_EQ(KeyRoom::open(directory.path(), "other", kNow).error().code, Code::config_invalid);
    EXPECT_EQ(KeyRoom::open(directory.path(), "Bad Name", kNow).error().code, Code::config_invalid);
}

TEST(KeyRoom, an_interrupted_first_start_goes_on_with_the_keys_it_made) {
    TemporaryDirectory directory;
    const auto first = made(directory, "acme");
    ASSERT_TRUE(first);
    std::filesystem::remove(directory.path() / "publisher.json");  // it is written last
    const auto second = KeyRoom::open(directory.path(), "acme", kNow);
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(second->publisher().root, first->publisher().root);
}

TEST(KeyRoom, a_root_that_was_moved_away_is_no_error_and_a_lost_pepper_is) {
    TemporaryDirectory directory;
    ASSERT_TRUE(made(directory, "acme"));
    std::filesystem::remove(directory.path() / "root.key");
    const auto room = KeyRoom::open(directory.path(), "", kNow);
    ASSERT_TRUE(room);
    EXPECT_FALSE(*room->load_root());
    std::filesystem::remove(directory.path() / "pepper.key");
    EXPECT_FALSE(KeyRoom::open(directory.path(), "", kNow));
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "pepper.key"))
        << "never made a second time";
}

TEST(KeyRoom, a_key_others_can_read_is_refused) {
    TemporaryDirectory directory;
    ASSERT_TRUE(made(directory, "acme"));
    ::chmod((directory.path() / "signing.key").c_str(), 0644);
    EXPECT_EQ(KeyRoom::open(directory.path(), "", kNow).error().code, Code::not_permitted);
}

}  // namespace
}  // namespace latchkey::keyserver
