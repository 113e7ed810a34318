#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <functional>
#include <utility>

#include "platform/security_mac.h"
#include "platform/trust/trust_store_chain.h"
#include "tests/unit/agent_net/test_pki.h"
#include "tests/unit/platform/fake_core_foundation.h"

namespace latchkey::platform {
namespace {

using net::Age;
using net::Identity;
using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kFrom1970To2001 = 978'307'200;
constexpr CfIndex kTrusted = 0;
constexpr CfIndex kUnknownRoot = -67843;
constexpr CfIndex kExpired = -67818;
constexpr CfIndex kNotYetValid = -67819;

FakeObject object_of(const Identity& identity) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(identity.certificate.get(), &bytes);
    FakeObject made{Bytes(bytes, bytes + size)};
    OPENSSL_free(bytes);
    return made;
}

FakeObject copy_of(CfType object) { return *static_cast<const FakeObject*>(object); }

/// Security.framework as far as one judgement goes: a test says what it answers on which day.
struct FakeSecurity {
    FakeObject::List chain;
    std::function<CfIndex(std::int64_t day)> judge;  ///< in days from today
    std::int64_t day = 0;
    std::vector<std::int64_t> asked;
};
FakeSecurity mac;

std::int64_t days_from_now(std::int64_t seconds_since_2001) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return (seconds_since_2001 + kFrom1970To2001 - now) / 86400;
}

bool evaluate(CfType, CfType* error) {
    mac.asked.push_back(mac.day);
    const CfIndex code = mac.judge(mac.day);
    if (code != kTrusted) *error = new FakeObject{static_cast<std::int64_t>(code)};
    return code == kTrusted;
}

std::optional<ChainVerdict> judged(const FakeObject::List& chain, const Identity& server,
                                   std::function<CfIndex(std::int64_t)> judge) {
    mac = {chain, std::move(judge), 0, {}};
    return judge_chain(server.certificate.get(), nullptr, "keys.example.org");
}

struct TrustStoreChainMac : testing::Test {
    Identity root = net::make_authority("root");
    Identity good = net::make_server(root, "DNS:keys.example.org", Age::valid);
    Identity old = net::make_server(root, "DNS:keys.example.org", Age::expired);
    Identity young = net::make_server(root, "DNS:keys.example.org", Age::not_begun);

    FakeObject::List chain(const Identity& server) const {
        return {object_of(server), object_of(root)};
    }
};

TEST_F(TrustStoreChainMac, what_the_system_trusts_is_asked_for_once) {
    const auto verdict = judged(chain(good), good, [](auto) { return kTrusted; });
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error, X509_V_OK);
    ASSERT_EQ(verdict->chain.size(), 2u);
    EXPECT_EQ(X509_cmp(verdict->chain[0].certificate.get(), good.certificate.get()), 0);
    EXPECT_FALSE(verdict->chain[0].out_of_date);
    EXPECT_EQ(mac.asked, std::vector<std::int64_t>{0});
}

TEST_F(TrustStoreChainMac, dates_alone_are_no_reason_and_are_told) {
    const auto verdict =
        judged(chain(young), young, [](auto day) { return day > 0 ? kTrusted : kNotYetValid; });
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error, X509_V_OK);
    EXPECT_TRUE(verdict->chain[0].out_of_date);
    EXPECT_FALSE(verdict->chain[1].out_of_date);
    ASSERT_EQ(mac.asked.size(), 2u);
    EXPECT_NEAR(static_cast<double>(mac.asked[1]), 183, 2);  // between tomorrow and a year ahead
}

TEST_F(TrustStoreChainMac, an_unknown_root_stays_unknown_where_the_system_names_the_date_first) {
    const auto verdict =
        judged(chain(young), young, [](auto day) { return day > 0 ? kUnknownRoot : kNotYetValid; });
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
}

TEST_F(TrustStoreChainMac, a_date_that_stays_wrong_is_a_rejection_and_never_a_date) {
    for (const CfIndex code : {kExpired, kNotYetValid})
        for (const Identity* server : {&good, &young}) {
            const auto verdict = judged(chain(*server), *server, [&](auto) { return code; });
            ASSERT_TRUE(verdict);
            EXPECT_EQ(verdict->error, X509_V_ERR_CERT_REJECTED);
        }
}

/// The server's own ended a day ago, and the root began an hour ago.
TEST_F(TrustStoreChainMac, certificates_that_were_never_valid_together_are_rejected) {
    X509_gmtime_adj(X509_getm_notBefore(root.certificate.get()), -3600);
    X509_sign(root.certificate.get(), root.key.get(), EVP_sha256());
    const auto verdict = judged(chain(old), old, [](auto) { return kExpired; });
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error, X509_V_ERR_CERT_REJECTED);
    EXPECT_EQ(mac.asked.size(), 1u);
}

TEST_F(TrustStoreChainMac, trust_on_another_day_by_way_of_valid_certificates_is_none) {
    const auto others = chain(good);
    const auto verdict = judged(chain(young), young, [&](auto day) {
        if (day == 0) return kNotYetValid;
        mac.chain = others;
        return kTrusted;
    });
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error, X509_V_ERR_CERT_REJECTED);
}

TEST_F(TrustStoreChainMac, every_code_has_a_name_that_no_clock_excuses) {
    const std::pair<CfIndex, int> names[] = {
        {-25318, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
        {-67820, X509_V_ERR_CERT_REVOKED},
        {-67602, X509_V_ERR_HOSTNAME_MISMATCH},
        {-67609, X509_V_ERR_INVALID_PURPOSE},
        {-67901, X509_V_ERR_CERT_REJECTED},
    };
    for (const auto& [code, name] : names) {
        const auto verdict = judged(chain(good), good, [code = code](auto) { return code; });
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->error, name) << code;
    }
    const auto alone = judged({object_of(root)}, root, [](auto) { return kUnknownRoot; });
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->error, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

}  // namespace

const Security* security() {
    static const Security fake = [] {
        Security s{};
        s.certificate = [](CfType, CfType der) -> CfType { return new FakeObject(copy_of(der)); };
        s.certificate_der = [](CfType one) -> CfType { return new FakeObject(copy_of(one)); };
        s.ssl_policy = [](unsigned char, CfType) -> CfType { return new FakeObject{true}; };
        s.trust = [](CfType certificates, CfType, CfType* trust) -> std::int32_t {
            *trust = new FakeObject(copy_of(certificates));
            return 0;
        };
        s.allow_fetching = [](CfType, unsigned char) -> std::int32_t { return 0; };
        s.set_date = [](CfType, CfType date) -> std::int32_t {
            mac.day = days_from_now(std::get<std::int64_t>(copy_of(date).value));
            return 0;
        };
        s.evaluate = evaluate;
        s.count = [](CfType) { return static_cast<CfIndex>(mac.chain.size()); };
        s.at = [](CfType, CfIndex i) { return mac.chain[static_cast<std::size_t>(i)].get(); };
        return s;
    }();
    return &fake;
}

}  // namespace latchkey::platform
