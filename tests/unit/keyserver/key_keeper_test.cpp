// Keys change under requests that are being answered: each sees the old ones or the new ones,
// whole. Several servers on one database have a copy of the directory each, and a rotation made at
// one reaches the others by copying its files.

#include "keyserver/keys/key_keeper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "keyserver/admin/ceremony.h"
#include "keyserver/keys/key_files.h"
#include "keyserver/policy.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;

/// The signing key is the one that the set names, and the set the one that is served.
bool fits_together(const KeyRoom& room) {
    const auto& set = room.key_set();
    const auto served = licensing::accept_bundle(room.trust_bundle(), room.root(), 0);
    return served && served->key_set->version == set.version &&
           set.signing_keys.back().kid == licensing::key_id(room.signing_key().public_key()) &&
           set.seal_key == room.seal_key().public_key();
}

class Keeper : public ::testing::Test {
protected:
    ServerTime now() const { return as_server(server.clock.wall()); }
    Result<json::bj::object> hold(std::string noun, std::string name,
                                  admin::RawArguments arguments) {
        return admin::hold_ceremony(
            {std::move(noun), std::move(name), std::move(arguments)}, server.directory(),
            [this](const admin::Command& command) { return server.office().run(command); });
    }
    void rotate(admin::RawArguments arguments = {}) {
        const auto done = hold("signing-key", "rotate", std::move(arguments));
        ASSERT_TRUE(done) << done.error().detail;
    }

    TestServer server;
};

TEST_F(Keeper, leaves_a_request_the_keys_that_it_began_with) {
    const auto before = server.keys().room();
    rotate();
    const auto after = server.keys().room();
    EXPECT_EQ(before->key_set().version, 1);
    EXPECT_EQ(after->key_set().version, 2);
    EXPECT_TRUE(fits_together(*before));
    EXPECT_TRUE(fits_together(*after));
}

/// Something happens just before a decision.
class Interrupted final : public Store {
public:
    Interrupted(Store& store, std::function<void()> before)
        : store_(store), before_(std::move(before)) {}
    Result<std::unique_ptr<Transaction>> begin(Access access) override {
        before_();
        return store_.begin(access);
    }

private:
    Store& store_;
    std::function<void()> before_;
};

/// What a signed document says, believed.
json::bj::value payload_of(std::string_view jws) {
    const auto first = jws.find('.') + 1;
    const auto bytes = from_base64url(jws.substr(first, jws.rfind('.') - first)).value();
    return json::parse_strict({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).value();
}

TEST_F(Keeper, signs_license_and_reply_of_one_request_with_one_key) {
    const auto key = server.sell("competency", 5);
    TestDevice device(server);
    const auto request =
        device.request("POST", "/v1/activations", device.activation_message(key, {}, 1), "idem");
    const auto first = licensing::key_id(server.room().signing_key().public_key());
    Interrupted store(server.store(), [this] { rotate(); });
    const Policy policy;
    Routes routes(store, server.keys(), policy, server.clock);
    const auto response = routes.answer(request);
    ASSERT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(server.room().key_set().version, 2);
    const auto text = [](const json::bj::value& value) { return std::string(value.as_string()); };
    const auto reply = text(json::parse_strict(response.body)->at("reply"));
    const auto license = text(payload_of(reply).at("body").at("license"));
    EXPECT_EQ(licensing::claimed_key_id(license), first);
    EXPECT_EQ(licensing::claimed_key_id(reply), first);
    EXPECT_TRUE(licensing::verify_license(license, server.room().key_set())) << "it is good still";
}

TEST_F(Keeper, gives_old_keys_up_with_the_last_request_that_holds_them) {
    const std::weak_ptr<const KeyRoom> before = server.keys().room();
    auto under_way = before.lock();
    rotate();
    EXPECT_FALSE(before.expired());
    under_way.reset();
    EXPECT_TRUE(before.expired());
}

TEST_F(Keeper, gives_whole_sets_while_several_rotate_at_once) {
    const auto root = read_signing_key(server.directory() / "root.key").value();
    std::atomic<bool> over{false};
    std::atomic<int> torn{0}, rotations{0};
    {
        std::vector<std::jthread> readers, administrators;
        for (int i = 0; i < 3; ++i)
            readers.emplace_back([&] {
                while (!over)
                    if (!fits_together(*server.keys().room())) ++torn;
            });
        for (int i = 0; i < 3; ++i)
            administrators.emplace_back([&] {
                for (int tries = 0; tries < 5; ++tries) {
                    const auto set = server.keys().prepare_rotation(now());
                    if (set && server.keys().rotate(licensing::sign_key_set(root, *set), {}))
                        ++rotations;
                }
            });
        administrators.clear();  // joins them
        over = true;
    }
    EXPECT_EQ(torn, 0);
    EXPECT_GE(rotations, 1) << "whoever prepared last wins";
    EXPECT_EQ(server.room().key_set().version, 1 + rotations);
    const auto again = KeyRoom::open(server.directory(), "", now());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->key_set().version, 1 + rotations);
}

/// A second server: the same keys in a directory of its own.
class Copies : public Keeper {
protected:
    Copies() {
        for (const auto& entry : fs::directory_iterator(server.directory()))
            if (entry.is_regular_file() && entry.path().filename() != "lock")
                fs::copy_file(entry.path(), there.path() / entry.path().filename());
        fs::permissions(there.path(), fs::perms::owner_all);
        other = std::make_unique<KeyKeeper>(KeyRoom::open(there.path(), "", now()).value());
    }
    void copy(const std::vector<std::string>& names) {
        for (const auto& name : names)
            if (fs::exists(server.directory() / name))
                fs::copy_file(server.directory() / name, there.path() / name,
                              fs::copy_options::overwrite_existing);
    }
    void copy_all() {
        copy({"signing.key", "seal.key", "seal.previous.key", "roots.json", "weights.jws",
              "keyset.jws"});
    }
    /// As with the next challenge after a while.
    std::int64_t looked() {
        server.clock += Duration{kKeyWatchInterval};
        other->look(now(), server.clock.now().since_boot);
        return other->room()->key_set().version;
    }

    TemporaryDirectory there;
    std::unique_ptr<KeyKeeper> other;
};

TEST_F(Copies, of_a_rotation_are_taken_up_without_a_restart) {
    const auto before = other->room();
    rotate();
    EXPECT_EQ(looked(), 1) << "nobody has copied anything";
    copy_all();
    EXPECT_EQ(looked(), 2);
    const auto after = other->room();
    EXPECT_TRUE(fits_together(*after));
    EXPECT_EQ(after->signing_key().public_key(), server.room().signing_key().public_key());
    const auto sealed = before->key_set().seal_kid;
    EXPECT_EQ(after->seal_key_named(sealed, now()).public_key(), before->seal_key().public_key())
        << "messages under way are opened still";
    rotate({{"root", {}}});
    copy_all();
    EXPECT_EQ(looked(), 3);
    EXPECT_EQ(other->room()->root().version, 2);
}

TEST_F(Copies, that_are_not_whole_yet_are_left_alone_until_they_are) {
    const auto before = other->room();
    rotate({{"root", {}}});
    copy({"keyset.jws"});
    EXPECT_EQ(looked(), 1) << "by a root that no chain introduces";
    copy({"roots.json"});
    EXPECT_EQ(looked(), 1) << "of keys that are not there";
    EXPECT_FALSE(other->refresh(now()));
    copy({"signing.key"});
    EXPECT_EQ(looked(), 1);
    copy({"seal.key"});
    EXPECT_EQ(looked(), 2);
    EXPECT_TRUE(fits_together(*other->room()));
    const auto& opens = other->room()->seal_key_named(before->key_set().seal_kid, now());
    EXPECT_EQ(opens.public_key(), before->seal_key().public_key())
        << "messages under way are opened, though nobody copied the key before";
}

TEST_F(Copies, of_older_keys_change_nothing) {
    TemporaryDirectory older;
    const std::vector<std::string> names{"signing.key", "seal.key", "keyset.jws"};
    for (const auto& name : names) fs::copy_file(there.path() / name, older.path() / name);
    rotate();
    copy_all();
    ASSERT_EQ(looked(), 2);
    for (const auto& name : names)
        fs::copy_file(older.path() / name, there.path() / name,
                      fs::copy_options::overwrite_existing);
    EXPECT_EQ(looked(), 2);
    EXPECT_EQ(other->refresh(now()).error().code, Code::state_corrupt);
}

TEST_F(Copies, that_lie_ready_only_are_moved_to_their_places) {
    rotate();
    for (const char* name : {"signing", "seal"})
        fs::copy_file(server.directory() / (std::string(name) + ".key"),
                      there.path() / (std::string(name) + ".next.key"));
    copy({"keyset.jws"});
    EXPECT_EQ(looked(), 2);
    EXPECT_FALSE(fs::exists(there.path() / "signing.next.key"))
        << "the next rotation would write over it";
    EXPECT_EQ(read_signing_key(there.path() / "signing.key").value().public_key(),
              other->room()->signing_key().public_key());
}

TEST_F(Copies, are_looked_for_now_and_then_and_read_when_the_administrator_says_so) {
    rotate();
    copy_all();
    const auto at = server.clock.now().since_boot;
    other->look(now(), at);
    EXPECT_EQ(other->room()->key_set().version, 2) << "the first look is not kept waiting";
    rotate();
    copy_all();
    other->look(now(), at + kKeyWatchInterval - Duration{1});
    EXPECT_EQ(other->room()->key_set().version, 2);
    EXPECT_TRUE(other->refresh(now()).value());
    EXPECT_EQ(other->room()->key_set().version, 3);
    EXPECT_FALSE(other->refresh(now()).value()) << "there is nothing newer";
}

TEST_F(Copies, bring_an_evidence_table_too_and_a_root_does_not_lose_it) {
    licensing::WeightsTable table{"acme", now(), hwid::default_weights()};
    ++table.weights.version;
    ASSERT_TRUE(
        hold("weights", "install", {{"table", {json::to_text(licensing::to_json(table))}}}));
    copy_all();
    looked();
    EXPECT_EQ(other->room()->weights().table.version, table.weights.version);
    EXPECT_EQ(other->room()->key_set().version, 1);
    rotate({{"root", {}}});
    copy({"signing.key", "seal.key", "roots.json", "keyset.jws"});
    EXPECT_EQ(looked(), 1) << "the table that the new root signed is missing";
    copy({"weights.jws"});
    EXPECT_EQ(looked(), 2);
    EXPECT_EQ(other->room()->weights().table.version, table.weights.version);
}

TEST_F(Copies, are_found_by_the_server_that_is_asked_for_a_challenge) {
    const auto root = read_signing_key(there.path() / "root.key").value();
    const auto set = other->prepare_rotation(now()).value();
    ASSERT_TRUE(other->rotate(licensing::sign_key_set(root, set), {}));
    for (const char* name : {"signing.key", "seal.key", "seal.previous.key", "keyset.jws"})
        fs::copy_file(there.path() / name, server.directory() / name,
                      fs::copy_options::overwrite_existing);
    TestDevice device(server);
    EXPECT_EQ(licensing::claimed_key_id(device.challenge()), set.signing_keys.back().kid);
}

}  // namespace
}  // namespace latchkey::keyserver
