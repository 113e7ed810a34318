#pragma once

// Certificates made on the spot: an authority, and server certificates good and bad.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace latchkey::net {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

struct Identity {
    Key key;
    Certificate certificate;
};

enum class Age { valid, expired, not_begun };  ///< the last: from a day ahead on

/// A self-signed authority of that common name.
Identity make_authority(const std::string& name);

/// A server certificate signed by `authority`; `alt_name` as OpenSSL writes it: "IP:127.0.0.1".
Identity make_server(const Identity& authority, const std::string& alt_name, Age age);

/// Writes the certificate as PEM.
void write_pem(const Identity& identity, const std::filesystem::path& path);

}  // namespace latchkey::net
