#include "tests/unit/agent_net/test_pki.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>

namespace latchkey::net {
namespace {

constexpr long kYear = 365L * 86400;
constexpr long kDay = 86400;

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// Are both of the signature's numbers as long as they can be? Of 128 one is not.
bool is_long(const X509* certificate) {
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, certificate);
    const unsigned char* bytes = ASN1_STRING_get0_data(signature);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(
        d2i_ECDSA_SIG(nullptr, &bytes, ASN1_STRING_length(signature)), &ECDSA_SIG_free);
    return BN_num_bytes(ECDSA_SIG_get0_r(numbers.get())) == 32 &&
           BN_num_bytes(ECDSA_SIG_get0_s(numbers.get())) == 32;
}

/// Wine's verifier finds a signature with a shorter number wrong.
void sign(X509* certificate, const Key& key) {
    do X509_sign(certificate, key.get(), EVP_sha256());
    while (!is_long(certificate));
}

Identity begin(const std::string& name) {
    static long serial = 0;
    Identity identity{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
    X509* certificate = identity.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_set_pubkey(certificate, identity.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return identity;
}

}  // namespace

Identity make_authority(const std::string& name) {
    Identity identity = begin(name);
    X509* certificate = identity.certificate.get();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate), kYear);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
    sign(certificate, identity.key);
    return identity;
}

Identity make_server(const Identity& authority, const std::string& alt_name, Age age) {
    Identity identity = begin("key server");
    X509* certificate = identity.certificate.get();
    X509* issuer = authority.certificate.get();
    X509_gmtime_adj(X509_getm_notBefore(certificate), age == Age::not_begun ? kDay : -kYear);
    X509_gmtime_adj(X509_getm_notAfter(certificate), age == Age::expired ? -kDay : kYear);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    add_extension(certificate, issuer, NID_subject_alt_name, alt_name);
    sign(certificate, authority.key);
    return identity;
}

void write_pem(const Identity& identity, const std::filesystem::path& path) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(text.get(), identity.certificate.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    std::ofstream(path, std::ios::binary).write(bytes, size);
}

}  // namespace latchkey::net
