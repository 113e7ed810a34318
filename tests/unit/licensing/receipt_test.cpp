#include "licensing/receipt.h"

#include <gtest/gtest.h>

#include "tests/unit/licensing/findings.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

Receipt sample() {
    Dice dice(5);
    auto receipt = random_receipt(dice);
    receipt.kind = ReceiptKind::activation;
    receipt.counted = 1;
    receipt.used_before = 4;
    receipt.used_after = 5;
    receipt.limit = 10;
    receipt.at = at(kNow);
    receipt.agent_verdict = AgentVerdict{hwid::Verdict::same, false, true};
    receipt.components = {{hwid::Kind::nic, hwid::Outcome::changed, "replaced", -12, 3}};
    receipt.reasons = {"Same machine, significant hardware change: counted."};
    return receipt;
}

template <class Change>
std::string why_refused(Change change) {
    const Publisher publisher;
    auto receipt = sample();
    change(receipt);
    const auto verified =
        verify_receipt(sign_receipt(publisher.signing, receipt), publisher.key_set());
    if (verified) return "(accepted)";
    EXPECT_EQ(verified.error().code, Code::signature_invalid);
    return verified.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Receipt, any_valid_receipt_survives_signing_and_verifying) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    Dice dice(3);
    for (int i = 0; i < 300; ++i) {
        const auto receipt = random_receipt(dice);
        const auto jws = sign_receipt(publisher.signing, receipt);
        const auto verified = verify_receipt(jws, keys);
        ASSERT_TRUE(verified) << verified.error().detail;
        EXPECT_EQ(json::to_text(to_json(**verified)), json::to_text(to_json(receipt)));
        EXPECT_EQ(verified->jws(), jws);
    }
}

TEST(Receipt, each_field_arrives_where_it_belongs) {
    const auto sent = sample();
    const auto read = receipt_from_json(to_json(sent));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->id, sent.id);
    EXPECT_EQ(read->kind, sent.kind);
    EXPECT_EQ(read->publisher, sent.publisher);
    EXPECT_EQ(read->product, sent.product);
    EXPECT_EQ(read->license, sent.license);
    EXPECT_EQ(read->machine, sent.machine);
    EXPECT_EQ(read->device_key, sent.device_key);
    EXPECT_EQ(read->key_last5, sent.key_last5);
    EXPECT_EQ(read->organization, sent.organization);
    EXPECT_EQ(read->program, sent.program);
    EXPECT_EQ(read->rule, sent.rule);
    EXPECT_EQ(read->new_machine, sent.new_machine);
    EXPECT_EQ(read->verdict, sent.verdict);
    EXPECT_EQ(read->significant, sent.significant);
    EXPECT_EQ(read->changed_any, sent.changed_any);
    EXPECT_EQ(read->score, sent.score);
    EXPECT_EQ(read->continuity, sent.continuity);
    EXPECT_EQ(read->counted, 1);
    EXPECT_EQ(read->reasons, sent.reasons);
    ASSERT_EQ(read->components.size(), 1u);
    EXPECT_EQ(read->components[0].kind, hwid::Kind::nic);
    EXPECT_EQ(read->components[0].outcome, hwid::Outcome::changed);
    EXPECT_EQ(read->components[0].why, "replaced");
    EXPECT_EQ(read->components[0].weight, -12);
    EXPECT_EQ(read->components[0].multiplicity, 3);
    EXPECT_EQ(read->used_before, 4);
    EXPECT_EQ(read->used_after, 5);
    EXPECT_EQ(read->limit, 10);
    EXPECT_EQ(read->matcher_version, sent.matcher_version);
    EXPECT_EQ(read->weights_version, sent.weights_version);
    EXPECT_EQ(read->claimed_location, sent.claimed_location);
    EXPECT_EQ(read->claimed_country, sent.claimed_country);
    ASSERT_TRUE(read->agent_verdict);
    EXPECT_EQ(read->agent_verdict->verdict, hwid::Verdict::same);
    EXPECT_FALSE(read->agent_verdict->significant);
    EXPECT_TRUE(read->agent_verdict->changed_any);
    EXPECT_EQ(read->at, sent.at);
}

TEST(Receipt, older_key_servers_do_not_say_how_many_were_recent) {
    auto receipt = sample();
    receipt.recent_reimages = 3;
    EXPECT_EQ(receipt_from_json(to_json(receipt))->recent_reimages, 3);
    receipt.recent_reimages.reset();
    EXPECT_FALSE(to_json(receipt).as_object().contains("recent_reimages"));
    EXPECT_FALSE(receipt_from_json(to_json(receipt))->recent_reimages);
    EXPECT_SAYS(why_refused([](Receipt& r) { r.recent_reimages = -1; }), "recent_reimages");
}

TEST(Receipt, its_numbers_add_up) {
    EXPECT_SAYS(why_refused([](Receipt& r) { r.used_after = 4; }), "used_after");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.counted = 0; }), "used_after");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.counted = 2; }), "counted");
    for (const auto kind : {ReceiptKind::release, ReceiptKind::returned, ReceiptKind::adoption}) {
        EXPECT_SAYS(why_refused([&](Receipt& r) { r.kind = kind; }), "counted");
        EXPECT_SAYS(why_refused([&](Receipt& r) {
                        r.kind = kind;
                        r.counted = 0;
                    }),
                    "above used_before");
        EXPECT_EQ(why_refused([&](Receipt& r) {
                      r.kind = kind;
                      r.counted = 0;
                      r.used_after = r.used_before;
                  }),
                  "(accepted)");
    }
}

TEST(Receipt, K3_a_redemption_is_about_a_cloud_entitlement_and_no_activations) {
    const auto redemption = [](Receipt& r) {
        r.kind = ReceiptKind::redemption;
        r.license = "cld_1";
        r.machine = "";
        r.counted = 0;
        r.used_before = r.used_after = r.limit = 0;
    };
    EXPECT_EQ(why_refused(redemption), "(accepted)");
    const auto bent = [&](auto change) {
        return why_refused([&](Receipt& r) {
            redemption(r);
            change(r);
        });
    };
    EXPECT_SAYS(bent([](Receipt& r) { r.license = "lic_1"; }), "cld_");
    EXPECT_SAYS(bent([](Receipt& r) { r.machine = "mch_1"; }), "machine");
    EXPECT_SAYS(bent([](Receipt& r) { r.counted = 1; }), "counted");
    EXPECT_SAYS(bent([](Receipt& r) { r.limit = 1; }), "limit");
    EXPECT_SAYS(bent([](Receipt& r) { r.used_before = r.used_after = 3; }), "limit");
}

TEST(Receipt, every_field_is_checked) {
    EXPECT_SAYS(why_refused([](Receipt& r) { r.id = "1"; }), "rcp_");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.publisher = "fabrikam"; }), "another publisher's");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.product = "/"; }), "product");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.license = ""; }), "lic_");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.machine = "x"; }), "mch_");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.key_last5 = "abc"; }), "key_last5");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.program = ""; }), "program");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.score = 1'000'001; }), "score");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.reasons.assign(33, "x"); }), "more than 32");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.reasons = {std::string(513, 'x')}; }), "reasons");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.reasons = {"a\nb"}; }), "reasons");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.claimed_country = "de"; }), "claimed_country");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.claimed_location = std::string(129, 'x'); }),
                "longer");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.limit = -1; }), "limit");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.matcher_version = -1; }), "matcher_version");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.components[0].weight = 1'000'001; }), "weight");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.components[0].multiplicity = -1; }), "multiplicity");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.components[0].why = std::string(65, 'x'); }), "why");
    EXPECT_SAYS(why_refused([](Receipt& r) { r.at = at(kNow + 101 * kDay); }), "not valid when");
    auto many = sample();
    many.components.assign(kMaxFindings + 1, many.components[0]);
    EXPECT_SAYS(receipt_from_json(to_json(many)).error().detail, "more than 512");
}

TEST(Receipt, unknown_names_and_missing_members_are_refused) {
    const auto whole = to_json(sample()).as_object();
    for (const auto& member : whole) {
        auto without = whole;
        without.erase(member.key());
        EXPECT_EQ(receipt_from_json(without).has_value(),
                  member.key() == "agent_verdict" || member.key() == "recent_reimages")
            << member.key();
    }
    for (const auto* name : {"kind", "rule", "verdict", "continuity"}) {
        auto wrong = whole;
        wrong[name] = "something-else";
        EXPECT_SAYS(receipt_from_json(wrong).error().detail, "does not know");
    }
    auto wrong = whole;
    wrong["components"] = json::bj::array{json::bj::object{{"kind", "flux_capacitor"}}};
    EXPECT_FALSE(receipt_from_json(wrong));
    wrong["components"] = json::bj::array{1};
    EXPECT_FALSE(receipt_from_json(wrong));
    EXPECT_FALSE(receipt_from_json(json::bj::array{}));
}

TEST(Receipt, another_key_or_type_is_refused) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    EXPECT_FALSE(verify_receipt(sign_receipt(publisher.root, sample()), keys));
    EXPECT_FALSE(
        verify_receipt(sign_jws(publisher.signing, typ::kLicense, to_json(sample())), keys));
}

TEST(Receipt, every_damaged_byte_and_every_truncation_is_refused) {
    const Publisher publisher;
    const auto keys = publisher.key_set();
    const auto jws = sign_receipt(publisher.signing, sample());
    std::size_t tried = 0;
    EXPECT_EQ(
        first_damage_accepted(
            jws, [&](const std::string& text) { return verify_receipt(text, keys).has_value(); },
            &tried),
        "");
    EXPECT_GT(tried, jws.size() * 3);
}

TEST(Receipt, names_are_stable) {
    EXPECT_EQ(name(ReceiptKind::activation), "activation");
    EXPECT_EQ(name(ReceiptKind::release), "release");
    EXPECT_EQ(name(ReceiptKind::returned), "returned");
    EXPECT_EQ(name(ReceiptKind::adoption), "adoption");
    EXPECT_EQ(name(ReceiptKind::redemption), "redemption");
    EXPECT_EQ(name(Continuity::none), "none");
    EXPECT_EQ(name(Continuity::digests), "digests");
    EXPECT_EQ(name(Continuity::device_key), "device_key");
    EXPECT_EQ(name(Continuity::tpm), "tpm");
    EXPECT_EQ(continuity_from_name("tpm"), Continuity::tpm);
    EXPECT_EQ(continuity_from_name("TPM"), std::nullopt);
    EXPECT_EQ(receipt_kind_from_name("release"), ReceiptKind::release);
    EXPECT_EQ(receipt_kind_from_name(""), std::nullopt);
}

}  // namespace
}  // namespace latchkey::licensing
