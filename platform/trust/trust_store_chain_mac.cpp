#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <span>

#include "platform/core_foundation_mac.h"
#include "platform/security_mac.h"
#include "platform/trust/trust_store_chain.h"

namespace latchkey::platform {
namespace {

using Chain = std::vector<ChainLink>;

/// What one evaluation said.
struct Answer {
    int error = X509_V_OK;
    Chain chain;
};

/// SecBase.h's codes, as OpenSSL would name the trouble. Security names one of several, and the
/// dates may come first; so a date is a rejection like any other, never one that the calendar's
/// failings excuse. judge_chain asks again on a day when the dates hold.
int openssl_error(CfIndex code, std::size_t length) {
    switch (code) {
        case -67843:  // errSecNotTrusted
            return length == 1 ? X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
                               : X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
        case -25318:  // errSecCreateChainFailed
            return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        case -67820:  // errSecCertificateRevoked
            return X509_V_ERR_CERT_REVOKED;
        case -67602:  // errSecHostNameMismatch
            return X509_V_ERR_HOSTNAME_MISMATCH;
        case -67609:  // errSecInvalidExtendedKeyUsage
            return X509_V_ERR_INVALID_PURPOSE;
        default:
            return X509_V_ERR_CERT_REJECTED;
    }
}

bool is_out_of_date(X509* certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 ||
           X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

bool has_out_of_date(const Chain& chain) {
    return std::any_of(chain.begin(), chain.end(),
                       [](const ChainLink& link) { return link.out_of_date; });
}

CfRef certificate_of(const CoreFoundation& cf, const Security& mac, X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    if (size <= 0) return {};
    const CfRef der = cf_data(cf, {bytes, static_cast<std::size_t>(size)});
    OPENSSL_free(bytes);
    return der ? CfRef(mac.certificate(nullptr, der.get())) : CfRef();
}

std::shared_ptr<X509> openssl_of(const CoreFoundation& cf, const Security& mac,
                                 CfType certificate) {
    const CfRef der(mac.certificate_der(certificate));
    if (!der) return nullptr;
    const unsigned char* bytes = cf.data_bytes(der.get());
    return {d2i_X509(nullptr, &bytes, cf.data_length(der.get())), X509_free};
}

std::optional<std::time_t> seconds_of(const ASN1_TIME* time) {
    std::tm when{};
    if (ASN1_TIME_to_tm(time, &when) != 1) return std::nullopt;
    return ::timegm(&when);
}

/// A second at which every one of them is valid.
std::optional<std::time_t> moment_within(const Chain& chain) {
    std::time_t from = std::numeric_limits<std::time_t>::min();
    std::time_t to = std::numeric_limits<std::time_t>::max();
    for (const auto& link : chain) {
        const auto begins = seconds_of(X509_get0_notBefore(link.certificate.get()));
        const auto ends = seconds_of(X509_get0_notAfter(link.certificate.get()));
        if (!begins || !ends) return std::nullopt;
        from = std::max(from, *begins);
        to = std::min(to, *ends);
    }
    if (from > to) return std::nullopt;
    // In the middle: at its very edge it would be Security's business which second still counts.
    return from + (to - from) / 2;
}

bool set_date(const CoreFoundation& cf, const Security& mac, CfType trust, std::time_t moment) {
    constexpr double kFrom1970To2001 = 978'307'200;
    const CfRef date(cf.date_create(nullptr, static_cast<double>(moment) - kFrom1970To2001));
    return date && mac.set_date(trust, date.get()) == 0;
}

CfRef trust_object(const CoreFoundation& cf, const Security& mac,
                   std::span<const CfRef> certificates, const std::string& host) {
    std::vector<CfType> objects;
    for (const auto& certificate : certificates) objects.push_back(certificate.get());
    const CfRef array(cf.array_create(nullptr, objects.data(), static_cast<CfIndex>(objects.size()),
                                      cf.array_callbacks));
    // The name is checked as on every system; given all the same, for trust that goes by it.
    const CfRef name = host.empty() ? CfRef() : cf_string(cf, host);
    const CfRef policy(mac.ssl_policy(1, name.get()));
    CfRef trust;
    if (!array || !policy || mac.trust(array.get(), policy.get(), trust.fill()) != 0) return {};
    return trust;
}

std::optional<Answer> evaluate(const CoreFoundation& cf, const Security& mac, CfType trust) {
    CfRef error;
    const bool trusted = mac.evaluate(trust, error.fill());
    Answer answer;
    for (CfIndex i = 0; i < mac.count(trust); ++i) {
        auto one = openssl_of(cf, mac, mac.at(trust, i));
        if (!one) return std::nullopt;
        const bool out_of_date = is_out_of_date(one.get());
        answer.chain.push_back({std::move(one), out_of_date});
    }
    if (answer.chain.empty()) return std::nullopt;
    if (!trusted)
        answer.error = error ? openssl_error(cf.error_code(error.get()), answer.chain.size())
                             : X509_V_ERR_CERT_REJECTED;
    return answer;
}

}  // namespace

/// Whether the dates alone are wrong is known when the same certificates are trusted on a day that
/// lies within them all.
std::optional<ChainVerdict> judge_chain(X509* certificate, const stack_st_X509* others,
                                        const std::string& host) {
    const CoreFoundation* const cf = core_foundation();
    const Security* const mac = security();
    if (cf == nullptr || mac == nullptr || certificate == nullptr) return std::nullopt;
    std::vector<CfRef> certificates;
    certificates.push_back(certificate_of(*cf, *mac, certificate));
    if (!certificates.front()) return std::nullopt;
    for (int i = 0; others != nullptr && i < sk_X509_num(others); ++i)
        if (auto other = certificate_of(*cf, *mac, sk_X509_value(others, i)))
            certificates.push_back(std::move(other));

    const CfRef trust = trust_object(*cf, *mac, certificates, host);
    // The agent waits for the answer, and answers nobody meanwhile: the network is left out of it.
    if (!trust || mac->allow_fetching(trust.get(), 0) != 0) return std::nullopt;
    auto answer = evaluate(*cf, *mac, trust.get());
    if (!answer) return std::nullopt;
    if (answer->error != X509_V_OK && has_out_of_date(answer->chain))
        if (const auto moment = moment_within(answer->chain)) {
            if (!set_date(*cf, *mac, trust.get(), *moment)) return std::nullopt;
            answer = evaluate(*cf, *mac, trust.get());
            if (!answer) return std::nullopt;
            // Another way to a root, without a date to complain of: it was something else.
            if (answer->error == X509_V_OK && !has_out_of_date(answer->chain))
                answer->error = X509_V_ERR_CERT_REJECTED;
        }
    return ChainVerdict{answer->error, std::move(answer->chain)};
}

/// None: without the system's verifier nobody is trusted.
std::vector<std::shared_ptr<X509>> certificates_for_openssl() { return {}; }

}  // namespace latchkey::platform
