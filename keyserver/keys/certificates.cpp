#include "keyserver/keys/certificates.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "keyserver/policy.h"
#include "licensing/crypto.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Time = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

constexpr std::size_t kMaxPemBytes = 64 * 1024;
constexpr long kVersion3 = 2;

struct Pair {
    Key key;
    Certificate certificate;
};

std::time_t seconds_of(WallTime t) {
    return static_cast<std::time_t>(std::chrono::floor<seconds>(t.time_since_epoch()).count());
}

std::string bio_text(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return bio_text(bio.get());
}

std::string pem(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_secmem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return bio_text(bio.get());
}

Bio reading(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Pair> read_pair(const fs::path& certificate_file, const fs::path& key_file) {
    const auto certificate_text = platform::read_file(certificate_file, kMaxPemBytes);
    if (!certificate_text) return fail(certificate_text.error());
    auto key_text = platform::read_private_file(key_file, kMaxPemBytes, platform::Privacy::secret);
    if (!key_text) return fail(key_text.error());
    Pair pair{Key(PEM_read_bio_PrivateKey(reading(*key_text).get(), nullptr, nullptr, nullptr)),
              Certificate(
                  PEM_read_bio_X509(reading(*certificate_text).get(), nullptr, nullptr, nullptr))};
    licensing::wipe(*key_text);
    if (!pair.key || !pair.certificate ||
        X509_check_private_key(pair.certificate.get(), pair.key.get()) != 1) {
        ERR_clear_error();
        return fail(Problem{
            Code::state_corrupt,
            certificate_file.string() + " and " + key_file.string() + " do not belong together",
            "Put both back from a backup; agents trust the certificate by its key."});
    }
    return pair;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Positive, 127 random bits.
void set_random_serial(X509* certificate) {
    Bytes bytes = licensing::random_bytes(16);
    bytes[0] &= 0x7f;
    const Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

Certificate blank_certificate(EVP_PKEY* key, const std::string& common_name, WallTime from,
                              WallTime to) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), kVersion3);
    set_random_serial(certificate.get());
    const Time begin(ASN1_TIME_set(nullptr, seconds_of(from)));
    const Time end(ASN1_TIME_set(nullptr, seconds_of(to)));
    X509_set1_notBefore(certificate.get(), begin.get());
    X509_set1_notAfter(certificate.get(), end.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    X509_set_pubkey(certificate.get(), key);
    return certificate;
}

Failure cannot_make() {
    ERR_clear_error();
    return fail(Code::internal, "a certificate could not be made");
}

Result<Pair> make_authority(const std::string& publisher, WallTime now) {
    Key key(EVP_EC_gen("P-256"));
    if (!key) return cannot_make();
    // X.520 allows 64 characters of common name.
    Certificate certificate =
        blank_certificate(key.get(), ("Latchkey CA " + publisher).substr(0, 64), now - Days{1},
                          now + kAuthorityLifetime);
    X509* x = certificate.get();
    X509_set_issuer_name(x, X509_get_subject_name(x));
    const bool made = add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(x, x, NID_subject_key_identifier, "hash") &&
                      X509_sign(x, key.get(), EVP_sha256()) > 0;
    if (!made) return cannot_make();
    return Pair{std::move(key), std::move(certificate)};
}

bool is_address(const std::string& host) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
    ERR_clear_error();
    ASN1_OCTET_STRING_free(address);
    return address != nullptr;
}

std::string alternative_names(const std::string& host) {
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    const bool known = host.empty() || host == "localhost" || host == "127.0.0.1" || host == "::1";
    if (!known) names += (is_address(host) ? ",IP:" : ",DNS:") + host;
    return names;
}

Result<Pair> make_server(const Pair& authority, const std::string& host, WallTime now) {
    Key key(EVP_EC_gen("P-256"));
    if (!key) return cannot_make();
    Certificate certificate = blank_certificate(key.get(), "Latchkey key server", now - Days{1},
                                                now + kServerCertificateLifetime);
    X509* x = certificate.get();
    X509* issuer = authority.certificate.get();
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    const bool made = add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(x, issuer, NID_key_usage, "critical,digitalSignature") &&
                      add_extension(x, issuer, NID_ext_key_usage, "serverAuth") &&
                      add_extension(x, issuer, NID_subject_key_identifier, "hash") &&
                      add_extension(x, issuer, NID_authority_key_identifier, "keyid:always") &&
                      add_extension(x, issuer, NID_subject_alt_name, alternative_names(host)) &&
                      X509_sign(x, authority.key.get(), EVP_sha256()) > 0;
    if (!made) return cannot_make();
    return Pair{std::move(key), std::move(certificate)};
}

bool still_good(const Pair& server, const Pair& authority, const std::string& host, WallTime now) {
    std::time_t needed_until = seconds_of(now + kServerCertificateMargin);
    std::time_t needed_from = seconds_of(now);
    X509* x = server.certificate.get();
    if (X509_cmp_time(X509_get0_notAfter(x), &needed_until) != 1) return false;
    if (X509_cmp_time(X509_get0_notBefore(x), &needed_from) != -1) return false;
    if (X509_verify(x, authority.key.get()) != 1) return false;
    if (host.empty()) return true;
    return is_address(host) ? X509_check_ip_asc(x, host.c_str(), 0) == 1
                            : X509_check_host(x, host.c_str(), host.size(), 0, nullptr) == 1;
}

Result<void> write_pair(const Pair& pair, const fs::path& certificate_file,
                        const fs::path& key_file) {
    std::string key = pem(pair.key.get());
    auto written = platform::write_private_file(key_file, key);
    licensing::wipe(key);
    if (written)
        written = platform::write_public_file(certificate_file, pem(pair.certificate.get()));
    return written;
}

Result<Pair> ensure_authority(const fs::path& directory, const std::string& publisher,
                              WallTime now) {
    const fs::path certificate = directory / "ca.pem";
    const fs::path key = directory / "ca.key";
    auto authority = read_pair(certificate, key);
    if (authority || authority.error().code != Code::record_unknown) return authority;
    // ca.pem is written last, and a server's certificate after it: where either is there, agents
    // may trust the authority whose other half is missing. A key alone was interrupted.
    if (fs::exists(certificate) || fs::exists(directory / "server.pem"))
        return tl::unexpected(Problem{
            Code::state_corrupt, authority.error().detail,
            "Put ca.pem and ca.key back from the backup. To begin with a new authority, remove "
            "ca.pem, ca.key, server.pem and server.key, and give every agent the new ca.pem."});
    authority = make_authority(publisher, now);
    if (!authority) return authority;
    if (auto written = write_pair(*authority, certificate, key); !written)
        return fail(written.error());
    return authority;
}

}  // namespace

Result<TlsFiles> ensure_server_certificate(const fs::path& directory, const std::string& publisher,
                                           const std::string& host, WallTime now) {
    const TlsFiles files{directory / "server.pem", directory / "server.key"};
    const auto authority = ensure_authority(directory, publisher, now);
    if (!authority) return fail(authority.error());
    const auto present = read_pair(files.certificate, files.key);
    if (present && still_good(*present, *authority, host, now)) return files;
    // A pair that is not whole was interrupted while it was made; whatever else is wrong is an
    // administrator's to look at, and nothing of it is thrown away.
    const bool to_be_made = present || present.error().code == Code::record_unknown ||
                            present.error().code == Code::state_corrupt;
    if (!to_be_made) return fail(present.error());
    const auto server = make_server(*authority, host, now);
    if (!server) return fail(server.error());
    if (auto written = write_pair(*server, files.certificate, files.key); !written)
        return fail(written.error());
    return files;
}

}  // namespace latchkey::keyserver
