// The next key, and the next root: in force at once, whole or not at all, and nothing that was
// signed before is lost.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>

#include "keyserver/admin/ceremony.h"
#include "keyserver/admin/present.h"
#include "keyserver/keys/key_files.h"
#include "keyserver/keys/key_warnings.h"
#include "keyserver/policy.h"
#include "licensing/manifest.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;

class KeyRotation : public ::testing::Test {
protected:
    Result<json::bj::object> try_rotate(admin::RawArguments arguments = {}) {
        return admin::hold_ceremony(
            {"signing-key", "rotate", std::move(arguments)}, server.directory(),
            [this](const admin::Command& command) { return server.office().run(command); });
    }
    json::bj::object rotate(admin::RawArguments arguments = {}) {
        auto done = try_rotate(std::move(arguments));
        EXPECT_TRUE(done) << done.error().detail;
        return done ? *done : json::bj::object{};
    }
    Code refusal(admin::RawArguments arguments) {
        const auto done = try_rotate(std::move(arguments));
        EXPECT_FALSE(done);
        return done ? Code::internal : done.error().code;
    }
    fs::path file(const std::string& name) const { return server.directory() / name; }
    ServerTime now() const { return as_server(server.clock.wall()); }
    const KeyRoom& room() const { return server.room(); }
    std::string signer() const { return licensing::key_id(room().signing_key().public_key()); }
    /// As the next start of the program finds it.
    Result<KeyRoom> reopened() const { return KeyRoom::open(server.directory(), "", now()); }

    TestServer server;
};

TEST_F(KeyRotation, signs_with_a_new_key_from_now_on_and_verifies_what_the_old_one_signed) {
    const auto key = server.sell("competency", 5);
    TestDevice device(server);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto before = licensing::sign_license(room().signing_key(), *device.license);
    const auto first = signer();

    const auto done = rotate();
    EXPECT_EQ(done.at("version").as_int64(), 2);
    EXPECT_EQ(done.at("signing_key").as_string(), signer());
    EXPECT_NE(signer(), first);
    EXPECT_TRUE(licensing::verify_license(before, room().key_set()));
    EXPECT_EQ(device.renew({}, 1).status, 200);
    const auto again = licensing::sign_license(room().signing_key(), *device.license);
    EXPECT_EQ(licensing::claimed_key_id(again), signer());
}

TEST_F(KeyRotation, is_served_at_once_under_the_same_root_with_a_version_above) {
    const licensing::PinnedRoot pinned = room().root();
    rotate();
    HttpRequest ask;
    ask.method = "GET";
    ask.target = "/.well-known/latchkey";
    const auto bundle = licensing::parse_trust_bundle(server.answer(ask).body);
    ASSERT_TRUE(bundle);
    const auto trusted = licensing::accept_bundle(*bundle, pinned, 1);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    EXPECT_EQ(trusted->key_set->version, 2);
    EXPECT_EQ(trusted->key_set->signing_keys.size(), 2u);
}

TEST_F(KeyRotation, destroys_the_old_private_key_and_lets_it_sign_for_a_day_at_most) {
    const auto first = signer();
    const auto old_private = read_signing_key(file("signing.key")).value().seed();
    rotate();
    EXPECT_EQ(licensing::key_id(read_signing_key(file("signing.key")).value().public_key()),
              signer());
    for (const auto& entry : fs::directory_iterator(server.directory())) {
        if (entry.path().extension() != ".key") continue;
        const auto text = platform::read_file(entry.path(), 10'000).value();
        EXPECT_EQ(text.find(base64url(old_private)), std::string::npos) << entry.path();
        struct stat info {};
        ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    }
    EXPECT_EQ(room().key_set().find(first)->not_after, now() + kRetiredKeyMargin);
}

TEST_F(KeyRotation, opens_messages_that_were_sealed_before_for_a_day) {
    const auto key = server.sell("competency", 5);
    TestDevice device(server);
    const auto under_way =
        device.request("POST", "/v1/activations", device.activation_message(key, {}, 1), "idem-1");
    rotate();
    EXPECT_EQ(device.send(under_way).status, 201)
        << "challenge and seal are of the set before, and it was on its way";

    const auto late =
        device.request("POST", "/v1/activations", device.activation_message(key, {}, 1), "idem-2");
    rotate();
    server.clock += Days{1} - minutes{1};
    ASSERT_TRUE(unsealed_message(late, room(), now()));
    server.clock += minutes{1};
    EXPECT_FALSE(unsealed_message(late, room(), now()));
    ASSERT_TRUE(reopened());
    EXPECT_FALSE(fs::exists(file("seal.previous.key"))) << "and then it is destroyed";
}

TEST_F(KeyRotation, is_found_again_by_the_next_start) {
    rotate();
    rotate({{"root", {}}});
    rotate();
    const auto again = reopened();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->key_set().version, 4);
    EXPECT_EQ(again->root().version, 2);
    EXPECT_EQ(again->root().root, room().root().root);
    EXPECT_EQ(again->trust_bundle().root_chain.size(), 1u);
    ASSERT_TRUE(again->load_root());
    EXPECT_TRUE(*again->load_root()) << "root.key is the new root";
}

TEST_F(KeyRotation, of_the_root_leads_whoever_pinned_the_first_one_to_the_newest) {
    const licensing::PinnedRoot first = room().root();
    const auto done = rotate({{"root", {}}});
    EXPECT_EQ(done.at("root_version").as_int64(), 2);
    rotate({{"root", {}}});
    const auto trusted = licensing::accept_bundle(room().trust_bundle(), first, 1);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    EXPECT_EQ(trusted->root.version, 3);
    EXPECT_EQ(trusted->root.root, room().root().root);
    server.sell("competency", 5);
    const auto exported = server.admin("product", "export", {{"id", {"editor"}}});
    const auto manifest =
        licensing::verify_manifest(std::string(exported.at("manifest").as_string()), nullptr);
    ASSERT_TRUE(manifest);
    EXPECT_EQ((*manifest)->root, room().root().root);
    EXPECT_EQ((*manifest)->root_version, 3);
}

TEST_F(KeyRotation, takes_the_root_from_where_it_is_kept_and_leaves_the_new_one_there) {
    TemporaryDirectory stick;
    const auto old_root = (stick.path() / "root.key").string();
    fs::rename(file("root.key"), old_root);
    EXPECT_EQ(refusal({}), Code::config_invalid) << "no root at hand";
    EXPECT_EQ(room().key_set().version, 1);
    EXPECT_FALSE(fs::exists(file("signing.next.key"))) << "and nothing was made";
    EXPECT_EQ(rotate({{"root-key", {old_root}}}).at("version").as_int64(), 2);
    EXPECT_FALSE(fs::exists(file("root.key"))) << "it stays where it is kept";

    const auto new_root = (stick.path() / "root-2.key").string();
    EXPECT_EQ(refusal({{"root-key", {old_root}}, {"new-root-key", {new_root}}}), Code::usage);
    EXPECT_EQ(refusal({{"root", {}}, {"root-key", {old_root}}, {"new-root-key", {old_root}}}),
              Code::config_invalid)
        << "no file is overwritten";
    const auto done =
        rotate({{"root", {}}, {"root-key", {old_root}}, {"new-root-key", {new_root}}});
    EXPECT_EQ(done.at("root_key").as_string(), new_root);
    EXPECT_EQ(done.at("destroy").as_string(), old_root);
    EXPECT_FALSE(fs::exists(file("root.key")));
    EXPECT_EQ(refusal({{"root-key", {old_root}}}), Code::config_invalid) << "the old one is over";
    EXPECT_EQ(rotate({{"root-key", {new_root}}}).at("version").as_int64(), 4);
}

TEST_F(KeyRotation, of_a_dry_run_is_told_and_not_done) {
    const auto told = rotate({{"dry-run", {}}, {"root", {}}});
    EXPECT_EQ(told.at("version").as_int64(), 2);
    EXPECT_EQ(told.at("root_version").as_int64(), 2);
    EXPECT_EQ(told.at("keep_verifying").as_array().size(), 1u);
    EXPECT_EQ(room().key_set().version, 1);
    EXPECT_FALSE(fs::exists(file("signing.next.key")));
    EXPECT_FALSE(fs::exists(file("root.next.key")));
}

TEST_F(KeyRotation, is_refused_unless_the_root_in_force_signed_what_was_prepared_last) {
    const auto root = read_signing_key(file("root.key")).value();
    const auto ask = [&](const std::string& key_set, const std::string& link = {}) {
        admin::RawArguments arguments{{"key-set", {key_set}}};
        if (!link.empty()) arguments["link"] = {link};
        return server.try_admin("signing-key", "rotate", arguments);
    };
    const auto prepared = room().prepare_rotation(now()).value();
    const auto stranger = licensing::SigningKey::generate();
    EXPECT_EQ(ask(licensing::sign_key_set(stranger, prepared)).error().code,
              Code::signature_invalid);
    const auto forged =
        licensing::sign_root_succession(stranger, {"acme", 2, stranger.public_key()});
    EXPECT_FALSE(ask(licensing::sign_key_set(stranger, prepared), forged));
    const auto signed_set = licensing::sign_key_set(root, prepared);
    ASSERT_TRUE(room().prepare_rotation(now())) << "somebody prepares another one meanwhile";
    EXPECT_EQ(ask(signed_set).error().code, Code::request_invalid);
    auto far = room().prepare_rotation(now()).value();
    far.version = 9;
    EXPECT_EQ(ask(licensing::sign_key_set(root, far)).error().code, Code::request_invalid)
        << "the next version, and no other";
    EXPECT_EQ(ask(room().trust_bundle().key_set).error().code, Code::request_invalid);
    EXPECT_EQ(server.try_admin("signing-key", "rotate", {}).error().code, Code::usage);
    EXPECT_EQ(room().key_set().version, 1);
    ASSERT_TRUE(reopened());
    EXPECT_EQ(reopened()->key_set().version, 1);
}

TEST_F(KeyRotation, is_listed_newest_first) {
    rotate();
    const auto listed = server.admin("signing-key", "list", {});
    EXPECT_EQ(listed.at("key_set_version").as_int64(), 2);
    EXPECT_EQ(listed.at("root_is_here").as_bool(), true);
    ASSERT_EQ(listed.at("signing_keys").as_array().size(), 2u);
    EXPECT_EQ(listed.at("signing_keys").at(0).at("id").as_string(), signer());
    EXPECT_EQ(listed.at("signing_keys").at(0).at("state").as_string(), "signs");
    EXPECT_EQ(listed.at("signing_keys").at(1).at("state").as_string(), "verifies");
    server.clock += Days{401};
    const auto late = server.admin("signing-key", "list", {});
    EXPECT_EQ(late.at("signing_keys").at(0).at("state").as_string(), "ended");
}

TEST_F(KeyRotation, of_a_set_that_is_over_heals_it) {
    const auto key = server.sell("competency", 5);
    server.clock += Days{500};
    rotate();
    TestDevice device(server);
    EXPECT_EQ(device.activate(key, {}).status, 201);
    ASSERT_TRUE(device.license);
}

TEST_F(KeyRotation, is_recommended_at_each_start_from_30_days_before_the_end) {
    const auto warned = [&] {
        for (const auto& warning : warnings_about_keys(room(), now()))
            if (warning.find("signing-key rotate") != std::string::npos) return true;
        return false;
    };
    server.clock += Days{369};
    EXPECT_FALSE(warned());
    server.clock += Days{2};
    EXPECT_TRUE(warned());
    rotate();
    EXPECT_FALSE(warned());
    server.clock += Days{399};
    EXPECT_TRUE(warned());
    server.clock += Days{10};
    EXPECT_TRUE(warned()) << "and after it, too";
}

TEST_F(KeyRotation, is_recommended_by_the_list_of_keys_from_then_on) {
    const auto listed = [&] {
        return admin::as_text(*admin::find_verb("signing-key", "list"),
                              server.admin("signing-key", "list", {}));
    };
    server.clock += Days{369};
    EXPECT_TRUE(server.admin("signing-key", "list", {}).at("warnings").as_array().empty());
    EXPECT_EQ(listed().find("warning"), std::string::npos);
    server.clock += Days{2};
    EXPECT_EQ(server.admin("signing-key", "list", {}).at("warnings").as_array().size(), 1u);
    const auto text = listed();
    const auto at = text.find("\nwarning: the signing key or the key set ends at ");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NE(text.find("signing-key rotate", at), std::string::npos) << text;
}

TEST(NextKeySet, lets_the_oldest_key_go_where_it_is_full) {
    TestServer server;
    auto set = server.room().key_set();
    const auto first = set.signing_keys.front().kid;
    const ServerTime now = as_server(server.clock.wall());
    std::vector<std::string> kids{first};
    for (std::size_t i = 1; i <= licensing::kMaxSigningKeys; ++i) {
        const auto key = licensing::SigningKey::generate().public_key();
        set = next_key_set(set, key, set.seal_key, now + Days{static_cast<int>(i)});
        kids.push_back(licensing::key_id(key));
    }
    EXPECT_EQ(set.signing_keys.size(), licensing::kMaxSigningKeys);
    EXPECT_EQ(set.find(first), nullptr);
    EXPECT_NE(set.find(kids[1]), nullptr);
    EXPECT_EQ(set.signing_keys.back().kid, kids.back());
    EXPECT_TRUE(licensing::key_set_from_json(licensing::to_json(set)));
}

/// What a crash leaves: the directory before the rotation, and, of the files that it writes and
/// removes in this order, the first few as they are afterwards.
class InterruptedRotation : public ::testing::Test {
protected:
    using Step = std::pair<std::string, bool>;  ///< a file, and whether it is there afterwards

    static void copy(const fs::path& from, const fs::path& to) {
        fs::create_directories(to);
        fs::permissions(to, fs::perms::owner_all);
        for (const auto& entry : fs::directory_iterator(from))
            if (entry.is_regular_file() && entry.path().filename() != "lock")
                fs::copy_file(entry.path(), to / entry.path().filename(),
                              fs::copy_options::overwrite_existing);
    }

    /// `steps` in their order; `commit` is the one that decides.
    void expect_old_or_new(const admin::RawArguments& how, const std::vector<Step>& steps,
                           const std::string& commit) {
        TemporaryDirectory work;
        const auto before = work.path() / "before", after = work.path() / "after";
        TestServer server;
        const auto old_kid = licensing::key_id(server.room().signing_key().public_key());
        // The ceremony's own end is the moment between preparing and putting in force.
        const auto done = admin::hold_ceremony({"signing-key", "rotate", how}, server.directory(),
                                               [&](const admin::Command& command) {
                                                   if (command.arguments.contains("key-set"))
                                                       copy(server.directory(), before);
                                                   return server.office().run(command);
                                               });
        ASSERT_TRUE(done) << done.error().detail;
        copy(server.directory(), after);
        const auto new_kid = licensing::key_id(server.room().signing_key().public_key());

        bool committed = false;
        for (std::size_t done_steps = 0; done_steps <= steps.size(); ++done_steps) {
            const auto crashed = work.path() / ("crashed-" + std::to_string(done_steps));
            copy(before, crashed);
            for (std::size_t i = 0; i < done_steps; ++i) {
                if (steps[i].second)
                    fs::copy_file(after / steps[i].first, crashed / steps[i].first,
                                  fs::copy_options::overwrite_existing);
                else
                    fs::remove(crashed / steps[i].first);
                committed = committed || steps[i].first == commit;
            }
            SCOPED_TRACE(done_steps == 0 ? "nothing" : "up to " + steps[done_steps - 1].first);
            for (int start = 0; start < 2; ++start) {
                const auto room =
                    KeyRoom::open(crashed, "", as_server(server.clock.wall()) + minutes{start});
                ASSERT_TRUE(room) << room.error().detail;
                EXPECT_EQ(licensing::key_id(room->signing_key().public_key()),
                          committed ? new_kid : old_kid);
                EXPECT_EQ(room->key_set().version, committed ? 2 : 1);
                EXPECT_EQ(room->key_set().seal_key, room->seal_key().public_key());
                EXPECT_EQ(room->keys().previous_seal.has_value(), committed);
                const auto root = room->load_root();
                ASSERT_TRUE(root) << root.error().detail;
                EXPECT_TRUE(*root);
            }
            for (const char* gone : {"signing.next.key", "seal.next.key"})
                EXPECT_EQ(fs::exists(crashed / gone), !committed) << gone;
        }
    }
};

TEST_F(InterruptedRotation, leaves_the_old_set_or_the_new_one_whole) {
    expect_old_or_new({},
                      {{"keyset.jws", true},
                       {"seal.previous.key", true},
                       {"seal.key", true},
                       {"seal.next.key", false},
                       {"signing.key", false},
                       {"signing.key", true},
                       {"signing.next.key", false}},
                      "keyset.jws");
}

TEST_F(InterruptedRotation, leaves_the_old_root_or_the_new_one_whole) {
    expect_old_or_new({{"root", {}}},
                      {{"roots.json", true},
                       {"keyset.jws", true},
                       {"seal.previous.key", true},
                       {"seal.key", true},
                       {"seal.next.key", false},
                       {"signing.key", false},
                       {"signing.key", true},
                       {"signing.next.key", false},
                       {"root.key", false},
                       {"root.key", true},
                       {"root.next.key", false}},
                      "keyset.jws");
}

}  // namespace
}  // namespace latchkey::keyserver
