#include "licensing/license.h"

#include <gtest/gtest.h>

#include "tests/unit/licensing/samples.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

License sample() {
    Dice dice(7);
    auto license = random_license(dice);
    license.kind = LicenseKind::lease;
    license.issued_at = at(kNow);
    license.expires_at = at(kNow + 180 * kDay);
    license.renew_after = at(kNow + 7 * kDay);
    license.renew_before = at(kNow + 9 * kDay);
    license.delegation = Delegation{{"studio"}, 5, 30, to_text(dice.key())};
    return license;
}

template <class Change>
std::string why_refused(Change change) {
    const Publisher publisher;
    auto license = sample();
    change(license);
    const auto verified =
        verify_license(sign_license(publisher.signing, license), publisher.key_set());
    if (verified) return "(accepted)";
    EXPECT_EQ(verified.error().code, Code::signature_invalid);
    return verified.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(License, any_valid_license_survives_signing_and_verifying) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    Dice dice(2);
    for (int i = 0; i < 500; ++i) {
        const auto license = random_license(dice);
        const auto jws = sign_license(publisher.signing, license);
        const auto verified = verify_license(jws, keys);
        ASSERT_TRUE(verified) << verified.error().detail;
        EXPECT_EQ(json::to_text(to_json(**verified)), json::to_text(to_json(license)));
        EXPECT_EQ(verified->jws(), jws);
    }
}

TEST(License, each_field_arrives_where_it_belongs) {
    const Publisher publisher;
    const auto sent = sample();
    const auto verified =
        verify_license(sign_license(publisher.signing, sent), publisher.key_set());
    ASSERT_TRUE(verified) << verified.error().detail;
    const License& got = **verified;
    EXPECT_EQ(got.id, sent.id);
    EXPECT_EQ(got.publisher, sent.publisher);
    EXPECT_EQ(got.product, sent.product);
    EXPECT_EQ(got.machine, sent.machine);
    EXPECT_EQ(got.device_key, sent.device_key);
    EXPECT_EQ(got.kind, sent.kind);
    EXPECT_EQ(got.issued_at, sent.issued_at);
    EXPECT_EQ(got.expires_at, sent.expires_at);
    EXPECT_EQ(got.renew_after, sent.renew_after);
    EXPECT_EQ(got.renew_before, sent.renew_before);
    EXPECT_EQ(got.lease_sequence, sent.lease_sequence);
    EXPECT_EQ(got.program, sent.program);
    EXPECT_EQ(got.rule, sent.rule);
    EXPECT_EQ(got.key_last5, sent.key_last5);
    EXPECT_EQ(got.organization, sent.organization);
    EXPECT_EQ(got.license_quantity, sent.license_quantity);
    EXPECT_EQ(got.activate_by, sent.activate_by);
    EXPECT_EQ(got.activations.used, sent.activations.used);
    EXPECT_EQ(got.activations.limit, sent.activations.limit);
    EXPECT_EQ(got.activations.as_of, sent.activations.as_of);
    EXPECT_EQ(got.salt_id, sent.salt_id);
    ASSERT_TRUE(got.delegation);
    EXPECT_EQ(got.delegation->products, sent.delegation->products);
    EXPECT_EQ(got.delegation->quota, 5);
    EXPECT_EQ(got.delegation->longest_lease_days, 30);
    EXPECT_EQ(got.delegation->tls_pin, sent.delegation->tls_pin);
}

TEST(License, C8_quantity_and_activations_are_two_numbers_and_only_the_second_limits) {
    const Publisher publisher;
    auto license = sample();
    license.license_quantity = 10;
    license.activations = {3, 5, at(kNow)};
    const auto verified =
        verify_license(sign_license(publisher.signing, license), publisher.key_set());
    ASSERT_TRUE(verified);
    EXPECT_EQ((*verified)->license_quantity, 10);
    EXPECT_EQ((*verified)->activations.left(), 2);
    EXPECT_EQ((Activations{7, 5, {}}).left(), 0);
}

TEST(License, a_license_of_another_publisher_key_or_type_is_refused) {
    const Publisher publisher;
    EXPECT_SAYS(why_refused([](License& l) { l.publisher = "fabrikam"; }), "another publisher's");
    const auto keys = publisher.key_set();
    EXPECT_FALSE(verify_license(sign_license(publisher.root, sample()), keys));
    EXPECT_FALSE(verify_license(sign_license(key_of(60), sample()), keys));
    for (const auto type : {typ::kReceipt, typ::kReply, typ::kManifest, typ::kKeySet})
        EXPECT_FALSE(verify_license(sign_jws(publisher.signing, type, to_json(sample())), keys));
}

TEST(License, a_license_signed_outside_its_keys_time_is_refused) {
    EXPECT_SAYS(why_refused([](License& l) { l.issued_at = at(kNow + 101 * kDay); }),
                "not valid when it was signed");
    EXPECT_SAYS(why_refused([](License& l) { l.issued_at = at(kNow - 101 * kDay); }),
                "not valid when it was signed");
}

TEST(License, a_lease_ends_in_bounded_time_and_a_perpetual_license_does_not) {
    EXPECT_SAYS(why_refused([](License& l) { l.expires_at.reset(); }), "missing from a lease");
    EXPECT_SAYS(why_refused([](License& l) { l.expires_at = l.issued_at; }), "before issued_at");
    EXPECT_SAYS(
        why_refused([](License& l) { l.expires_at = l.issued_at + kLongestLease + Duration{1}; }),
        "too far away");
    EXPECT_EQ(why_refused([](License& l) { l.expires_at = l.issued_at + kLongestLease; }),
              "(accepted)");
    EXPECT_SAYS(why_refused([](License& l) { l.kind = LicenseKind::perpetual; }), "perpetual");
    EXPECT_EQ(why_refused([](License& l) {
                  l.kind = LicenseKind::perpetual;
                  l.expires_at.reset();
              }),
              "(accepted)");
    EXPECT_SAYS(why_refused([](License& l) { l.renew_before = *l.renew_after - Duration{1}; }),
                "renew_before");
}

TEST(License, every_field_is_checked) {
    EXPECT_SAYS(why_refused([](License& l) { l.id = "lic_"; }), "lic_");
    EXPECT_SAYS(why_refused([](License& l) { l.id = "rcp_1"; }), "lic_");
    EXPECT_SAYS(why_refused([](License& l) { l.id = "lic_../x"; }), "lic_");
    EXPECT_SAYS(why_refused([](License& l) { l.id = "lic_" + std::string(61, 'a'); }), "longer");
    EXPECT_SAYS(why_refused([](License& l) { l.machine = "m1"; }), "mch_");
    EXPECT_SAYS(why_refused([](License& l) { l.product = "../x"; }), "product");
    EXPECT_SAYS(why_refused([](License& l) { l.program = "A B"; }), "program");
    EXPECT_SAYS(why_refused([](License& l) { l.lease_sequence = 0; }), "lease_sequence");
    EXPECT_SAYS(why_refused([](License& l) { l.key_last5 = "ABCD"; }), "key_last5");
    EXPECT_SAYS(why_refused([](License& l) { l.key_last5 = "ABCDEF"; }), "key_last5");
    EXPECT_SAYS(why_refused([](License& l) { l.key_last5 = "abcde"; }), "key_last5");
    EXPECT_SAYS(why_refused([](License& l) { l.organization = std::string(129, 'o'); }), "longer");
    EXPECT_SAYS(why_refused([](License& l) { l.organization = "\x1b[31m"; }), "control");
    EXPECT_SAYS(why_refused([](License& l) { l.license_quantity = -1; }), "license_quantity");
    EXPECT_SAYS(why_refused([](License& l) { l.activations.used = -1; }), "used");
    EXPECT_SAYS(why_refused([](License& l) { l.activations.limit = 1'000'000'001; }), "limit");
    EXPECT_SAYS(why_refused([](License& l) { l.salt_id = ""; }), "salt_id");
    EXPECT_SAYS(why_refused([](License& l) { l.delegation->products = {"../x"}; }), "product id");
    EXPECT_SAYS(why_refused([](License& l) { l.delegation->products.assign(65, "a"); }),
                "more than");
    EXPECT_SAYS(why_refused([](License& l) { l.delegation->quota = -1; }), "quota");
    EXPECT_SAYS(why_refused([](License& l) { l.delegation->longest_lease_days = 3661; }),
                "longest");
    EXPECT_SAYS(why_refused([](License& l) { l.delegation->tls_pin = "pin"; }), "tls_pin");
}

TEST(License, a_missing_or_unknown_member_is_refused_where_it_matters) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    const auto payload = to_json(sample()).as_object();
    const auto accepted = [&](const json::bj::object& changed) {
        return verify_license(sign_jws(publisher.signing, typ::kLicense, changed), keys)
            .has_value();
    };
    for (const auto& member : payload) {
        auto without = payload;
        without.erase(member.key());
        const auto name = member.key();
        const bool optional = name == "renew_after" || name == "renew_before" ||
                              name == "activate_by" || name == "delegation";
        EXPECT_EQ(accepted(without), optional) << name;
        auto wrong = payload;
        wrong[name] = json::bj::array{1};
        EXPECT_FALSE(accepted(wrong)) << name;
    }
    auto newer = payload;
    newer["something_newer"] = 1;
    EXPECT_TRUE(accepted(newer));
    newer["kind"] = "eternal";
    EXPECT_FALSE(accepted(newer));
    newer["kind"] = "lease";
    newer["rule"] = "never";
    EXPECT_FALSE(accepted(newer));
}

TEST(License, every_damaged_byte_and_every_truncation_is_refused) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    const auto jws = sign_license(publisher.signing, sample());
    std::size_t tried = 0;
    EXPECT_EQ(
        first_damage_accepted(
            jws, [&](const std::string& text) { return verify_license(text, keys).has_value(); },
            &tried),
        "");
    EXPECT_GT(tried, jws.size() * 3);
}

TEST(License, kinds_have_stable_names) {
    EXPECT_EQ(name(LicenseKind::perpetual), "perpetual");
    EXPECT_EQ(name(LicenseKind::lease), "lease");
    EXPECT_EQ(license_kind_from_name("lease"), LicenseKind::lease);
    EXPECT_EQ(license_kind_from_name("Lease"), std::nullopt);
}

}  // namespace
}  // namespace latchkey::licensing
