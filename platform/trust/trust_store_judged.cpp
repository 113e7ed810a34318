#include "platform/trust/trust_store.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <string>

#include "platform/trust/trust_store_chain.h"

namespace latchkey::platform {
namespace {

/// What the context's owner says to that, as OpenSSL would ask it: true where it is no reason.
bool is_excused(X509_STORE_CTX* store, int error, std::size_t depth, X509* certificate) {
    X509_STORE_CTX_set_error(store, error);
    X509_STORE_CTX_set_error_depth(store, static_cast<int>(depth));
    X509_STORE_CTX_set_current_cert(store, certificate);
    const auto ask = X509_STORE_CTX_get_verify_cb(store);
    return ask != nullptr && ask(0, store) == 1;
}

std::string text_and_free(char* text) {
    const std::string copy = text == nullptr ? "" : text;
    OPENSSL_free(text);
    return copy;
}

struct Name {
    std::string host;
    std::string address;
    unsigned flags = 0;
};

Name expected_name(X509_STORE_CTX* store) {
    X509_VERIFY_PARAM* const demands = X509_STORE_CTX_get0_param(store);
    const char* const host = X509_VERIFY_PARAM_get0_host(demands, 0);
    return {host == nullptr ? "" : host, text_and_free(X509_VERIFY_PARAM_get1_ip_asc(demands)),
            X509_VERIFY_PARAM_get_hostflags(demands)};
}

int name_error(X509* certificate, const Name& name) {
    if (!name.host.empty() &&
        X509_check_host(certificate, name.host.c_str(), name.host.size(), name.flags, nullptr) != 1)
        return X509_V_ERR_HOSTNAME_MISMATCH;
    if (!name.address.empty() && X509_check_ip_asc(certificate, name.address.c_str(), 0) != 1)
        return X509_V_ERR_IP_ADDRESS_MISMATCH;
    return X509_V_OK;
}

int date_error(X509* certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0
               ? X509_V_ERR_CERT_NOT_YET_VALID
               : X509_V_ERR_CERT_HAS_EXPIRED;
}

/// In place of X509_verify_cert, and as that does: trust, name, dates, each trouble told to the
/// context's own callback. What the system cannot judge, OpenSSL does by what the context holds.
int judge(X509_STORE_CTX* store, void*) {
    X509* const leaf = X509_STORE_CTX_get0_cert(store);
    const Name name = expected_name(store);
    const auto verdict = judge_chain(leaf, X509_STORE_CTX_get0_untrusted(store), name.host);
    if (!verdict) return X509_verify_cert(store);
    const auto& chain = verdict->chain;
    if (verdict->error != X509_V_OK &&
        !is_excused(store, verdict->error, chain.size() - 1, chain.back().certificate.get()))
        return 0;
    if (const int error = name_error(leaf, name);
        error != X509_V_OK && !is_excused(store, error, 0, leaf))
        return 0;
    for (std::size_t depth = chain.size(); depth-- > 0;) {
        X509* const certificate = chain[depth].certificate.get();
        if (chain[depth].out_of_date &&
            !is_excused(store, date_error(certificate), depth, certificate))
            return 0;
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

}  // namespace

Result<void> trust_system_roots(SSL_CTX* context) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    for (const auto& certificate : certificates_for_openssl())
        X509_STORE_add_cert(store, certificate.get());
    ERR_clear_error();
    SSL_CTX_set_cert_verify_callback(context, judge, nullptr);
    return {};
}

}  // namespace latchkey::platform
