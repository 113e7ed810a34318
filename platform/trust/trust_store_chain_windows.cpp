#include "platform/trust/trust_store_chain.h"

#include <windows.h>

#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include <wincrypt.h>

// OpenSSL has names of wincrypt.h for its own.
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// The agent waits for it, and answers nobody meanwhile.
constexpr DWORD kFetchMilliseconds = 3'000;

constexpr DWORD kSomebodyIsMissing = CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_UNTRUSTED_ROOT;

// wininet.h's
constexpr DWORD kIgnoreRevocation = 0x80;
constexpr DWORD kIgnoreDate = 0x2000;
constexpr DWORD kIgnoreName = 0x1000;

struct CloseStore {
    void operator()(void* store) const { ::CertCloseStore(store, 0); }
};
struct FreeCertificate {
    void operator()(const CERT_CONTEXT* one) const { ::CertFreeCertificateContext(one); }
};
struct FreeChain {
    void operator()(const CERT_CHAIN_CONTEXT* one) const { ::CertFreeCertificateChain(one); }
};
using Store = std::unique_ptr<void, CloseStore>;
using Certificate = std::unique_ptr<const CERT_CONTEXT, FreeCertificate>;
using Chain = std::unique_ptr<const CERT_CHAIN_CONTEXT, FreeChain>;

Certificate add(const Store& store, X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    if (size <= 0) return nullptr;
    const CERT_CONTEXT* added = nullptr;
    ::CertAddEncodedCertificateToStore(store.get(), X509_ASN_ENCODING, bytes,
                                       static_cast<DWORD>(size), CERT_STORE_ADD_ALWAYS, &added);
    OPENSSL_free(bytes);
    return Certificate(added);
}

std::shared_ptr<X509> openssl_of(const CERT_CONTEXT& certificate) {
    const unsigned char* bytes = certificate.pbCertEncoded;
    return {d2i_X509(nullptr, &bytes, static_cast<long>(certificate.cbCertEncoded)), X509_free};
}

Chain build(const CERT_CONTEXT* leaf, const Store& others, DWORD flags) {
    static char server[] = szOID_PKIX_KP_SERVER_AUTH;
    std::array<LPSTR, 1> purposes{server};
    CERT_CHAIN_PARA wanted{};
    wanted.cbSize = sizeof wanted;
    wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    wanted.RequestedUsage.Usage.cUsageIdentifier = static_cast<DWORD>(purposes.size());
    wanted.RequestedUsage.Usage.rgpszUsageIdentifier = purposes.data();
    wanted.dwUrlRetrievalTimeout = kFetchMilliseconds;
    const CERT_CHAIN_CONTEXT* chain = nullptr;
    // The machine's engine: what a user trusts for himself is nothing to the agent.
    ::CertGetCertificateChain(HCCE_LOCAL_MACHINE, leaf, nullptr, others.get(), &wanted,
                              flags | CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT |
                                  CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY,
                              nullptr, &chain);
    return Chain(chain);
}

/// 0, or what Windows' policy for servers says. Dates are another question.
DWORD policy_error(const CERT_CHAIN_CONTEXT& chain, const std::string& host) {
    std::wstring name = wide(host);
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA server{};
    server.cbSize = sizeof server;
    server.dwAuthType = AUTHTYPE_SERVER;
    // The name is checked as on every system; given all the same, for rules that go by it.
    server.fdwChecks = kIgnoreRevocation | kIgnoreDate | kIgnoreName;
    server.pwszServerName = name.empty() ? nullptr : name.data();
    CERT_CHAIN_POLICY_PARA policy{};
    policy.cbSize = sizeof policy;
    policy.dwFlags = CERT_CHAIN_POLICY_IGNORE_ALL_NOT_TIME_VALID_FLAGS |
                     CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS;
    policy.pvExtraPolicyPara = &server;
    CERT_CHAIN_POLICY_STATUS status{};
    status.cbSize = sizeof status;
    if (!::CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, &chain, &policy, &status))
        return static_cast<DWORD>(CERT_E_CRITICAL);
    return status.dwError;
}

int openssl_error(DWORD error, std::size_t length) {
    switch (static_cast<HRESULT>(error)) {
        case S_OK:
            return X509_V_OK;
        case CERT_E_UNTRUSTEDROOT:
            return length == 1 ? X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
                               : X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
        case CERT_E_CHAINING:
            return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        case CERT_E_REVOKED:
        case CRYPT_E_REVOKED:
            return X509_V_ERR_CERT_REVOKED;
        case CERT_E_WRONG_USAGE:
            return X509_V_ERR_INVALID_PURPOSE;
        case TRUST_E_BASIC_CONSTRAINTS:
            return X509_V_ERR_INVALID_CA;
        case TRUST_E_CERT_SIGNATURE:
            return X509_V_ERR_CERT_SIGNATURE_FAILURE;
        default:
            return X509_V_ERR_CERT_REJECTED;
    }
}

/// What may be wrong with a chain that is trusted all the same: dates are another question, and who
/// could not be asked about revocation says nothing. Everything else ends it, whatever the policy
/// makes of it: Wine's overlooks a chain without a root.
int chain_error(DWORD status, std::size_t length) {
    constexpr DWORD kBearable = CERT_TRUST_IS_NOT_TIME_VALID | CERT_TRUST_IS_NOT_TIME_NESTED |
                                CERT_TRUST_REVOCATION_STATUS_UNKNOWN |
                                CERT_TRUST_IS_OFFLINE_REVOCATION;
    if ((status & CERT_TRUST_IS_REVOKED) != 0) return X509_V_ERR_CERT_REVOKED;
    if ((status & CERT_TRUST_IS_PARTIAL_CHAIN) != 0)
        return openssl_error(static_cast<DWORD>(CERT_E_CHAINING), length);
    if ((status & CERT_TRUST_IS_UNTRUSTED_ROOT) != 0)
        return openssl_error(static_cast<DWORD>(CERT_E_UNTRUSTEDROOT), length);
    return (status & ~kBearable) == 0 ? X509_V_OK : X509_V_ERR_CERT_REJECTED;
}

bool is_distrusted(const Store& distrusted, const CERT_CONTEXT* certificate) {
    std::array<BYTE, 20> digest{};
    auto size = static_cast<DWORD>(digest.size());
    if (!::CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, digest.data(),
                                             &size))
        return true;
    CRYPT_HASH_BLOB wanted{size, digest.data()};
    return Certificate(::CertFindCertificateInStore(distrusted.get(), X509_ASN_ENCODING, 0,
                                                    CERT_FIND_SHA1_HASH, &wanted, nullptr)) !=
           nullptr;
}

/// By the store's own word on the certificate, not the certificate's.
bool is_for_servers(const CERT_CONTEXT* certificate) {
    DWORD size = 0;
    constexpr DWORD kOfTheStore = CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG;
    if (!::CertGetEnhancedKeyUsage(certificate, kOfTheStore, nullptr, &size))
        return static_cast<HRESULT>(::GetLastError()) == CRYPT_E_NOT_FOUND;  // for everything
    std::vector<std::uint64_t> memory(size / sizeof(std::uint64_t) + 1);
    auto* const usage = reinterpret_cast<CERT_ENHKEY_USAGE*>(memory.data());
    if (!::CertGetEnhancedKeyUsage(certificate, kOfTheStore, usage, &size)) return false;
    return std::any_of(
        usage->rgpszUsageIdentifier, usage->rgpszUsageIdentifier + usage->cUsageIdentifier,
        [](const char* purpose) { return std::string_view(purpose) == szOID_PKIX_KP_SERVER_AUTH; });
}

Store open_machine_store(const wchar_t* name) {
    return Store(::CertOpenStore(
        CERT_STORE_PROV_SYSTEM_W, 0, 0,
        CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG,
        name));
}

}  // namespace

std::optional<ChainVerdict> judge_chain(X509* certificate, const stack_st_X509* others,
                                        const std::string& host) {
    const Store memory(::CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, nullptr));
    if (!memory || certificate == nullptr) return std::nullopt;
    const Certificate leaf = add(memory, certificate);
    if (!leaf) return std::nullopt;
    for (int i = 0; others != nullptr && i < sk_X509_num(others); ++i)
        add(memory, sk_X509_value(others, i));
    Chain chain = build(leaf.get(), memory, CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL);
    if (chain && (chain->TrustStatus.dwErrorStatus & kSomebodyIsMissing) != 0)
        chain = build(leaf.get(), memory, 0);
    if (!chain || chain->cChain == 0 || chain->rgpChain[0]->cElement == 0) return std::nullopt;

    ChainVerdict verdict;
    const CERT_SIMPLE_CHAIN& found = *chain->rgpChain[0];
    for (DWORD i = 0; i < found.cElement; ++i) {
        const CERT_CHAIN_ELEMENT& element = *found.rgpElement[i];
        const bool late = (element.TrustStatus.dwErrorStatus & CERT_TRUST_IS_NOT_TIME_VALID) != 0;
        verdict.chain.push_back({openssl_of(*element.pCertContext), late});
        if (!verdict.chain.back().certificate) return std::nullopt;
    }
    verdict.error = openssl_error(policy_error(*chain, host), verdict.chain.size());
    if (verdict.error == X509_V_OK)
        verdict.error = chain_error(chain->TrustStatus.dwErrorStatus, verdict.chain.size());
    return verdict;
}

std::vector<std::shared_ptr<X509>> certificates_for_openssl() {
    std::vector<std::shared_ptr<X509>> found;
    const Store distrusted = open_machine_store(L"Disallowed");
    for (const wchar_t* name : {L"ROOT", L"CA"}) {
        const Store store = open_machine_store(name);
        const CERT_CONTEXT* one = nullptr;
        while (store && (one = ::CertEnumCertificatesInStore(store.get(), one)) != nullptr) {
            if (!is_for_servers(one) || (distrusted && is_distrusted(distrusted, one))) continue;
            if (auto certificate = openssl_of(*one)) found.push_back(std::move(certificate));
        }
    }
    return found;
}

}  // namespace latchkey::platform
