#include "agent/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>

#include "agent/net/ca_file.h"
#include "base/path_text.h"
#include "platform/secure_file.h"
#include "platform/service/service_user.h"
#include "platform/trust/trust_store.h"

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

std::shared_ptr<X509> shared(X509* certificate) {
    if (certificate == nullptr) return nullptr;
    X509_up_ref(certificate);
    return {certificate, X509_free};
}

std::shared_ptr<STACK_OF(X509)> shared(STACK_OF(X509) * chain) {
    if (chain == nullptr) return nullptr;
    return {X509_chain_up_ref(chain),
            [](STACK_OF(X509) * copy) { sk_X509_pop_free(copy, X509_free); }};
}

/// The calendar calls the certificate too young, and a signed time knows better.
bool has_begun_all_the_same(X509_STORE_CTX* store, const std::optional<ServerTime>& passed) {
    if (!passed || X509_STORE_CTX_get_error(store) != X509_V_ERR_CERT_NOT_YET_VALID) return false;
    auto at =
        static_cast<std::time_t>(std::chrono::floor<seconds>(passed->time_since_epoch()).count());
    return X509_cmp_time(X509_get0_notBefore(X509_STORE_CTX_get_current_cert(store)), &at) < 0;
}

/// Notes the first thing that is wrong. The answer stays OpenSSL's, but for a machine whose clock
/// lost its battery: it would never reach the key server that tells it the time.
int note_trouble(int ok, X509_STORE_CTX* store) {
    if (ok == 1) return ok;
    const auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* trouble = static_cast<CertificateTrouble*>(SSL_get_ex_data(ssl, trouble_index()));
    if (trouble != nullptr && has_begun_all_the_same(store, trouble->passed)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (trouble != nullptr && trouble->error == 0) {
        trouble->error = X509_STORE_CTX_get_error(store);
        trouble->issuer = issuer_of(X509_STORE_CTX_get_current_cert(store));
        trouble->certificate = shared(X509_STORE_CTX_get0_cert(store));
        trouble->chain = shared(X509_STORE_CTX_get0_untrusted(store));
    }
    return ok;
}

std::string last_openssl_reason() {
    const auto error = ERR_get_error();
    if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
    return "it holds no certificate in PEM form";
}

/// No right to the file itself would help: it lies where the service does not see it.
bool is_closed(const std::filesystem::path& file) {
    std::error_code error;
    (void)std::filesystem::status(file, error);
    return error == std::errc::permission_denied && !platform::unseen_remedy(file).empty();
}

Result<void> load_authorities(X509_STORE* store, const std::string& ca_file) {
    if (const auto path = utf8_path(ca_file); is_closed(path))
        return tl::unexpected(Problem{Code::config_invalid,
                                      "cannot use the CA file " + ca_file + ": Permission denied",
                                      platform::unseen_remedy(path)});
    if (const auto own = platform::check_unchangeable_by_others(utf8_path(ca_file)); !own)
        return tl::unexpected(
            Problem{Code::config_invalid, "the CA file " + own.error().detail, own.error().remedy});
    ERR_clear_error();
    if (X509_STORE_load_file(store, ca_file.c_str()) == 1) return {};
    return tl::unexpected(Problem{
        Code::config_invalid, "cannot use the CA file " + ca_file + ": " + last_openssl_reason(),
        "Put the authority's certificate there (PEM, readable for the agent) or correct ca_file, "
        "then run 'latchkey reload'."});
}

Result<void> trust(SSL_CTX* context, const std::string& ca_file) {
    if (ca_file.empty()) return platform::trust_system_roots(context);
    return load_authorities(SSL_CTX_get_cert_store(context), ca_file);
}

bool is_address(const std::string& host) {
    if (host.find(':') != std::string::npos) return true;
    return host.find_first_not_of("0123456789.") == std::string::npos;
}

void demand_name(X509_VERIFY_PARAM* demands, const std::string& host) {
    if (is_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(demands, host.c_str());
        return;
    }
    X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(demands, host.c_str(), host.size());
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> TlsContexts::get(const std::string& ca_file) {
    std::error_code ignored;
    const auto written = std::filesystem::last_write_time(utf8_path(ca_file), ignored);
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

Result<void> check_ca_file(const std::string& path) {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                        X509_STORE_free);
    return load_authorities(store.get(), path);
}

bool CertificateTrouble::is_unknown_issuer() const {
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

std::string CertificateTrouble::reason() const {
    std::string text = X509_verify_cert_error_string(error);
    if (is_unknown_issuer())
        text += "; it was issued by " + (issuer.empty() ? "nobody named" : issuer);
    return text;
}

bool is_good_for_the_system(const CertificateTrouble& trouble, const std::string& host) {
    boost::asio::ssl::context system(boost::asio::ssl::context::tls_client);
    if (!platform::trust_system_roots(system.native_handle())) return false;
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(
        X509_STORE_CTX_new(), X509_STORE_CTX_free);
    if (X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(system.native_handle()),
                            trouble.certificate.get(), trouble.chain.get()) != 1)
        return false;
    X509_STORE_CTX_set_default(check.get(), "ssl_server");
    demand_name(X509_STORE_CTX_get0_param(check.get()), host);
    return X509_verify_cert(check.get()) == 1;
}

std::string issuer_of_peer(SSL* ssl) { return issuer_of(SSL_get0_peer_certificate(ssl)); }

void expect_server(SSL* ssl, const std::string& host, CertificateTrouble& trouble) {
    SSL_set_ex_data(ssl, trouble_index(), &trouble);
    if (!is_address(host)) SSL_set_tlsext_host_name(ssl, host.c_str());
    demand_name(SSL_get0_param(ssl), host);
}

}  // namespace latchkey::net
