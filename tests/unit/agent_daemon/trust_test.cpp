#include "agent/daemon/trust.h"

#include <gtest/gtest.h>

#include "licensing/seal.h"
#include "tests/fakes/memory_store.h"

namespace latchkey::daemon {
namespace {

using licensing::SigningKey;

class TrustTest : public testing::Test {
protected:
    TrustTest() {
        manifest.publisher = "example.org";
        manifest.product = "suite";
        manifest.root = root.public_key();
    }
    licensing::Trusted key_set(std::int64_t version) const {
        licensing::KeySet set;
        set.publisher = "example.org";
        set.version = version;
        set.issued_at = ServerTime{Days{20500}};
        set.expires_at = ServerTime{Days{20600}};
        const auto key = SigningKey::generate().public_key();
        set.signing_keys.push_back({licensing::key_id(key), key, set.issued_at, set.expires_at});
        set.seal_key = licensing::SealKey::generate().public_key();
        set.seal_kid = licensing::key_id(set.seal_key);
        auto trusted = licensing::accept_bundle({{}, licensing::sign_key_set(root, set)},
                                                manifest.pinned_root(), 0);
        EXPECT_TRUE(trusted) << trusted.error().detail;
        return std::move(*trusted);
    }

    SigningKey root = SigningKey::generate();
    licensing::Manifest manifest;
    fakes::MemoryStore store;
};

TEST_F(TrustTest, the_first_manifest_pins_its_publishers_root) {
    Trust trust(store);
    EXPECT_FALSE(trust.pinned_root("example.org"));
    ASSERT_TRUE(trust.of(manifest));
    EXPECT_EQ(Trust(store).pinned_root("example.org")->root, root.public_key());
    manifest.root = SigningKey::generate().public_key();
    EXPECT_EQ(trust.of(manifest)->root.root, root.public_key()) << "and no later one moves it";
}

TEST_F(TrustTest, the_device_key_is_durable_before_its_first_use_and_stays) {
    store.fail_commits = true;
    EXPECT_FALSE(Trust(store).device_key(manifest)) << "what cannot be kept is not used";
    store.fail_commits = false;
    Trust trust(store);
    const auto made = trust.device_key(manifest);
    ASSERT_TRUE(made);
    EXPECT_EQ((*made)->seed(), (*store.publisher("example.org"))->device_seed);
    Trust later(store);
    EXPECT_EQ((*later.device_key(manifest))->public_key(), (*made)->public_key());
}

TEST_F(TrustTest, publishers_get_keys_of_their_own) {
    Trust trust(store);
    const auto first = trust.device_key(manifest);
    manifest.publisher = "other.org";
    const auto second = trust.device_key(manifest);
    EXPECT_NE((*first)->public_key(), (*second)->public_key()) << "nobody joins their records";
}

TEST_F(TrustTest, a_newer_key_set_is_kept) {
    Trust trust(store);
    ASSERT_TRUE(trust.of(manifest));
    ASSERT_TRUE(trust.accept(key_set(4)));
    EXPECT_EQ(Trust(store).of(manifest)->key_set_version, 4);
}

TEST_F(TrustTest, the_root_chain_is_kept_for_products_and_never_cut) {
    Trust trust(store);
    ASSERT_TRUE(trust.of(manifest));
    auto moved = key_set(4);
    moved.root_chain = {"to-root-2", "to-root-3"};
    ASSERT_TRUE(trust.accept(moved));
    ASSERT_TRUE(trust.accept(key_set(5)));
    EXPECT_EQ(Trust(store).of(manifest)->root_chain, moved.root_chain);
    moved.root_chain.push_back("to-root-4");
    const auto unchanged_set = key_set(6);
    ASSERT_TRUE(trust.accept(unchanged_set));
    auto longer = unchanged_set;
    longer.root_chain = moved.root_chain;
    ASSERT_TRUE(trust.accept(longer));
    EXPECT_EQ(Trust(store).of(manifest)->root_chain.size(), 3u) << "under the same key set, too";
}

TEST_F(TrustTest, an_older_key_set_that_arrives_later_changes_nothing) {
    Trust trust(store);
    ASSERT_TRUE(trust.of(manifest));
    const auto older = key_set(3);
    const auto newer = key_set(4);
    ASSERT_TRUE(trust.accept(newer));
    ASSERT_TRUE(trust.accept(older));
    const auto kept = Trust(store).of(manifest);
    EXPECT_EQ(kept->key_set_version, 4);
    EXPECT_EQ(kept->key_set_jws, newer.key_set.jws());
}

TEST_F(TrustTest, a_newer_evidence_table_by_the_root_is_kept_and_another_changes_nothing) {
    const auto table = [&](int version, const SigningKey& by) {
        licensing::WeightsTable made{"example.org", ServerTime{Days{20500}},
                                     hwid::default_weights()};
        made.weights.version = version;
        return licensing::sign_weights(by, made);
    };
    const int built_in = hwid::default_weights().version;
    Trust trust(store);
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 1, root))) << "nobody asked";
    ASSERT_TRUE(trust.of(manifest));
    EXPECT_EQ(trust.weights("example.org").version, built_in);
    ASSERT_TRUE(trust.take_weights("example.org", table(built_in + 2, root)));
    EXPECT_EQ(trust.weights("example.org").version, built_in + 2);
    EXPECT_EQ(Trust(store).weights("example.org").version, built_in + 2) << "it is durable";
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 1, root))) << "it goes back";
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 2, root)));
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 9, SigningKey::generate())));
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 3'000'000, root)))
        << "it runs away";
    EXPECT_FALSE(trust.take_weights("example.org", "rubbish"));
    EXPECT_EQ(trust.weights("example.org").version, built_in + 2);
    EXPECT_EQ(trust.weights("example.net").version, built_in) << "another publisher's is its own";
    store.fail_commits = true;
    EXPECT_FALSE(trust.take_weights("example.org", table(built_in + 4, root)));
    EXPECT_EQ(trust.weights("example.org").version, built_in + 2)
        << "what is not durable is not in force";
}

TEST_F(TrustTest, a_key_set_of_a_publisher_nobody_asked_is_refused) {
    Trust trust(store);
    EXPECT_FALSE(trust.accept(key_set(1)));
}

}  // namespace
}  // namespace latchkey::daemon
