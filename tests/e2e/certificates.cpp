#include "tests/e2e/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace latchkey::e2e {
namespace {

template <auto free_it>
struct Free {
    template <class T>
    void operator()(T* thing) const {
        free_it(thing);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key make_key() {
    Key key(EVP_EC_gen("P-256"));
    must(key != nullptr, "key");
    return key;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    must(extension != nullptr, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate make_certificate(const char* name, long serial, EVP_PKEY* key, int from_days,
                             int to_days) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_days * 86400L);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return certificate;
}

template <class Write>
std::string pem(Write write) {
    const Memory memory(BIO_new(BIO_s_mem()));
    must(write(memory.get()) == 1, "PEM");
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

CertificateFiles make_certificates(int from_days, int to_days, const std::string& name) {
    const auto authority_key = make_key();
    const auto authority = make_certificate("Test authority", 1, authority_key.get(), -100, 100);
    X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get()));
    add_extension(authority.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    must(X509_sign(authority.get(), authority_key.get(), EVP_sha256()) > 0, "sign authority");

    const auto key = make_key();
    const auto leaf = make_certificate("Test server", 2, key.get(), from_days, to_days);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(authority.get()));
    add_extension(leaf.get(), NID_subject_alt_name, name);
    add_extension(leaf.get(), NID_ext_key_usage, "serverAuth");
    must(X509_sign(leaf.get(), authority_key.get(), EVP_sha256()) > 0, "sign certificate");

    return {pem([&](BIO* to) { return PEM_write_bio_X509(to, authority.get()); }),
            pem([&](BIO* to) { return PEM_write_bio_X509(to, leaf.get()); }), pem([&](BIO* to) {
                return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr,
                                                nullptr);
            })};
}

}  // namespace latchkey::e2e
