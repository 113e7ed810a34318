#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <span>

#include "platform/core_foundation_mac.h"
#include "platform/trust_store_chain.h"

namespace latchkey::platform {
namespace {

/// Security.framework's (SecTrust.h, SecPolicy.h, SecCertificate.h), as far as they are asked.
struct Security {
    CfType (*certificate)(CfType allocator, CfType der);
    CfType (*certificate_der)(CfType certificate);
    CfType (*ssl_policy)(unsigned char server, CfType host);
    std::int32_t (*trust)(CfType certificates, CfType policy, CfType* trust);
    std::int32_t (*allow_fetching)(CfType trust, unsigned char allowed);
    std::int32_t (*set_date)(CfType trust, CfType date);
    bool (*evaluate)(CfType trust, CfType* error);
    CfIndex (*count)(CfType trust);
    CfType (*at)(CfType trust, CfIndex);
};

const Security* security() {
    static Security found{};
    static const bool complete = [] {
        void* const library = open_framework("Security");
        return find_symbol(library, "SecCertificateCreateWithData", found.certificate) &&
               find_symbol(library, "SecCertificateCopyData", found.certificate_der) &&
               find_symbol(library, "SecPolicyCreateSSL", found.ssl_policy) &&
               find_symbol(library, "SecTrustCreateWithCertificates", found.trust) &&
               find_symbol(library, "SecTrustSetNetworkFetchAllowed", found.allow_fetching) &&
               find_symbol(library, "SecTrustSetVerifyDate", found.set_date) &&
               find_symbol(library, "SecTrustEvaluateWithError", found.evaluate) &&
               // The one call for both is macOS 12's.
               find_symbol(library, "SecTrustGetCertificateCount", found.count) &&
               find_symbol(library, "SecTrustGetCertificateAtIndex", found.at);
    }();
    return complete ? &found : nullptr;
}

/// SecBase.h's codes, as OpenSSL would name the trouble.
int openssl_error(CfIndex code, std::size_t length) {
    switch (code) {
        case -67843:  // errSecNotTrusted
            return length == 1 ? X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
                               : X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
        case -25318:  // errSecCreateChainFailed
            return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        case -67820:  // errSecCertificateRevoked
            return X509_V_ERR_CERT_REVOKED;
        case -67818:  // errSecCertificateExpired
            return X509_V_ERR_CERT_HAS_EXPIRED;
        case -67819:  // errSecCertificateNotValidYet
            return X509_V_ERR_CERT_NOT_YET_VALID;
        case -67602:  // errSecHostNameMismatch
            return X509_V_ERR_HOSTNAME_MISMATCH;
        case -67609:  // errSecInvalidExtendedKeyUsage
            return X509_V_ERR_INVALID_PURPOSE;
        default:
            return X509_V_ERR_CERT_REJECTED;
    }
}

bool is_early(X509* certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0;
}
bool is_late(X509* certificate) {
    return X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
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

/// Dates are another question, so a server's certificate that is out of date is judged as on the
/// last or first day that it was not.
CfRef date_within(const CoreFoundation& cf, X509* certificate) {
    constexpr double kFrom1970To2001 = 978'307'200;
    std::tm when{};
    const ASN1_TIME* const edge =
        is_early(certificate) ? X509_get0_notBefore(certificate) : X509_get0_notAfter(certificate);
    if (ASN1_TIME_to_tm(edge, &when) != 1) return {};
    return CfRef(cf.date_create(nullptr, static_cast<double>(::timegm(&when)) - kFrom1970To2001));
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

}  // namespace

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
    if (is_early(certificate) || is_late(certificate)) {
        const CfRef date = date_within(*cf, certificate);
        if (!date || mac->set_date(trust.get(), date.get()) != 0) return std::nullopt;
    }
    CfRef error;
    const bool trusted = mac->evaluate(trust.get(), error.fill());

    ChainVerdict verdict;
    for (CfIndex i = 0; i < mac->count(trust.get()); ++i) {
        auto one = openssl_of(*cf, *mac, mac->at(trust.get(), i));
        if (!one) return std::nullopt;
        const bool out_of_date = is_early(one.get()) || is_late(one.get());
        verdict.chain.push_back({std::move(one), out_of_date});
    }
    if (verdict.chain.empty()) return std::nullopt;
    if (!trusted)
        verdict.error = error ? openssl_error(cf->error_code(error.get()), verdict.chain.size())
                              : X509_V_ERR_CERT_REJECTED;
    return verdict;
}

/// None: without the system's verifier nobody is trusted.
std::vector<std::shared_ptr<X509>> certificates_for_openssl() { return {}; }

}  // namespace latchkey::platform
