#include "licensing/messages.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/licensing/findings.h"

namespace latchkey::licensing {
namespace {

using json::bj::object;
using json::bj::value;

Bytes random_bytes_of(Dice& dice, std::int64_t least, std::int64_t most) {
    Bytes bytes(static_cast<std::size_t>(dice.number(least, most)));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(dice.number(0, 255));
    return bytes;
}

TpmProof random_tpm_proof(Dice& dice) {
    return {dice.time(),
            random_bytes_of(dice, 1, 512),
            random_bytes_of(dice, 1, 512),
            random_bytes_of(dice, 32, 32),
            random_bytes_of(dice, 1, 512),
            random_bytes_of(dice, 64, 64)};
}

TpmChallengeRequest random_tpm_question(Dice& dice) {
    return {dice.id(), random_bytes_of(dice, 1, 512), random_bytes_of(dice, 1, 512)};
}

TpmChallengeReply random_tpm_challenge(Dice& dice) {
    return {random_bytes_of(dice, 1, 64), dice.time(), random_bytes_of(dice, 1, 256),
            random_bytes_of(dice, 1, 256)};
}

ActivationRequest random_activation(Dice& dice) {
    ActivationRequest r;
    r.product = dice.id();
    r.product_key = dice.from("ABC-123", 0, 64);
    r.fingerprint = random_fingerprint(dice);
    r.max_count = static_cast<int>(dice.number(0, 1));
    r.platform = dice.one_of<std::string>({"linux", "windows", "mac"});
    r.os_edition = dice.words(128);
    r.product_version = dice.words(64);
    r.agent_version = dice.words(64);
    r.organization = dice.words(128);
    r.location = dice.words(128);
    r.country = dice.one_of<std::string>({"", "DE"});
    r.agent_verdict = random_agent_verdict(dice);
    if (dice.coin())
        r.tpm = random_tpm_proof(dice);
    else if (dice.coin())
        r.tpm_unproven = "hierarchy_locked";
    return r;
}

PreviewReply random_preview(Dice& dice) {
    PreviewReply p;
    p.new_machine = dice.coin();
    p.verdict = random_verdict(dice);
    p.significant = dice.coin();
    p.changed_any = dice.coin();
    p.count = static_cast<int>(dice.number(0, 1));
    p.program = dice.id();
    p.rule = random_rule(dice);
    p.reasons = random_reasons(dice);
    p.components = random_findings(dice, 20);
    p.activations = random_activations(dice);
    p.license_quantity = dice.number(0, 1000);
    p.activate_by = dice.maybe<ServerTime>([&] { return dice.time(); });
    if (dice.coin()) p.refusal = "territory";
    p.refusal_detail = dice.words(100);
    return p;
}

ReleaseReply random_release(Dice& dice) {
    ReleaseReply r{dice.token(), dice.coin(), random_activations(dice), {}};
    if (r.returned) r.returns_at = dice.maybe<ServerTime>([&] { return dice.time(); });
    return r;
}

GraceUse random_grace(Dice& dice) {
    GraceUse grace{dice.coin(), dice.coin(), {}};
    if (!grace.frozen) grace.used = seconds{dice.number(0, 1'000'000)};
    return grace;
}

LedgerRequest random_ledger_request(Dice& dice) {
    return {dice.id(),         random_fingerprint(dice),
            "linux",           dice.words(64),
            dice.coin(),       static_cast<int>(dice.number(0, 20)),
            random_grace(dice)};
}

LedgerReply random_ledger_reply(Dice& dice) {
    return {dice.time(),
            static_cast<int>(dice.number(0, 30)),
            static_cast<int>(dice.number(0, 30)),
            static_cast<int>(dice.number(0, 20)),
            random_grace(dice),
            dice.coin()};
}

/// to_json, through text and the strict reader, from_json, to_json again: the same text.
template <class T>
void expect_round_trip(const T& message, Result<T> (*read)(const value&)) {
    const auto text = json::to_text(to_json(message));
    const auto parsed = json::parse_strict(text);
    ASSERT_TRUE(parsed) << parsed.error().detail;
    const auto again = read(*parsed);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(json::to_text(to_json(*again)), text);
}

enum class Newer { passed_over, refused };

/// Each member left out and each turned into something of another type; `optional` may be left out.
template <class T>
void expect_strict(const T& message, Result<T> (*read)(const value&),
                   std::initializer_list<std::string_view> optional,
                   Newer newer_members = Newer::passed_over) {
    const auto whole = to_json(message).as_object();
    for (const auto& member : whole) {
        const std::string_view name(member.key().data(), member.key().size());
        const bool may_lack = std::find(optional.begin(), optional.end(), name) != optional.end();
        auto without = whole;
        without.erase(member.key());
        EXPECT_EQ(read(without).has_value(), may_lack) << name;
        for (const value& wrong :
             {value(1.5), value(object{{"x", 1}}), value(-2'000'000'000'000)}) {
            auto changed = whole;
            changed[member.key()] = wrong;
            const auto result = read(changed);
            ASSERT_FALSE(result) << name;
            EXPECT_EQ(result.error().code, Code::request_invalid);
        }
    }
    auto newer = whole;
    newer["something_newer"] = object{};
    EXPECT_EQ(read(newer).has_value(), newer_members == Newer::passed_over);
    EXPECT_FALSE(read(value(nullptr)));
    EXPECT_FALSE(read(json::bj::array{}));
}

template <class T>
std::string why_refused(const T& message, Result<T> (*read)(const value&)) {
    const auto result = read(to_json(message));
    return result ? "(accepted)" : result.error().detail;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Messages, any_valid_message_survives_its_journey) {
    Dice dice(4);
    for (int i = 0; i < 300; ++i) {
        expect_round_trip(random_fingerprint(dice), fingerprint_from_json);
        expect_round_trip(random_activation(dice), activation_request_from_json);
        expect_round_trip(ActivationReply{dice.token(), dice.token()}, activation_reply_from_json);
        expect_round_trip(random_preview(dice), preview_reply_from_json);
        expect_round_trip(RenewRequest{dice.id(), dice.number(0, 1000), random_fingerprint(dice),
                                       "mac", dice.words(64)},
                          renew_request_from_json);
        expect_round_trip(RenewReply{dice.token()}, renew_reply_from_json);
        expect_round_trip(ReleaseRequest{dice.id()}, release_request_from_json);
        expect_round_trip(random_release(dice), release_reply_from_json);
        expect_round_trip(random_activations(dice), activations_from_json);
        expect_round_trip(random_ledger_request(dice), ledger_request_from_json);
        expect_round_trip(random_ledger_reply(dice), ledger_reply_from_json);
        expect_round_trip(random_tpm_question(dice), tpm_challenge_request_from_json);
        expect_round_trip(random_tpm_challenge(dice), tpm_challenge_reply_from_json);
        expect_round_trip(random_tpm_proof(dice), tpm_proof_from_json);
    }
}

TEST(Messages, each_member_of_the_right_type_or_the_message_is_refused) {
    Dice dice(5);
    auto activation = random_activation(dice);
    activation.agent_verdict = AgentVerdict{};
    activation.tpm.reset();
    activation.tpm_unproven = "absent";
    expect_strict(activation, activation_request_from_json,
                  {"os_edition", "product_version", "agent_version", "organization", "location",
                   "country", "agent_verdict", "tpm_unproven"},
                  Newer::refused);
    expect_strict(random_tpm_question(dice), tpm_challenge_request_from_json, {}, Newer::refused);
    expect_strict(random_tpm_challenge(dice), tpm_challenge_reply_from_json, {});
    expect_strict(random_tpm_proof(dice), tpm_proof_from_json, {});
    auto preview = random_preview(dice);
    preview.activate_by = at(kNow);
    expect_strict(preview, preview_reply_from_json, {"activate_by", "refusal", "refusal_detail"});
    expect_strict(ActivationReply{"a.b.c", "d.e.f"}, activation_reply_from_json, {});
    expect_strict(RenewRequest{"p", 1, random_fingerprint(dice), "mac", "1"},
                  renew_request_from_json, {"agent_version"}, Newer::refused);
    expect_strict(RenewReply{"a.b.c"}, renew_reply_from_json, {});
    expect_strict(ReleaseRequest{"p"}, release_request_from_json, {}, Newer::refused);
    expect_strict(ReleaseReply{"a.b.c", true, {}, at(kNow)}, release_reply_from_json,
                  {"returns_at"});
    expect_strict(GraceUse{}, grace_use_from_json, {});
    expect_strict(random_ledger_request(dice), ledger_request_from_json, {"agent_version"},
                  Newer::refused);
    expect_strict(random_ledger_reply(dice), ledger_reply_from_json, {});
    expect_strict(AgentVerdict{}, agent_verdict_from_json, {});
    expect_strict(ComponentFinding{}, component_finding_from_json, {});
}

TEST(Messages, what_a_key_server_would_pass_over_is_refused_deep_in_a_request_too) {
    Dice dice(12);
    auto activation = random_activation(dice);
    activation.agent_verdict = AgentVerdict{};
    auto sent = to_json(activation).as_object();
    ASSERT_TRUE(activation_request_from_json(sent));
    sent["agent_verdict"].as_object()["sure"] = true;
    EXPECT_SAYS(activation_request_from_json(sent).error().detail, "agent_verdict");
    auto ledger = to_json(random_ledger_request(dice)).as_object();
    ledger["grace"].as_object()["longer"] = true;
    EXPECT_SAYS(ledger_request_from_json(ledger).error().detail, "grace");
    EXPECT_TRUE(grace_use_from_json(ledger["grace"])) << "in a reply it may stand";
}

TEST(Messages, each_field_of_an_activation_request_arrives_where_it_belongs) {
    Dice dice(6);
    const auto sent = random_activation(dice);
    const auto got = activation_request_from_json(to_json(sent));
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->product, sent.product);
    EXPECT_EQ(got->product_key, sent.product_key);
    EXPECT_EQ(got->fingerprint.salt_id, sent.fingerprint.salt_id);
    EXPECT_EQ(got->fingerprint.evidence.size(), sent.fingerprint.evidence.size());
    EXPECT_EQ(got->max_count, sent.max_count);
    EXPECT_EQ(got->platform, sent.platform);
    EXPECT_EQ(got->os_edition, sent.os_edition);
    EXPECT_EQ(got->product_version, sent.product_version);
    EXPECT_EQ(got->agent_version, sent.agent_version);
    EXPECT_EQ(got->organization, sent.organization);
    EXPECT_EQ(got->location, sent.location);
    EXPECT_EQ(got->country, sent.country);
}

TEST(Messages, a_tpm_proof_that_cannot_be_read_is_none_and_refuses_no_activation) {
    Dice dice(9);
    auto sent = random_activation(dice);
    sent.tpm = random_tpm_proof(dice);
    sent.tpm_unproven.clear();
    auto whole = to_json(sent);
    EXPECT_TRUE(activation_request_from_json(whole)->tpm);
    whole.at("tpm").as_object()["secret"] = "AAAA";
    const auto got = activation_request_from_json(whole);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_FALSE(got->tpm);
    EXPECT_EQ(got->tpm_unproven, "malformed");
}

TEST(Messages, every_limit_of_a_tpm_proof_holds) {
    Dice dice(10);
    const auto proof = [&](auto change) {
        auto message = random_tpm_proof(dice);
        change(message);
        return why_refused(message, tpm_proof_from_json);
    };
    EXPECT_SAYS(proof([](TpmProof& p) { p.ek_public = Bytes(513); }), "ek_public");
    EXPECT_SAYS(proof([](TpmProof& p) { p.ak_public = {}; }), "ak_public");
    EXPECT_SAYS(proof([](TpmProof& p) { p.secret = Bytes(31); }), "secret");
    EXPECT_SAYS(proof([](TpmProof& p) { p.quote = Bytes(513); }), "quote");
    EXPECT_SAYS(proof([](TpmProof& p) { p.signature = Bytes(65); }), "signature");
}

TEST(Messages, each_field_of_a_preview_arrives_where_it_belongs) {
    Dice dice(7);
    const auto sent = random_preview(dice);
    const auto got = preview_reply_from_json(to_json(sent));
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->new_machine, sent.new_machine);
    EXPECT_EQ(got->verdict, sent.verdict);
    EXPECT_EQ(got->significant, sent.significant);
    EXPECT_EQ(got->changed_any, sent.changed_any);
    EXPECT_EQ(got->count, sent.count);
    EXPECT_EQ(got->program, sent.program);
    EXPECT_EQ(got->rule, sent.rule);
    EXPECT_EQ(got->reasons, sent.reasons);
    EXPECT_EQ(got->components.size(), sent.components.size());
    EXPECT_EQ(got->activations.used, sent.activations.used);
    EXPECT_EQ(got->activations.limit, sent.activations.limit);
    EXPECT_EQ(got->license_quantity, sent.license_quantity);
    EXPECT_EQ(got->activate_by, sent.activate_by);
    EXPECT_EQ(got->refusal, sent.refusal);
    EXPECT_EQ(got->refusal_detail, sent.refusal_detail);
}

TEST(Messages, every_limit_holds) {
    Dice dice(8);
    const auto activation = [&](auto change) {
        auto message = random_activation(dice);
        change(message);
        return why_refused(message, activation_request_from_json);
    };
    using Request = ActivationRequest;
    EXPECT_SAYS(activation([](Request& r) { r.product = "../etc"; }), "product");
    EXPECT_SAYS(activation([](Request& r) { r.product_key = std::string(65, 'A'); }),
                "product_key");
    EXPECT_SAYS(activation([](Request& r) { r.max_count = 2; }), "max_count");
    EXPECT_SAYS(activation([](Request& r) { r.platform = "beos"; }), "platform");
    EXPECT_SAYS(activation([](Request& r) { r.os_edition = std::string(129, 'x'); }), "os_edition");
    EXPECT_SAYS(activation([](Request& r) { r.product_version = std::string(65, 'x'); }),
                "product_version");
    EXPECT_SAYS(activation([](Request& r) { r.location = "a\tb"; }), "control");
    EXPECT_SAYS(activation([](Request& r) { r.country = "de"; }), "country");
    EXPECT_SAYS(activation([](Request& r) { r.country = "DEU"; }), "country");
    EXPECT_SAYS(activation([](Request& r) { r.fingerprint.salt_id = ""; }), "salt_id");
    const auto preview = [&](auto change) {
        auto message = random_preview(dice);
        change(message);
        return why_refused(message, preview_reply_from_json);
    };
    EXPECT_SAYS(preview([](PreviewReply& p) { p.count = 2; }), "count");
    EXPECT_SAYS(preview([](PreviewReply& p) { p.reasons.assign(33, ""); }), "reasons");
    EXPECT_SAYS(preview([](PreviewReply& p) { p.components.resize(kMaxFindings + 1); }),
                "components");
    EXPECT_SAYS(preview([](PreviewReply& p) { p.refusal = "two words"; }), "refusal");
    EXPECT_SAYS(preview([](PreviewReply& p) { p.license_quantity = -1; }), "license_quantity");
    EXPECT_SAYS(why_refused(ActivationReply{"", "x"}, activation_reply_from_json), "license");
    EXPECT_SAYS(why_refused(RenewReply{std::string(kMaxJwsBytes + 1, 'a')}, renew_reply_from_json),
                "license");
    EXPECT_SAYS(why_refused(RenewRequest{"p", -1, {"s", {}}, "mac", ""}, renew_request_from_json),
                "lease_sequence");
}

TEST(Messages, the_secret_key_is_in_no_error) {
    Dice dice(9);
    auto message = random_activation(dice);
    message.product_key = "SECRE-TSECR-ETSEC-RETSE-CRETS" + std::string(64, 'S');
    EXPECT_EQ(why_refused(message, activation_request_from_json).find("SECRE"), std::string::npos);
}

// --- the fingerprint: exactly what may leave the machine

hwid::Evidence evidence(hwid::Kind kind, hwid::Quality quality, std::uint8_t byte,
                        std::size_t digest_bytes = 16) {
    hwid::Evidence e{kind, {}, quality, 5, 17};
    if (e.has_digest()) std::fill_n(e.digest.begin(), digest_bytes, byte);
    return e;
}

TEST(FingerprintJson, holds_kind_quality_and_digest_in_order_and_nothing_else) {
    using enum hwid::Quality;
    const hwid::Fingerprint fingerprint{
        "salt_1",
        {evidence(hwid::Kind::cpu_model, good, 3, 8), evidence(hwid::Kind::disk, good, 2),
         evidence(hwid::Kind::disk, good, 1), evidence(hwid::Kind::system_uuid, placeholder, 0),
         evidence(hwid::Kind::nic, virtual_, 4)}};
    EXPECT_EQ(json::to_text(to_json(fingerprint)),
              R"({"salt_id":"salt_1","evidence":[)"
              R"({"kind":"system_uuid","quality":"placeholder"},)"
              R"({"kind":"nic","quality":"virtual","digest":"04040404040404040404040404040404"},)"
              R"({"kind":"disk","quality":"good","digest":"01010101010101010101010101010101"},)"
              R"({"kind":"disk","quality":"good","digest":"02020202020202020202020202020202"},)"
              R"({"kind":"cpu_model","quality":"good","digest":"0303030303030303"}]})");
}

TEST(FingerprintJson, comes_back_sorted_without_indexes_and_multiplicities) {
    Dice dice(10);
    for (int i = 0; i < 100; ++i) {
        const auto sent = random_fingerprint(dice);
        const auto got = fingerprint_from_json(to_json(sent));
        ASSERT_TRUE(got);
        EXPECT_TRUE(std::is_sorted(
            got->evidence.begin(), got->evidence.end(), [](const auto& a, const auto& b) {
                return std::tie(a.kind, a.digest) < std::tie(b.kind, b.digest);
            }));
        for (const auto& e : got->evidence) {
            EXPECT_EQ(e.component, -1);
            EXPECT_EQ(e.multiplicity, 0u);
        }
    }
}

TEST(FingerprintJson, order_on_the_wire_does_not_matter_and_unknown_kinds_are_passed_over) {
    const auto got = fingerprint_from_json(*json::parse_strict(
        R"({"salt_id":"s","evidence":[{"kind":"disk","quality":"good","digest":"0102030405060708"},)"
        R"({"kind":"flux_capacitor","quality":"good","digest":"0102030405060708"},)"
        R"({"kind":"system_uuid","quality":"absent","newer":1}]})"));
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_EQ(got->evidence.size(), 2u);
    EXPECT_EQ(got->evidence[0].kind, hwid::Kind::system_uuid);
    EXPECT_EQ(got->evidence[1].kind, hwid::Kind::disk);
    EXPECT_EQ(got->evidence[1].digest[7], 8);
    EXPECT_EQ(got->evidence[1].digest[8], 0);
}

TEST(FingerprintJson, what_is_not_exactly_evidence_is_refused) {
    for (const auto* item :
         {R"(1)", R"({})", R"({"kind":"disk"})", R"({"quality":"good"})",
          R"({"kind":"disk","quality":"good"})",
          R"({"kind":"disk","quality":"great","digest":"0102030405060708"})",
          R"({"kind":"disk","quality":"absent","digest":"0102030405060708"})",
          R"({"kind":"disk","quality":"good","digest":""})",
          R"({"kind":"disk","quality":"good","digest":"01020304050607"})",
          R"({"kind":"disk","quality":"good","digest":"010203040506070G"})",
          R"({"kind":"disk","quality":"good","digest":"0102030405060708A"})",
          R"({"kind":"disk","quality":"good","digest":"0102030405060708090a"})",
          R"({"kind":"disk","quality":"good","digest":"01020304050607080102030405060708ff"})",
          R"({"kind":"disk","quality":"good","digest":1})",
          R"({"kind":"a b","quality":"absent"})"}) {
        const auto text = R"({"salt_id":"s","evidence":[)" + std::string(item) + "]}";
        const auto got = fingerprint_from_json(*json::parse_strict(text));
        ASSERT_FALSE(got) << item;
        EXPECT_EQ(got.error().code, Code::request_invalid);
    }
    hwid::Fingerprint large{"s", {}};
    large.evidence.assign(kMaxEvidence + 1, evidence(hwid::Kind::disk, hwid::Quality::good, 1));
    EXPECT_FALSE(fingerprint_from_json(to_json(large)));
    large.evidence.pop_back();
    EXPECT_TRUE(fingerprint_from_json(to_json(large)));
}

TEST(FingerprintJson, the_largest_request_fits_into_a_body) {
    Dice dice(11);
    auto message = random_activation(dice);
    message.fingerprint.evidence.assign(
        kMaxEvidence, evidence(hwid::Kind::cloud_instance_id, hwid::Quality::virtual_, 1));
    // Sealed, it grows by a third.
    EXPECT_LT(json::to_text(to_json(message)).size() * 4 / 3 + 1024, kMaxBodyBytes);
}

TEST(Messages, a_grace_that_waits_for_its_first_use_was_not_used) {
    GraceUse grace{true, true, seconds{1}};
    EXPECT_SAYS(why_refused(grace, grace_use_from_json), "frozen");
    grace = {false, false, Days{3661}};
    EXPECT_SAYS(why_refused(grace, grace_use_from_json), "used_s");
    auto other = to_json(GraceUse{}).as_object();
    other["kind"] = "out_of_tolerance";
    EXPECT_FALSE(grace_use_from_json(other));
}

}  // namespace
}  // namespace latchkey::licensing
