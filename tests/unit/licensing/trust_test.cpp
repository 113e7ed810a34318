#include "licensing/trust.h"

#include <gtest/gtest.h>

#include "tests/unit/licensing/samples.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

/// Root N of the publisher; root 1 is its first.
SigningKey root_of(int version) {
    return key_of(static_cast<std::uint8_t>(version == 1 ? 1 : 100 + version));
}

std::string link_to(int version, const std::string& publisher = "contoso") {
    return sign_root_succession(root_of(version - 1),
                                {publisher, version, root_of(version).public_key()});
}

std::string why_refused(const TrustBundle& bundle, const PinnedRoot& pinned,
                        std::int64_t seen = 0) {
    const auto trusted = accept_bundle(bundle, pinned, seen);
    if (trusted) return "(accepted)";
    EXPECT_EQ(trusted.error().code, Code::signature_invalid);
    return trusted.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Trust, a_key_set_signed_by_the_pinned_root_is_accepted_whole) {
    const Publisher publisher;
    const auto trusted = accept_bundle(publisher.bundle(7), publisher.pinned(), 0);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    const auto& set = *trusted->key_set;
    EXPECT_EQ(set.publisher, "contoso");
    EXPECT_EQ(set.version, 7);
    EXPECT_EQ(set.issued_at, at(kNow - 100 * kDay));
    EXPECT_EQ(set.expires_at, at(kNow + 200 * kDay));
    ASSERT_EQ(set.signing_keys.size(), 1u);
    EXPECT_EQ(set.signing_keys[0].key, publisher.signing.public_key());
    EXPECT_EQ(set.signing_keys[0].not_before, at(kNow - 100 * kDay));
    EXPECT_EQ(set.signing_keys[0].not_after, at(kNow + 100 * kDay));
    EXPECT_EQ(set.seal_key, publisher.sealing.public_key());
    EXPECT_EQ(set.seal_kid, seal_key_id(set.seal_key));
    EXPECT_EQ(trusted->key_set.jws(), publisher.bundle(7).key_set);
    EXPECT_EQ(trusted->root.version, 1);
    EXPECT_NE(set.find(key_id(publisher.signing.public_key())), nullptr);
    EXPECT_EQ(set.find("other"), nullptr);
}

TEST(Trust, a_bundle_survives_its_journey) {
    const Publisher publisher;
    TrustBundle bundle = publisher.bundle();
    bundle.root_chain = {link_to(2), link_to(3)};
    const auto read = parse_trust_bundle(json::to_text(to_json(bundle)));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->root_chain, bundle.root_chain);
    EXPECT_EQ(read->key_set, bundle.key_set);
    for (const auto* text :
         {"", "[]", "{}", R"({"root_chain":[]})", R"({"root_chain":[1],"key_set":""})",
          R"({"root_chain":{},"key_set":""})", R"({"root_chain":[],"root_chain":[],"key_set":""})"})
        EXPECT_FALSE(parse_trust_bundle(text)) << text;
    bundle.root_chain.assign(65, "a");
    EXPECT_FALSE(parse_trust_bundle(json::to_text(to_json(bundle))));
    bundle.root_chain = {std::string(2049, 'a')};
    EXPECT_FALSE(parse_trust_bundle(json::to_text(to_json(bundle))));
}

TEST(Trust, the_chain_is_followed_from_whichever_root_is_pinned) {
    const Publisher publisher;
    const TrustBundle bundle{{link_to(2), link_to(3), link_to(4)},
                             sign_key_set(root_of(4), publisher.key_set(9))};
    for (int pinned = 1; pinned <= 4; ++pinned) {
        const auto trusted =
            accept_bundle(bundle, {"contoso", pinned, root_of(pinned).public_key()}, 3);
        ASSERT_TRUE(trusted) << pinned << ": " << trusted.error().detail;
        EXPECT_EQ(trusted->root.version, 4);
        EXPECT_EQ(trusted->root.root, root_of(4).public_key());
        EXPECT_EQ(trusted->root.publisher, "contoso");
    }
}

TEST(Trust, a_chain_with_a_gap_a_repetition_or_a_wrong_order_is_refused) {
    const Publisher publisher;
    const auto set = sign_key_set(root_of(3), publisher.key_set());
    const auto pinned = publisher.pinned();
    EXPECT_SAYS(why_refused({{link_to(2)}, set}, pinned), "another key");
    EXPECT_SAYS(why_refused({{link_to(3)}, set}, pinned), "another key");
    EXPECT_SAYS(why_refused({{link_to(2), link_to(2), link_to(3)}, set}, pinned), "another key");
    EXPECT_SAYS(why_refused({{link_to(2), link_to(4)}, set}, pinned), "another key");
    const auto skip = sign_root_succession(root_of(1), {"contoso", 3, root_of(3).public_key()});
    EXPECT_SAYS(why_refused({{skip}, set}, pinned), "version 3 cannot follow 1");
    const auto back = sign_root_succession(root_of(2), {"contoso", 2, root_of(3).public_key()});
    EXPECT_SAYS(why_refused({{link_to(2), back}, set}, pinned), "version 2 cannot follow 2");
    EXPECT_SAYS(why_refused({{link_to(2, "fabrikam")}, set}, pinned), "another publisher's link");
    // A root that has a successor no longer signs key sets.
    EXPECT_SAYS(why_refused({{link_to(2)}, publisher.bundle().key_set}, pinned), "another key");
}

TEST(Trust, an_older_key_set_than_the_one_seen_is_refused) {
    const Publisher publisher;
    EXPECT_EQ(why_refused(publisher.bundle(5), publisher.pinned(), 5), "(accepted)");
    EXPECT_SAYS(why_refused(publisher.bundle(4), publisher.pinned(), 5),
                "is version 4, but version 5 was seen");
}

TEST(Trust, a_key_set_version_may_skip_numbers_but_not_run_away) {
    const Publisher publisher;
    const auto pinned = publisher.pinned();
    EXPECT_EQ(why_refused(publisher.bundle(10 + kMaxVersionJump), pinned, 10), "(accepted)");
    EXPECT_SAYS(why_refused(publisher.bundle(11 + kMaxVersionJump), pinned, 10), "too far ahead");
    EXPECT_EQ(why_refused(publisher.bundle(5 * kMaxVersionJump), pinned, 0), "(accepted)");
    EXPECT_SAYS(why_refused(publisher.bundle(std::numeric_limits<std::int64_t>::max()), pinned),
                "between");
}

TEST(Trust, another_publishers_root_or_key_set_is_refused) {
    const Publisher publisher;
    EXPECT_SAYS(why_refused(publisher.bundle(), {"contoso", 1, root_of(2).public_key()}),
                "another key");
    EXPECT_SAYS(why_refused(publisher.bundle(), {"fabrikam", 1, publisher.root.public_key()}),
                "another publisher's");
}

TEST(Trust, a_signing_key_cannot_sign_a_key_set_or_a_succession) {
    const Publisher publisher;
    EXPECT_SAYS(
        why_refused({{}, sign_key_set(publisher.signing, publisher.key_set())}, publisher.pinned()),
        "another key");
    const auto coup =
        sign_root_succession(publisher.signing, {"contoso", 2, key_of(9).public_key()});
    EXPECT_SAYS(
        why_refused({{coup}, sign_key_set(key_of(9), publisher.key_set())}, publisher.pinned()),
        "another key");
    // A link whose header claims the root's key but carries another's signature.
    auto forged = sign_root_succession(publisher.root, {"contoso", 2, key_of(9).public_key()});
    forged = forged.substr(0, forged.rfind('.')) + coup.substr(coup.rfind('.'));
    EXPECT_SAYS(
        why_refused({{forged}, sign_key_set(key_of(9), publisher.key_set())}, publisher.pinned()),
        "signature");
}

TEST(Trust, one_document_never_passes_for_another) {
    const Publisher publisher;
    const auto pinned = publisher.pinned();
    const auto as_link = sign_jws(publisher.root, typ::kRootSuccession, json::bj::object{});
    EXPECT_SAYS(why_refused({{as_link}, publisher.bundle().key_set}, pinned), "missing");
    EXPECT_SAYS(why_refused({{publisher.bundle().key_set}, publisher.bundle().key_set}, pinned),
                "another type");
    EXPECT_SAYS(why_refused({{}, link_to(2)}, pinned), "another type");
}

template <class Change>
std::string why_set_refused(Change change) {
    const Publisher publisher;
    auto set = publisher.key_set();
    change(set);
    return why_refused({{}, sign_key_set(publisher.root, set)}, publisher.pinned());
}

TEST(Trust, every_field_of_a_key_set_is_checked) {
    const Publisher publisher;
    EXPECT_EQ(why_set_refused([](KeySet&) {}), "(accepted)");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.publisher = "Con toso"; }), "publisher");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.version = 0; }), "version");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.expires_at = s.issued_at; }), "expires_at");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.signing_keys.clear(); }), "is empty");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.signing_keys.push_back(s.signing_keys[0]); }),
                "twice");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.signing_keys.assign(33, s.signing_keys[0]); }),
                "more than 32");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.signing_keys[0].kid = "x"; }), "thumbprint");
    EXPECT_SAYS(why_set_refused(
                    [](KeySet& s) { s.signing_keys[0].not_after = s.signing_keys[0].not_before; }),
                "not_after");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.seal_kid = ""; }), "seal_kid");
    EXPECT_SAYS(why_set_refused([](KeySet& s) { s.seal_key = {}; }), "small order");
    EXPECT_SAYS(why_set_refused([&](KeySet& s) {
                    s.signing_keys[0].key = publisher.root.public_key();
                    s.signing_keys[0].kid = key_id(publisher.root.public_key());
                }),
                "the root is no signing key");
}

TEST(Trust, signing_keys_open_their_own_documents_only) {
    const Publisher publisher;
    const auto set = publisher.key_set();
    for (const auto type : {typ::kLicense, typ::kReceipt, typ::kReply, typ::kChallenge})
        EXPECT_TRUE(open_signed(sign_jws(publisher.signing, type, json::bj::object{}), type, set));
    for (const auto type : {typ::kKeySet, typ::kManifest, typ::kWeights, typ::kRootSuccession,
                            typ::kRequest, typ::kAttestation}) {
        const auto opened =
            open_signed(sign_jws(publisher.signing, type, json::bj::object{}), type, set);
        ASSERT_FALSE(opened) << type;
        EXPECT_EQ(opened.error().code, Code::signature_invalid);
    }
    const auto stranger = sign_jws(key_of(50), typ::kLicense, json::bj::object{});
    EXPECT_SAYS(open_signed(stranger, typ::kLicense, set).error().detail, "key set");
    EXPECT_FALSE(open_signed("", typ::kLicense, set));
    const auto roots = sign_jws(publisher.root, typ::kLicense, json::bj::object{});
    EXPECT_FALSE(open_signed(roots, typ::kLicense, set));
}

TEST(Trust, after_a_rotation_documents_of_the_old_key_stay_good_and_new_ones_are_too) {
    const Publisher publisher;
    const auto next = key_of(51);
    auto set = publisher.key_set(2);
    set.signing_keys.push_back(
        {key_id(next.public_key()), next.public_key(), at(kNow), at(kNow + 200 * kDay)});
    const auto trusted =
        accept_bundle({{}, sign_key_set(publisher.root, set)}, publisher.pinned(), 1);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    const auto old_jws = sign_jws(publisher.signing, typ::kLicense, json::bj::object{});
    const auto new_jws = sign_jws(next, typ::kLicense, json::bj::object{});
    for (const auto& jws : {old_jws, new_jws})
        EXPECT_TRUE(open_signed(jws, typ::kLicense, *trusted->key_set));
    EXPECT_TRUE(check_signing_time(old_jws, *trusted->key_set, at(kNow - kDay)));
    EXPECT_FALSE(check_signing_time(new_jws, *trusted->key_set, at(kNow - kDay)));
}

TEST(Trust, a_key_signs_inside_its_time_only) {
    const Publisher publisher;
    const auto set = publisher.key_set();
    const auto jws = sign_jws(publisher.signing, typ::kLicense, json::bj::object{});
    const auto& key = set.signing_keys[0];
    EXPECT_TRUE(check_signing_time(jws, set, key.not_before));
    EXPECT_TRUE(check_signing_time(jws, set, key.not_after));
    EXPECT_FALSE(check_signing_time(jws, set, key.not_before - Duration{1}));
    EXPECT_FALSE(check_signing_time(jws, set, key.not_after + Duration{1}));
    const auto stranger = sign_jws(key_of(50), typ::kLicense, json::bj::object{});
    EXPECT_FALSE(check_signing_time(stranger, set, at(kNow)));
}

TEST(Trust, a_key_set_that_is_over_is_accepted_for_what_was_signed_in_its_time) {
    const Publisher publisher;
    auto set = publisher.key_set(2);
    set.expires_at = at(kNow);  // its key would be valid longer
    const auto trusted =
        accept_bundle({{}, sign_key_set(publisher.root, set)}, publisher.pinned(), 1);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    const auto jws = sign_jws(publisher.signing, typ::kLicense, json::bj::object{});
    EXPECT_TRUE(check_signing_time(jws, *trusted->key_set, at(kNow)));
    const auto late = check_signing_time(jws, *trusted->key_set, at(kNow) + Duration{1});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::signature_invalid);
    EXPECT_SAYS(late.error().detail, "after the end of the publisher's key set");
}

TEST(Trust, every_damaged_byte_and_every_truncation_of_a_bundle_is_refused) {
    const Publisher publisher;
    const auto set = sign_key_set(root_of(2), publisher.key_set());
    const auto link = link_to(2);
    std::size_t tried = 0;
    EXPECT_EQ(first_damage_accepted(
                  set,
                  [&](const std::string& text) {
                      return accept_bundle({{link}, text}, publisher.pinned(), 0).has_value();
                  },
                  &tried),
              "");
    EXPECT_EQ(first_damage_accepted(
                  link,
                  [&](const std::string& text) {
                      return accept_bundle({{text}, set}, publisher.pinned(), 0).has_value();
                  },
                  &tried),
              "");
    EXPECT_GT(tried, (set.size() + link.size()) * 3);
}

}  // namespace
}  // namespace latchkey::licensing
