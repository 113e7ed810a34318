#include "agent/daemon/manifests.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "licensing/crypto.h"

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;
using licensing::SigningKey;

class ManifestsTest : public testing::Test {
protected:
    ManifestsTest() { fs::create_directories(folder); }
    ~ManifestsTest() override { fs::remove_all(folder); }

    licensing::Manifest manifest(const std::string& product, std::int64_t version = 1) const {
        licensing::Manifest one;
        one.publisher = "example.org";
        one.publisher_name = "Example";
        one.version = version;
        one.product = product;
        one.product_name = "Example " + product;
        one.key_group = 1;
        one.token_group = 2;
        one.url = "https://keys.example.org";
        one.salt_id = "salt-1";
        one.salt = Bytes(32, 7);
        one.root = root.public_key();
        one.issued_at = ServerTime{Days{20500}};
        return one;
    }
    void write(const std::string& file, const std::string& text) const {
        std::ofstream(folder / file) << text;
    }
    void write(const std::string& file, const licensing::Manifest& manifest) const {
        write(file, licensing::sign_manifest(root, manifest) + "\n");
    }
    LoadedManifests load(const Manifests& before = {}) const {
        return load_manifests(
            folder, [this](const std::string&) { return pinned; }, before);
    }

    fs::path folder = fs::path(testing::TempDir()) / licensing::random_id("latchkey_manifests_");
    SigningKey root = SigningKey::generate();
    std::optional<licensing::PinnedRoot> pinned;
};

TEST_F(ManifestsTest, a_missing_directory_holds_no_products) {
    fs::remove_all(folder);
    const auto loaded = load();
    EXPECT_TRUE(loaded.products.empty());
    EXPECT_TRUE(loaded.troubles.empty());
}

TEST_F(ManifestsTest, a_bad_one_is_told_and_the_others_go_on) {
    write("a.jws", manifest("suite"));
    write("b.jws", "rubbish");
    write("c.txt", "not looked at");
    const auto loaded = load();
    EXPECT_EQ(loaded.products.size(), 1u);
    ASSERT_EQ(loaded.troubles.size(), 1u);
    EXPECT_EQ(loaded.troubles[0].id, "manifest_invalid");
    EXPECT_NE(loaded.troubles[0].text.find("b.jws"), std::string::npos);
}

TEST_F(ManifestsTest, one_byte_more_or_less_makes_it_bad) {
    auto text = licensing::sign_manifest(root, manifest("suite"));
    text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
    write("a.jws", text);
    EXPECT_TRUE(load().products.empty());
}

TEST_F(ManifestsTest, another_root_than_the_pinned_one_is_refused) {
    write("a.jws", manifest("suite"));
    pinned = licensing::PinnedRoot{"example.org", 1, SigningKey::generate().public_key()};
    const auto loaded = load();
    EXPECT_TRUE(loaded.products.empty());
    ASSERT_EQ(loaded.troubles.size(), 1u);
    EXPECT_NE(loaded.troubles[0].text.find("pinned"), std::string::npos);
}

TEST_F(ManifestsTest, a_root_that_nobody_introduced_is_refused_and_an_earlier_one_is_not) {
    write("a.jws", manifest("suite"));
    pinned = licensing::PinnedRoot{"example.org", 2, SigningKey::generate().public_key()};
    EXPECT_EQ(load().products.size(), 1u) << "signed before the publisher moved to a new root";
    auto later = manifest("suite");
    later.root_version = 3;
    write("a.jws", later);
    EXPECT_TRUE(load().products.empty());
}

TEST_F(ManifestsTest, a_root_that_the_manifest_itself_introduces_is_followed) {
    const auto second = SigningKey::generate();
    const auto third = SigningKey::generate();
    const auto link = [](const SigningKey& by, std::int64_t version, const SigningKey& to) {
        return licensing::sign_root_succession(by, {"example.org", version, to.public_key()});
    };
    auto later = manifest("suite");
    later.root_version = 3;
    later.root = third.public_key();
    pinned = licensing::PinnedRoot{"example.org", 1, root.public_key()};
    const auto taken = [&](std::vector<std::string> chain) {
        later.root_chain = std::move(chain);
        write("a.jws", licensing::sign_manifest(third, later) + "\n");
        return load().products.size() == 1;
    };
    EXPECT_TRUE(taken({link(root, 2, second), link(second, 3, third)}));
    EXPECT_FALSE(taken({link(root, 2, second)})) << "it leads to another root";
    EXPECT_FALSE(taken({link(second, 3, third)})) << "a link is missing";
    EXPECT_FALSE(taken({link(root, 3, third)})) << "it leaves a root out";
    EXPECT_FALSE(taken({link(third, 2, second), link(second, 3, third)})) << "forged";
}

TEST_F(ManifestsTest, the_newer_version_of_two_wins_and_never_goes_back) {
    write("a.jws", manifest("suite", 3));
    write("b.jws", manifest("suite", 2));
    const auto loaded = load();
    EXPECT_EQ(loaded.products.at("suite").version, 3);
    fs::remove(folder / "a.jws");
    EXPECT_EQ(load(loaded.products).products.at("suite").version, 3);
}

TEST_F(ManifestsTest, a_product_belongs_to_one_publisher) {
    write("a.jws", manifest("suite"));
    auto other = manifest("suite", 9);
    other.publisher = "other.org";
    write("b.jws", other);
    const auto loaded = load();
    EXPECT_EQ(loaded.products.at("suite").publisher, "example.org");
    EXPECT_EQ(loaded.troubles.size(), 1u);
}

TEST_F(ManifestsTest, a_damaged_file_or_a_lost_directory_takes_no_product_away) {
    write("a.jws", manifest("suite"));
    write("b.jws", manifest("editor"));
    const auto loaded = load();
    write("a.jws", "damaged");
    const auto damaged = load(loaded.products);
    EXPECT_EQ(damaged.products.size(), 2u);
    EXPECT_EQ(damaged.troubles.size(), 1u);
    fs::remove(folder / "a.jws");
    EXPECT_EQ(load(damaged.products).products.count("suite"), 0u) << "removed on purpose";
    fs::remove_all(folder);
    const auto lost = load(loaded.products);
    EXPECT_EQ(lost.products.size(), 2u);
    EXPECT_EQ(lost.troubles.size(), 1u);
    EXPECT_TRUE(load().troubles.empty()) << "one that was never there";
}

TEST_F(ManifestsTest, a_file_that_others_may_change_is_refused) {
    write("a.jws", manifest("suite"));
    fs::permissions(folder / "a.jws", fs::perms::all);
    EXPECT_TRUE(load().products.empty());
    EXPECT_EQ(load().troubles.size(), 1u);
}

}  // namespace
}  // namespace latchkey::daemon
