// The root signs manifests, too, wherever it is kept; and a command is carried out where it was
// meant to be.

#include "keyserver/admin/ceremony.h"

#include <gtest/gtest.h>

#include "keyserver/keys/key_files.h"
#include "licensing/manifest.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class Ceremony : public ::testing::Test {
protected:
    Ceremony() {
        server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
        std::filesystem::rename(server.directory() / "root.key", vault.path() / "root.key");
    }
    Result<json::bj::object> exported(const std::filesystem::path& root_key,
                                      admin::RawArguments more = {}) {
        more.insert({{"id", {"editor"}}, {"root-key", {root_key.string()}}});
        const admin::Command command{"product", "export", std::move(more)};
        EXPECT_TRUE(admin::needs_root(command));
        return admin::hold_ceremony(command, server.directory(), [&](const admin::Command& step) {
            return server.office().run(step);
        });
    }
    Result<json::bj::object> exported_here() {
        return server.try_admin("product", "export", {{"id", {"editor"}}});
    }
    std::int64_t manifest_version() {
        return server.admin("product", "list", {})
            .at("products")
            .at(0)
            .at("manifest_version")
            .as_int64();
    }

    TestServer server;
    TemporaryDirectory vault;
};

TEST_F(Ceremony, a_manifest_is_signed_by_a_root_that_is_kept_elsewhere) {
    const auto done = exported(vault.path() / "root.key", {{"url", {"https://keys.example"}}});
    ASSERT_TRUE(done) << done.error().detail;
    const licensing::PinnedRoot pinned{"acme", 1, server.room().publisher().root};
    const auto manifest =
        licensing::verify_manifest(std::string(done->at("manifest").as_string()), &pinned);
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ((*manifest)->product, "editor");
    EXPECT_EQ((*manifest)->url, "https://keys.example");
    EXPECT_EQ((*manifest)->version, 1);
    EXPECT_FALSE(done->contains("unsigned"));
    EXPECT_EQ(manifest_version(), 1);
}

TEST_F(Ceremony, where_the_root_is_not_at_hand_or_another_one_no_version_is_used_up) {
    const auto here = exported_here();
    ASSERT_FALSE(here);
    EXPECT_EQ(here.error().code, Code::config_invalid);
    EXPECT_NE(here.error().remedy.find("--root-key"), std::string::npos);
    EXPECT_EQ(exported(vault.path() / "nothing").error().code, Code::config_invalid);
    const auto other = vault.path() / "other.key";
    ASSERT_TRUE(write_signing_key(other, licensing::SigningKey::generate()));
    EXPECT_EQ(exported(other).error().code, Code::config_invalid);
    EXPECT_EQ(manifest_version(), 0);
}

TEST_F(Ceremony, a_manifest_that_would_not_be_valid_uses_up_no_version_either) {
    EXPECT_EQ(exported(vault.path() / "root.key", {{"url", {"http://plain"}}}).error().code,
              Code::usage);
    EXPECT_EQ(manifest_version(), 0);
}

TEST_F(Ceremony, a_manifest_that_reached_nobody_is_taken_back_without_the_root) {
    ASSERT_TRUE(exported(vault.path() / "root.key"));
    ASSERT_TRUE(exported("/nowhere", {{"unwritten", {"1"}}}));
    EXPECT_EQ(manifest_version(), 0);
}

TEST_F(Ceremony, a_command_for_another_database_is_refused_with_both_names) {
    admin::Office office(server.store(), server.keys(), server.clock, server.directory(), "sqlite");
    admin::Command command{"product", "list", {}};
    EXPECT_TRUE(office.run(command)) << "named nothing: a running server knows its own";
    command.database = "sqlite";
    EXPECT_TRUE(office.run(command));
    command.database = "postgresql://latchkey@db.example/other";
    const auto travelled = admin::parse_command(admin::to_line(command));
    ASSERT_TRUE(travelled);
    const auto refused = office.run(*travelled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::config_invalid);
    EXPECT_NE(refused.error().detail.find("in sqlite,"), std::string::npos);
    EXPECT_NE(refused.error().detail.find(command.database), std::string::npos);
}

TEST_F(Ceremony, its_steps_are_meant_for_the_same_database_as_the_whole) {
    admin::Office office(server.store(), server.keys(), server.clock, server.directory(), "sqlite");
    const auto held = [&](admin::Command command) {
        command.database = "postgresql://db.example/other";
        return admin::hold_ceremony(command, server.directory(),
                                    [&](const admin::Command& step) { return office.run(step); });
    };
    const std::string root = (vault.path() / "root.key").string();
    const auto table = json::to_text(server.admin("weights", "show", {}));
    for (const admin::Command& command :
         {admin::Command{"signing-key", "rotate", {{"root-key", {root}}}},
          admin::Command{"product", "export", {{"id", {"editor"}}, {"root-key", {root}}}},
          admin::Command{"weights", "install", {{"table", {table}}, {"root-key", {root}}}}}) {
        const auto refused = held(command);
        ASSERT_FALSE(refused) << command.name;
        EXPECT_NE(refused.error().detail.find("postgresql://db.example/other"), std::string::npos);
    }
}

TEST(DatabaseChoice, a_password_is_warned_of_with_the_option_that_holds_it) {
    const auto with = parse_database_choice("postgresql://latchkey:secret@db.example/latchkey");
    ASSERT_TRUE(with);
    const auto warning = warning_about_password(*with, "--to");
    EXPECT_TRUE(warning.starts_with("the password in --to can be read")) << warning;
    EXPECT_EQ(warning.find("secret"), std::string::npos);
    EXPECT_EQ(name_of(*with).find("secret"), std::string::npos);
    const auto without = parse_database_choice("postgresql://latchkey@db.example/latchkey");
    EXPECT_EQ(warning_about_password(*without, "--to"), "");
    EXPECT_EQ(warning_about_password({}, "--database"), "");
    EXPECT_EQ(name_of({}), "sqlite");
}

}  // namespace
}  // namespace latchkey::keyserver
