// The publisher signs with new keys, and under a new root. Machines follow by themselves at their
// next contact, whenever that is; whoever would lead them elsewhere is refused, and costs them
// nothing but time.

#include "keyserver/keys/key_files.h"
#include "licensing/license.h"
#include "licensing/manifest.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

using licensing::SigningKey;

struct Licensed {
    Stage stage;
    std::string key;
    licensing::PinnedRoot first_root;

    Licensed() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "competency", 5);
        stage.install("suite");
        EXPECT_EQ(stage.activate("suite", key).status, 200);
        first_root = vendor().room()->root();
    }
    Vendor& vendor() { return stage.vendor(); }
    std::string last_renewal() {
        return std::string(stage.product("suite").at("license").at("issued_at").as_string());
    }
    std::string last_code() {
        const auto attempt = stage.product("suite").at("last_attempt");
        return std::string(attempt.at("code").as_string());
    }
    /// What a product does that was shipped with the publisher's first root.
    std::string verified_by_the_product() {
        const auto document = stage.get("/v1/products/suite/license");
        EXPECT_EQ(document.status, 200) << document.code();
        licensing::TrustBundle bundle{{}, std::string(document.at("key_set").as_string())};
        for (const auto& link : document.at("root_chain").as_array())
            bundle.root_chain.emplace_back(link.as_string());
        const auto trusted = licensing::accept_bundle(bundle, first_root, 0);
        if (!trusted) return trusted.error().detail;
        const auto license = licensing::verify_license(
            std::string(document.at("license").as_string()), *trusted->key_set);
        return license ? "good" : license.error().detail;
    }
    void expect_licensed_and_renewing() {
        const auto before = last_renewal();
        stage.pass(14 * day);
        EXPECT_GT(last_renewal(), before);
        expect_licensed();
        EXPECT_EQ(verified_by_the_product(), "good");
    }
    void expect_licensed() {
        EXPECT_EQ(stage.state("suite"), "licensed");
        EXPECT_EQ(stage.used("suite"), 1);
    }
    std::string bundle(std::vector<std::string> chain, const SigningKey& root,
                       licensing::KeySet set) {
        return json::to_text(licensing::to_json(
            licensing::TrustBundle{std::move(chain), licensing::sign_key_set(root, set)}));
    }
    SigningKey root() {
        return keyserver::read_signing_key(vendor().folder() / "root.key").value();
    }
    /// The machine is told this at its next renewals: it refuses, and stays licensed.
    void expect_refused(const std::string& served) {
        const auto before = last_renewal();
        vendor().served_trust = served;
        stage.pass(14 * day);
        EXPECT_EQ(last_code(), "signature_invalid");
        EXPECT_EQ(last_renewal(), before);
        expect_licensed();
        EXPECT_EQ(verified_by_the_product(), "good");
        vendor().served_trust.clear();
        stage.pass(7 * day);
        EXPECT_GT(last_renewal(), before) << "and goes on when the right one answers again";
    }
};

TEST(KeyRotation, twice_and_then_of_the_root_costs_no_license_and_no_count) {
    Licensed story;
    story.vendor().rotate_keys();
    EXPECT_EQ(story.verified_by_the_product(), "good") << "nobody has heard of it yet";
    story.expect_licensed_and_renewing();
    story.vendor().rotate_keys();
    story.expect_licensed_and_renewing();
    story.vendor().rotate_keys({{"root", {}}});
    story.expect_licensed_and_renewing();
    story.vendor().rotate_keys();
    story.stage.restart();
    story.expect_licensed_and_renewing();
    EXPECT_EQ(story.stage.activate("suite", story.key).at("counted"), 1)
        << "another activation is decided as ever";
}

TEST(KeyRotation, that_was_missed_several_times_is_caught_up_with_at_the_next_contact) {
    Licensed story;
    story.vendor().reachable = false;
    for (int year = 0; year < 3; ++year) {
        story.vendor().rotate_keys();
        story.vendor().rotate_keys({{"root", {}}});
    }
    story.stage.pass(40 * day);
    story.expect_licensed();
    EXPECT_EQ(story.verified_by_the_product(), "good") << "by the set of its own time";
    story.vendor().reachable = true;
    story.expect_licensed_and_renewing();
    EXPECT_EQ(story.vendor().room()->root().version, 4);
}

TEST(KeyRotation, lets_a_perpetual_license_of_before_be_verified_for_ever) {
    Stage stage;
    stage.vendor().admin("program", "add",
                         {{"id", {"own"}}, {"rule", {"any-change"}}, {"perpetual", {}}});
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "own", 5);
    stage.install("suite");
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    const auto license = stage.get("/v1/products/suite/license").at("license");
    for (int times = 0; times < 20; ++times) {
        stage.vendor().clock += 300 * day;
        stage.vendor().rotate_keys();
    }
    const auto verified = licensing::verify_license(std::string(license.as_string()),
                                                    stage.vendor().room()->key_set());
    EXPECT_TRUE(verified) << verified.error().detail;
}

TEST(KeyRotation, that_is_turned_back_is_refused) {
    Licensed story;
    const auto older = json::to_text(licensing::to_json(story.vendor().room()->trust_bundle()));
    story.vendor().rotate_keys();
    story.expect_licensed_and_renewing();
    story.expect_refused(older);
}

TEST(KeyRotation, of_the_root_that_is_turned_back_is_refused) {
    Licensed story;
    const auto stolen = story.root();
    story.vendor().rotate_keys({{"root", {}}});
    story.expect_licensed_and_renewing();
    auto set = story.vendor().room()->key_set();
    ++set.version;
    story.expect_refused(story.bundle({}, stolen, set));
}

TEST(KeyRotation, that_uses_up_all_versions_at_once_is_refused) {
    Licensed story;
    auto set = story.vendor().room()->key_set();
    set.version += licensing::kMaxVersionJump + 1;
    story.expect_refused(story.bundle({}, story.root(), set));
}

TEST(KeyRotation, by_a_chain_that_is_forged_or_has_a_gap_is_refused) {
    Licensed story;
    const auto thief = SigningKey::generate();
    auto set = story.vendor().room()->key_set();
    ++set.version;
    const auto publisher = story.first_root.publisher;
    story.expect_refused(story.bundle({}, thief, set));
    story.expect_refused(story.bundle(
        {licensing::sign_root_succession(thief, {publisher, 2, thief.public_key()})}, thief, set));
    story.expect_refused(story.bundle(
        {licensing::sign_root_succession(story.root(), {publisher, 3, thief.public_key()})}, thief,
        set));
    const auto room = story.vendor().room();
    story.expect_refused(story.bundle(
        {licensing::sign_root_succession(room->signing_key(), {publisher, 2, thief.public_key()})},
        thief, set));
}

TEST(KeyRotation, of_the_root_is_brought_by_the_next_manifest_where_no_network_is) {
    Licensed story;
    story.vendor().reachable = false;
    story.vendor().rotate_keys({{"root", {}}});
    story.stage.install("suite");
    story.stage.restart();
    story.expect_licensed();
    story.vendor().reachable = true;
    story.expect_licensed_and_renewing();
}

TEST(KeyRotation, is_begun_with_by_a_machine_that_knows_only_the_newest_root) {
    Stage stage;
    stage.vendor().add_product("suite");
    const auto key = stage.vendor().sell("suite", "competency", 5);
    stage.vendor().rotate_keys({{"root", {}}});
    stage.vendor().rotate_keys({{"root", {}}});
    stage.install("suite");
    EXPECT_EQ(stage.activate("suite", key).status, 200);
    stage.vendor().rotate_keys({{"root", {}}});
    stage.pass(14 * day);
    EXPECT_EQ(stage.state("suite"), "licensed");
}

}  // namespace
}  // namespace latchkey::scenario
