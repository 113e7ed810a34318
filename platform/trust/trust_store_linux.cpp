#include "platform/trust/trust_store.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace latchkey::platform {
namespace {

namespace fs = std::filesystem;

/// Where the distributions keep one file of everything; reading one costs tens of milliseconds.
constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",
};

bool is_hash_name(const std::string& name) {
    return name.size() >= 10 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8;
}

/// A directory whose files are named by the hash of their subject: OpenSSL then opens only the one
/// it needs, when it needs it.
bool is_hashed_directory(const fs::path& path) {
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error))
        if (is_hash_name(entry->path().filename().native())) return true;
    return false;
}

bool is_set(const char* variable) {
    const char* const value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

}  // namespace

Result<void> trust_system_roots(SSL_CTX* context) {
    // SSL_CERT_FILE and SSL_CERT_DIR are what an administrator expects to work.
    const bool named_by_admin =
        is_set(X509_get_default_cert_file_env()) || is_set(X509_get_default_cert_dir_env());
    if (named_by_admin || is_hashed_directory(X509_get_default_cert_dir())) {
        if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
    } else if (is_hashed_directory("/etc/ssl/certs")) {
        if (SSL_CTX_load_verify_dir(context, "/etc/ssl/certs") == 1) return {};
    }
    for (const char* bundle : kBundles) {
        std::error_code error;
        if (fs::exists(bundle, error) && SSL_CTX_load_verify_file(context, bundle) == 1) return {};
    }
    ERR_clear_error();
    return fail(Code::tls_untrusted,
                "this system has no certificate authorities; install the package ca-certificates");
}

}  // namespace latchkey::platform
