#include "licensing/manifest.h"

#include <gtest/gtest.h>

#include "licensing/product_key.h"
#include "tests/unit/licensing/samples.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

Manifest sample() {
    Manifest m;
    m.publisher = "contoso";
    m.publisher_name = "Contoso Ltd";
    m.version = 3;
    m.product = "studio-2027";
    m.product_name = "Contoso Studio";
    m.product_version = "2027.1";
    m.released = at(kNow - kDay);
    m.excluded_platforms = {"mac"};
    m.qualifying_os = {"pro", "enterprise"};
    m.key_group = 77;
    m.token_group = 78;
    m.url = "https://keys.contoso.example:8443";
    m.salt_id = "salt_1";
    m.salt = Bytes(32, 9);
    m.root = key_of(1).public_key();
    m.issued_at = at(kNow);
    return m;
}

Manifest random_manifest(Dice& dice) {
    Manifest m;
    m.publisher = dice.id();
    m.publisher_name = dice.words(128);
    m.version = dice.number(1, 1'000'000);
    m.product = dice.id();
    m.product_name = dice.words(128);
    m.product_version = dice.words(64);
    m.released = dice.maybe<ServerTime>([&] { return dice.time(); });
    m.needs_activation = dice.coin();
    for (const auto* platform : {"linux", "windows", "mac"})
        if (dice.coin()) m.excluded_platforms.emplace_back(platform);
    for (auto n = dice.number(0, 5); n > 0; --n) m.qualifying_os.push_back(dice.words(128));
    m.key_group = static_cast<std::uint32_t>(dice.number(0, kMaxGroup));
    m.token_group = static_cast<std::uint32_t>(dice.number(0, kMaxGroup));
    m.url = dice.one_of<std::string>({"", "https://a", "https://10.0.0.1:1", "https://[::1]:65535",
                                      "https://[fe80::1]", "https://keys.example.org:443"});
    m.salt_id = dice.token();
    m.salt.resize(32);
    for (auto& byte : m.salt) byte = static_cast<std::uint8_t>(dice.number(0, 255));
    m.root_version = dice.number(1, 1000);
    m.root = key_of(1).public_key();
    m.policy = {static_cast<int>(dice.number(0, 180)),
                static_cast<int>(dice.number(0, 180)),
                static_cast<int>(dice.number(1, 60)),
                static_cast<int>(dice.number(0, 26)),
                static_cast<int>(dice.number(0, 366)),
                static_cast<int>(dice.number(0, 100)),
                dice.coin()};
    m.issued_at = dice.time();
    for (auto n = dice.number(0, 3); n > 0; --n) m.root_chain.push_back(dice.words(200));
    return m;
}

void expect_equal(const Manifest& a, const Manifest& b) {
    EXPECT_EQ(a.publisher, b.publisher);
    EXPECT_EQ(a.publisher_name, b.publisher_name);
    EXPECT_EQ(a.version, b.version);
    EXPECT_EQ(a.product, b.product);
    EXPECT_EQ(a.product_name, b.product_name);
    EXPECT_EQ(a.product_version, b.product_version);
    EXPECT_EQ(a.released, b.released);
    EXPECT_EQ(a.needs_activation, b.needs_activation);
    EXPECT_EQ(a.excluded_platforms, b.excluded_platforms);
    EXPECT_EQ(a.qualifying_os, b.qualifying_os);
    EXPECT_EQ(a.key_group, b.key_group);
    EXPECT_EQ(a.token_group, b.token_group);
    EXPECT_EQ(a.url, b.url);
    EXPECT_EQ(a.salt_id, b.salt_id);
    EXPECT_EQ(a.root_chain, b.root_chain);
    EXPECT_EQ(a.salt, b.salt);
    EXPECT_EQ(a.root_version, b.root_version);
    EXPECT_EQ(a.root, b.root);
    EXPECT_EQ(a.policy.initial_grace_days, b.policy.initial_grace_days);
    EXPECT_EQ(a.policy.out_of_tolerance_days, b.policy.out_of_tolerance_days);
    EXPECT_EQ(a.policy.non_genuine_days, b.policy.non_genuine_days);
    EXPECT_EQ(a.policy.rearms, b.policy.rearms);
    EXPECT_EQ(a.policy.lab_reimages_per_year, b.policy.lab_reimages_per_year);
    EXPECT_EQ(a.policy.zero_count_per_90_days, b.policy.zero_count_per_90_days);
    EXPECT_EQ(a.policy.rearm_ledger, b.policy.rearm_ledger);
    EXPECT_EQ(a.issued_at, b.issued_at);
}

template <class Change>
std::string why_refused(Change change) {
    auto manifest = sample();
    change(manifest);
    const auto verified = verify_manifest(sign_manifest(key_of(1), manifest), nullptr);
    if (verified) return "(accepted)";
    EXPECT_EQ(verified.error().code, Code::manifest_invalid);
    return verified.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Manifest, any_valid_manifest_survives_signing_and_verifying) {
    Dice dice(1);
    for (int i = 0; i < 500; ++i) {
        const auto manifest = random_manifest(dice);
        const auto jws = sign_manifest(key_of(1), manifest);
        const auto verified = verify_manifest(jws, nullptr);
        ASSERT_TRUE(verified) << verified.error().detail;
        expect_equal(**verified, manifest);
        EXPECT_EQ(verified->jws(), jws);
        const auto pinned = manifest.pinned_root();
        EXPECT_TRUE(verify_manifest(jws, &pinned));
    }
}

TEST(Manifest, with_a_pinned_root_only_that_root_publisher_and_version_will_do) {
    const auto jws = sign_manifest(key_of(1), sample());
    PinnedRoot pinned = sample().pinned_root();
    EXPECT_TRUE(verify_manifest(jws, &pinned));
    pinned.root = key_of(4).public_key();
    EXPECT_SAYS(verify_manifest(jws, &pinned).error().detail, "another key");
    pinned = sample().pinned_root();
    pinned.publisher = "fabrikam";
    EXPECT_SAYS(verify_manifest(jws, &pinned).error().detail, "another publisher's");
    pinned = sample().pinned_root();
    pinned.version = 2;
    EXPECT_SAYS(verify_manifest(jws, &pinned).error().detail, "another version");
}

TEST(Manifest, a_manifest_that_names_another_root_than_its_signer_is_refused) {
    auto manifest = sample();
    manifest.root = key_of(4).public_key();
    const auto jws = sign_manifest(key_of(1), manifest);
    EXPECT_SAYS(verify_manifest(jws, nullptr).error().detail, "another key");
    const auto pinned = sample().pinned_root();
    EXPECT_SAYS(verify_manifest(jws, &pinned).error().detail, "names another root");
}

TEST(Manifest, a_signing_key_cannot_sign_a_manifest) {
    const Publisher publisher;
    auto manifest = sample();
    const auto pinned = manifest.pinned_root();
    manifest.root = publisher.signing.public_key();
    EXPECT_FALSE(verify_manifest(sign_manifest(publisher.signing, manifest), &pinned));
    EXPECT_FALSE(verify_manifest(sign_manifest(publisher.signing, sample()), &pinned));
    EXPECT_FALSE(verify_manifest(sign_manifest(publisher.signing, sample()), nullptr));
}

TEST(Manifest, another_document_of_the_root_is_no_manifest) {
    const Publisher publisher;
    EXPECT_FALSE(verify_manifest(publisher.bundle().key_set, nullptr));
    for (const auto* text : {"", ".", "..", "a.b.c", "a.e30.c", "a.bnVsbA.c", "a.W10.c"})
        EXPECT_EQ(verify_manifest(text, nullptr).error().code, Code::manifest_invalid) << text;
}

TEST(Manifest, ids_are_such_that_no_path_or_option_hides_in_them) {
    for (const auto* id : {"", ".", "..", "../x", "-x", "A", "a/b", "a b", "a\\b", "é", "_a"}) {
        EXPECT_SAYS(why_refused([&](Manifest& m) { m.product = id; }), "product");
        EXPECT_SAYS(why_refused([&](Manifest& m) { m.publisher = id; }), "publisher");
    }
    EXPECT_SAYS(why_refused([](Manifest& m) { m.product = std::string(65, 'a'); }), "product");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.publisher = "a_b"; }), "publisher");
    EXPECT_EQ(why_refused([](Manifest& m) { m.product = "a_b-c.d9"; }), "(accepted)");
    EXPECT_EQ(why_refused([](Manifest& m) { m.product = std::string(64, 'a'); }), "(accepted)");
}

TEST(Manifest, the_key_server_is_an_https_host_and_nothing_more) {
    for (const auto* url : {"", "https://keys.example", "https://keys.example:8443",
                            "https://127.0.0.1:1", "https://[::1]", "https://[2001:db8::1]:65535"})
        EXPECT_EQ(why_refused([&](Manifest& m) { m.url = url; }), "(accepted)") << url;
    for (const auto* url : {"http://keys.example",
                            "HTTPS://keys.example",
                            "https://",
                            "https://user@keys.example",
                            "https://user:pw@keys.example",
                            "https://keys.example/",
                            "https://keys.example/path",
                            "https://keys.example?x=1",
                            "https://keys.example#f",
                            "https://keys.example:",
                            "https://keys.example:0",
                            "https://keys.example:65536",
                            "https://keys.example:99999",
                            "https://keys.example:123456",
                            "https://keys.example:8x",
                            "https://keys.example:08",
                            "https://keys example",
                            "https://[::1",
                            "https://[]",
                            "https://[g::1]",
                            "https://::1",
                            "https://-x",
                            "https://.x",
                            "file:///etc/passwd",
                            "keys.example",
                            "https://[::1]x",
                            "https://keys.example:1:2",
                            "https://\xc3\xa9.example",
                            "https://a%2fb"})
        EXPECT_SAYS(why_refused([&](Manifest& m) { m.url = url; }), "url") << url;
    EXPECT_SAYS(why_refused([](Manifest& m) { m.url = "https://" + std::string(254, 'a'); }),
                "url");
}

TEST(Manifest, every_number_has_its_bounds) {
    struct Bound {
        int ManifestPolicy::*field;
        int min, max;
    };
    for (const auto& bound :
         {Bound{&ManifestPolicy::initial_grace_days, 0, 180},
          Bound{&ManifestPolicy::out_of_tolerance_days, 0, 180},
          Bound{&ManifestPolicy::non_genuine_days, 1, 60}, Bound{&ManifestPolicy::rearms, 0, 26},
          Bound{&ManifestPolicy::lab_reimages_per_year, 0, 366},
          Bound{&ManifestPolicy::zero_count_per_90_days, 0, 100}}) {
        const auto field = bound.field;
        for (const int value : {bound.min, bound.max})
            EXPECT_EQ(why_refused([&](Manifest& m) { m.policy.*field = value; }), "(accepted)");
        for (const int value : {bound.min - 1, bound.max + 1})
            EXPECT_SAYS(why_refused([&](Manifest& m) { m.policy.*field = value; }), "between");
    }
    EXPECT_SAYS(why_refused([](Manifest& m) { m.version = 0; }), "version");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.root_version = 0; }), "root_version");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.key_group = kMaxGroup + 1; }), "key_group");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.token_group = kMaxGroup + 1; }), "token_group");
}

TEST(Manifest, texts_lists_and_salt_have_their_limits) {
    EXPECT_SAYS(why_refused([](Manifest& m) { m.salt.pop_back(); }), "salt");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.salt_id = ""; }), "salt_id");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.salt_id = "a b"; }), "salt_id");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.product_name = std::string(129, 'x'); }), "longer");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.publisher_name = "a\nb"; }), "control");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.excluded_platforms = {"beos"}; }), "platform");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.excluded_platforms.assign(4, "mac"); }),
                "more than 3");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.qualifying_os.assign(65, "pro"); }),
                "more than 64");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.qualifying_os = {"a\x01"}; }), "qualifying_os");
    EXPECT_SAYS(why_refused([](Manifest& m) { m.qualifying_os = {std::string(129, 'a')}; }),
                "qualifying_os");
}

TEST(Manifest, a_policy_that_leaves_something_out_gets_the_default) {
    const auto jws = sign_manifest(key_of(1), sample());
    const auto opened = open_jws(jws, typ::kManifest, key_of(1).public_key());
    ASSERT_TRUE(opened);
    auto payload = opened->as_object();
    payload["policy"] = json::bj::object{};
    payload["something_newer"] = 1;
    const auto verified = verify_manifest(sign_jws(key_of(1), typ::kManifest, payload), nullptr);
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ((*verified)->policy.rearms, ManifestPolicy{}.rearms);
    EXPECT_EQ((*verified)->policy.rearm_ledger, true);
    for (const auto& member : opened->as_object()) {
        auto without = opened->as_object();
        without.erase(member.key());
        const bool optional = member.key() == "released";
        EXPECT_EQ(
            verify_manifest(sign_jws(key_of(1), typ::kManifest, without), nullptr).has_value(),
            optional)
            << member.key();
    }
}

TEST(Manifest, every_damaged_byte_and_every_truncation_is_refused) {
    const auto jws = sign_manifest(key_of(1), sample());
    const auto pinned = sample().pinned_root();
    std::size_t tried = 0;
    EXPECT_EQ(first_damage_accepted(
                  jws,
                  [&](const std::string& text) {
                      return verify_manifest(text, nullptr) || verify_manifest(text, &pinned);
                  },
                  &tried),
              "");
    EXPECT_GT(tried, jws.size() * 3);
}

}  // namespace
}  // namespace latchkey::licensing
