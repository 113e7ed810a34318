#include "agent/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "platform/trust_store.h"

namespace latchkey::net {
namespace {

constexpr const char* kAeadSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

int trouble_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::string issuer_of(X509* certificate) {
    if (certificate == nullptr) return {};
    char text[256] = {};
    X509_NAME_oneline(X509_get_issuer_name(certificate), text, sizeof text);
    for (char& c : text)
        if (c != '\0' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) c = '?';
    return text;
}

/// Notes the first thing that is wrong; the answer stays OpenSSL's.
int note_trouble(int ok, X509_STORE_CTX* store) {
    if (ok == 1) return ok;
    const auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* trouble = static_cast<CertificateTrouble*>(SSL_get_ex_data(ssl, trouble_index()));
    if (trouble != nullptr && trouble->error == 0) {
        trouble->error = X509_STORE_CTX_get_error(store);
        trouble->issuer = issuer_of(X509_STORE_CTX_get_current_cert(store));
    }
    return ok;
}

std::string last_openssl_reason() {
    const auto error = ERR_get_error();
    if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
    const char* reason = ERR_reason_error_string(error);
    return reason != nullptr ? reason : "unknown error";
}

Result<void> trust(SSL_CTX* context, const std::string& ca_file) {
    if (ca_file.empty()) return platform::trust_system_roots(context);
    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1)
        return fail(Code::tls_untrusted,
                    "cannot use the CA file " + ca_file + ": " + last_openssl_reason());
    return {};
}

bool is_address(const std::string& host) {
    if (host.find(':') != std::string::npos) return true;
    return host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> TlsContexts::get(const std::string& ca_file) {
    std::error_code ignored;
    const auto written = std::filesystem::last_write_time(ca_file, ignored);
    const auto known = loaded_.find(ca_file);
    if (known != loaded_.end() && known->second.written == written) return known->second.context;
    auto context =
        std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(native, kAeadSuites);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, note_trouble);
    if (auto trusted = trust(native, ca_file); !trusted) return fail(std::move(trusted.error()));
    loaded_[ca_file] = {context, written};
    return context;
}

std::string CertificateTrouble::reason() const {
    std::string text = X509_verify_cert_error_string(error);
    if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
        error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
        error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)
        text += "; it was issued by " + (issuer.empty() ? "nobody named" : issuer);
    return text;
}

void expect_server(SSL* ssl, const std::string& host, CertificateTrouble& trouble) {
    SSL_set_ex_data(ssl, trouble_index(), &trouble);
    if (is_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
        return;
    }
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, host.c_str());
}

}  // namespace latchkey::net
