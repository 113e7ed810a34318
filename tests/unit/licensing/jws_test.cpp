#include "licensing/jws.h"

#include <gtest/gtest.h>

#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

constexpr std::string_view kTyp = "latchkey-test+jws";

SigningKey key_of(std::uint8_t seed) { return std::move(*SigningKey::from_seed(Bytes(32, seed))); }

/// A compact JWS with exactly this header and payload text, properly signed.
std::string signed_raw(const SigningKey& key, std::string_view header, std::string_view payload) {
    std::string jws = base64url(as_bytes(header)) + "." + base64url(as_bytes(payload));
    const auto signature = key.sign(as_bytes(jws));
    return jws + "." + base64url(signature);
}

std::string header_text(const SigningKey& key, std::string_view alg = "Ed25519",
                        std::string_view typ = kTyp) {
    return R"({"alg":")" + std::string(alg) + R"(","kid":")" + key_id(key.public_key()) +
           R"(","typ":")" + std::string(typ) + R"("})";
}

void expect_refused(std::string_view jws, const SigningKey& key, std::string_view why) {
    const auto opened = open_jws(jws, kTyp, key.public_key());
    ASSERT_FALSE(opened) << why;
    EXPECT_EQ(opened.error().code, Code::signature_invalid);
    EXPECT_NE(opened.error().detail.find(why), std::string::npos) << opened.error().detail;
}

TEST(Jws, what_was_signed_opens_with_the_same_key_and_type) {
    const auto key = key_of(1);
    const json::bj::value payload{{"a", 1}, {"b", {"x", "y"}}, {"c", nullptr}};
    const auto jws = sign_jws(key, kTyp, payload);
    const auto opened = open_jws(jws, kTyp, key.public_key());
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(*opened, payload);
    EXPECT_EQ(claimed_key_id(jws), key_id(key.public_key()));
    EXPECT_EQ(jws.substr(0, jws.find('.')), base64url(as_bytes(header_text(key))));
}

TEST(Jws, another_key_or_type_is_refused) {
    const auto key = key_of(1);
    const auto jws = sign_jws(key, kTyp, json::bj::object{});
    expect_refused(jws, key_of(2), "another key");
    const auto other = open_jws(jws, "latchkey-other+jws", key.public_key());
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().detail.find("another type"), std::string::npos);
}

TEST(Jws, a_header_that_names_our_key_but_is_signed_by_another_is_refused) {
    const auto ours = key_of(1);
    expect_refused(signed_raw(key_of(2), header_text(ours), "{}"), ours, "signature");
}

TEST(Jws, every_algorithm_but_Ed25519_is_refused_even_with_a_good_signature) {
    const auto key = key_of(1);
    for (const auto* alg : {"none", "EdDSA", "HS256", "ES256", "RS256", "ed25519", "Ed448", ""})
        expect_refused(signed_raw(key, header_text(key, alg), "{}"), key, "algorithm");
    const std::string unsigned_jws = base64url(as_bytes(header_text(key, "none"))) + ".e30.";
    expect_refused(unsigned_jws, key, "algorithm");
}

TEST(Jws, an_hmac_keyed_with_the_public_key_is_refused) {
    const auto key = key_of(1);
    std::string jws = base64url(as_bytes(header_text(key, "HS256"))) + ".e30";
    jws += "." + base64url(hmac_sha256(key.public_key(), as_bytes(jws)));
    expect_refused(jws, key, "algorithm");
}

TEST(Jws, a_header_has_three_members_and_no_others) {
    const auto key = key_of(1);
    const std::string kid = key_id(key.public_key());
    const std::string good = R"("alg":"Ed25519","kid":")" + kid + R"(","typ":"latchkey-test+jws")";
    EXPECT_TRUE(open_jws(signed_raw(key, "{" + good + "}", "{}"), kTyp, key.public_key()));
    for (const auto* extra :
         {R"("crit":["x"])", R"("crit":[])", R"("jku":"https://x")", R"("jwk":{})", R"("x5u":"x")",
          R"("x5c":[])", R"("b64":false)", R"("cty":"x")", R"("zip":"DEF")", R"("x":null)"})
        expect_refused(signed_raw(key, "{" + good + "," + extra + "}", "{}"), key,
                       "is not known here");
    expect_refused(signed_raw(key, "{" + good + R"(,"alg":"Ed25519"})", "{}"), key, "twice");
    expect_refused(signed_raw(key, R"({"alg":"Ed25519","kid":")" + kid + R"("})", "{}"), key,
                   "missing");
    expect_refused(signed_raw(key, R"({"alg":"Ed25519","typ":"latchkey-test+jws"})", "{}"), key,
                   "missing");
    expect_refused(signed_raw(key, R"({"alg":1,"kid":"a","typ":"b"})", "{}"), key, "string");
    expect_refused(signed_raw(key, "[]", "{}"), key, "object");
    expect_refused(signed_raw(key, "", "{}"), key, "not valid JSON");
    expect_refused(signed_raw(key, "{" + good + std::string(600, ' ') + "}", "{}"), key,
                   "too long");
}

TEST(Jws, the_payload_is_read_strictly_and_only_after_the_signature) {
    const auto key = key_of(1);
    const auto header = header_text(key);
    expect_refused(signed_raw(key, header, R"({"a":1,"a":2})"), key, "twice");
    expect_refused(signed_raw(key, header, R"({"a":1.5})"), key, "integer");
    expect_refused(signed_raw(key, header, R"({"a":18446744073709551615})"), key, "64-bit");
    expect_refused(signed_raw(key, header, ""), key, "not valid JSON");
    expect_refused(signed_raw(key, header, "{} {}"), key, "not valid JSON");
    expect_refused(signed_raw(key, header, "\xff"), key, "not valid JSON");
    auto forged = signed_raw(key, header, R"({"a":1,"a":2})");
    forged[forged.size() - 3] = forged[forged.size() - 3] == 'A' ? 'B' : 'A';
    expect_refused(forged, key, "signature");
}

TEST(Jws, padding_and_foreign_alphabets_are_refused) {
    const auto key = key_of(1);
    const auto jws = sign_jws(key, kTyp, json::bj::object{{"a", 1}});
    const auto dot = jws.find('.');
    const auto sign_again = [&](std::string text) {
        text += "." + base64url(key.sign(as_bytes(text)));
        return text;
    };
    const auto head = jws.substr(0, dot);
    expect_refused(sign_again(head + ".e30="), key, "base64url");
    expect_refused(sign_again(head + ".e31"), key, "base64url");
    expect_refused(sign_again(head + ".e3 0"), key, "base64url");
    expect_refused(sign_again(head + "=.e30"), key, "base64url");
}

TEST(Jws, the_form_is_three_parts_within_the_limit) {
    const auto key = key_of(1);
    for (const auto* text : {"", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", "{}"}) {
        EXPECT_FALSE(open_jws(text, kTyp, key.public_key())) << text;
        EXPECT_EQ(claimed_key_id(text), "") << text;
    }
    const auto big = sign_jws(key, kTyp, json::bj::object{{"a", std::string(60'000, 'x')}});
    EXPECT_GT(big.size(), kMaxJwsBytes);
    expect_refused(big, key, "compact form");
    EXPECT_EQ(claimed_key_id(big), "");
}

TEST(Jws, every_damaged_byte_and_every_truncation_is_refused) {
    const auto key = key_of(1);
    const auto jws = sign_jws(key, kTyp, json::bj::object{{"a", 1}, {"text", "hello"}});
    std::size_t tried = 0;
    const auto accepted = first_damage_accepted(
        jws, [&](const std::string& text) { return open_jws(text, kTyp, key.public_key()); },
        &tried, Flips::every_bit);
    EXPECT_EQ(accepted, "");
    EXPECT_GT(tried, jws.size() * 10);
}

}  // namespace
}  // namespace latchkey::licensing
