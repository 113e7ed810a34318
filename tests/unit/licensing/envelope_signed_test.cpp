#include <gtest/gtest.h>

#include "licensing/envelope.h"
#include "tests/unit/licensing/samples.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

const Publisher kPublisher;
const KeySet kKeys = kPublisher.key_set();

SigningKey device() { return key_of(40); }

RequestProof proof() {
    return {"POST",  "/v1/activations", "contoso",         base64url(sha256("body")),
            "a.b.c", "idem-1",          "nonce-0123456789"};
}

Reply reply() {
    return {"nonce-0123456789", request_hash("request"), at(kNow), 201,
            json::bj::object{{"license", "x"}}};
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Challenge, comes_back_as_it_was_signed) {
    const auto jws = sign_challenge(kPublisher.signing, {"contoso", "n1", at(kNow)});
    const auto verified = verify_challenge(jws, kKeys);
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ((*verified)->publisher, "contoso");
    EXPECT_EQ((*verified)->nonce, "n1");
    EXPECT_EQ((*verified)->server_time, at(kNow));
}

TEST(Challenge, of_another_publisher_key_or_time_is_refused) {
    const auto why = [](const SigningKey& key, const Challenge& challenge) {
        const auto verified = verify_challenge(sign_challenge(key, challenge), kKeys);
        return verified ? std::string("(accepted)") : verified.error().detail;
    };
    EXPECT_SAYS(why(kPublisher.signing, {"fabrikam", "n", at(kNow)}), "another publisher's");
    EXPECT_SAYS(why(kPublisher.root, {"contoso", "n", at(kNow)}), "key set");
    EXPECT_SAYS(why(kPublisher.signing, {"contoso", "n", at(kNow + 101 * kDay)}), "not valid");
    EXPECT_SAYS(why(kPublisher.signing, {"contoso", "", at(kNow)}), "nonce");
    EXPECT_SAYS(why(kPublisher.signing, {"contoso", std::string(65, 'n'), at(kNow)}), "nonce");
    EXPECT_SAYS(why(kPublisher.signing, {"contoso", "n n", at(kNow)}), "nonce");
}

TEST(RequestProof, comes_back_as_it_was_signed) {
    const auto verified = verify_request(sign_request(device(), proof()), device().public_key());
    ASSERT_TRUE(verified) << verified.error().detail;
    const RequestProof& got = **verified;
    EXPECT_EQ(got.method, proof().method);
    EXPECT_EQ(got.path, proof().path);
    EXPECT_EQ(got.publisher, proof().publisher);
    EXPECT_EQ(got.body_sha256, proof().body_sha256);
    EXPECT_EQ(got.challenge, proof().challenge);
    EXPECT_EQ(got.idempotency_key, proof().idempotency_key);
    EXPECT_EQ(got.nonce, proof().nonce);
}

TEST(RequestProof, of_another_device_or_a_signing_key_is_refused) {
    const auto jws = sign_request(device(), proof());
    EXPECT_EQ(verify_request(jws, key_of(41).public_key()).error().code, Code::signature_invalid);
    EXPECT_FALSE(verify_request(sign_request(kPublisher.signing, proof()), device().public_key()));
    EXPECT_FALSE(verify_request(sign_jws(device(), typ::kAttestation, json::bj::object{}),
                                device().public_key()));
}

TEST(RequestProof, every_field_is_checked) {
    const auto why = [](auto change) {
        auto changed = proof();
        change(changed);
        const auto verified =
            verify_request(sign_request(device(), changed), device().public_key());
        return verified ? std::string("(accepted)") : verified.error().detail;
    };
    EXPECT_SAYS(why([](RequestProof& p) { p.method = "post"; }), "method");
    EXPECT_SAYS(why([](RequestProof& p) { p.method = ""; }), "method");
    EXPECT_SAYS(why([](RequestProof& p) { p.path = "v1"; }), "path");
    EXPECT_SAYS(why([](RequestProof& p) { p.path = "/a b"; }), "path");
    EXPECT_SAYS(why([](RequestProof& p) { p.path = "/" + std::string(256, 'a'); }), "path");
    EXPECT_SAYS(why([](RequestProof& p) { p.publisher = ".."; }), "publisher");
    EXPECT_SAYS(why([](RequestProof& p) { p.body_sha256 = "abc"; }), "body_sha256");
    EXPECT_SAYS(why([](RequestProof& p) { p.challenge = std::string(4097, 'a'); }), "challenge");
    EXPECT_SAYS(why([](RequestProof& p) { p.idempotency_key = ""; }), "idempotency_key");
    EXPECT_SAYS(why([](RequestProof& p) { p.idempotency_key = std::string(65, 'a'); }),
                "idempotency_key");
    EXPECT_SAYS(why([](RequestProof& p) { p.nonce = ""; }), "nonce");
    EXPECT_EQ(why([](RequestProof& p) { p.path = "/v1/licenses/lic_a-b/renew?x=1&y=%20"; }),
              "(accepted)");
}

TEST(Reply, comes_back_as_it_was_signed) {
    const auto verified =
        verify_reply(sign_reply(kPublisher.signing, reply()), kKeys, "nonce-0123456789", "request");
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ((*verified)->nonce, reply().nonce);
    EXPECT_EQ((*verified)->request_hash, reply().request_hash);
    EXPECT_EQ((*verified)->server_time, at(kNow));
    EXPECT_EQ((*verified)->status, 201);
    EXPECT_EQ((*verified)->body, reply().body);
}

TEST(Reply, to_another_request_is_not_fresh) {
    const auto jws = sign_reply(kPublisher.signing, reply());
    const auto replayed = verify_reply(jws, kKeys, "nonce-other", "request");
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().code, Code::reply_not_fresh);
    const auto swapped = verify_reply(jws, kKeys, "nonce-0123456789", "another request");
    ASSERT_FALSE(swapped);
    EXPECT_EQ(swapped.error().code, Code::reply_not_fresh);
}

TEST(Reply, by_another_key_or_of_another_shape_is_refused) {
    const auto code = [](const SigningKey& key, auto change) {
        auto changed = reply();
        change(changed);
        const auto verified =
            verify_reply(sign_reply(key, changed), kKeys, changed.nonce, "request");
        return verified ? std::string("(accepted)") : std::string(verified.error().name());
    };
    const std::string refused = "signature_invalid";
    EXPECT_EQ(code(kPublisher.root, [](Reply&) {}), refused);
    EXPECT_EQ(code(device(), [](Reply&) {}), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.status = 199; }), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.status = 600; }), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.body = 1; }), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.nonce = ""; }), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.request_hash = "x"; }), refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.server_time = at(kNow + 101 * kDay); }),
              refused);
    EXPECT_EQ(code(kPublisher.signing, [](Reply& r) { r.body = json::bj::object{}; }),
              "(accepted)");
}

TEST(Envelopes, every_damaged_byte_and_every_truncation_is_refused) {
    std::size_t tried = 0;
    EXPECT_EQ(first_damage_accepted(
                  sign_challenge(kPublisher.signing, {"contoso", "n1", at(kNow)}),
                  [](const std::string& text) { return verify_challenge(text, kKeys).has_value(); },
                  &tried),
              "");
    EXPECT_EQ(first_damage_accepted(
                  sign_request(device(), proof()),
                  [](const std::string& text) {
                      return verify_request(text, device().public_key()).has_value();
                  },
                  &tried),
              "");
    EXPECT_EQ(first_damage_accepted(
                  sign_reply(kPublisher.signing, reply()),
                  [](const std::string& text) {
                      return verify_reply(text, kKeys, "nonce-0123456789", "request").has_value();
                  },
                  &tried),
              "");
    EXPECT_GT(tried, 3000u);
}

TEST(Envelopes, none_passes_for_another) {
    const auto challenge = sign_challenge(kPublisher.signing, {"contoso", "n1", at(kNow)});
    EXPECT_FALSE(verify_reply(challenge, kKeys, "n1", "request"));
    EXPECT_FALSE(verify_challenge(sign_reply(kPublisher.signing, reply()), kKeys));
    EXPECT_FALSE(verify_request(challenge, kPublisher.signing.public_key()));
}

}  // namespace
}  // namespace latchkey::licensing
