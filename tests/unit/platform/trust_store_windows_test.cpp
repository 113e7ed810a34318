#include <windows.h>

#include <wincrypt.h>

#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "platform/trust/trust_store.h"
#include "tests/unit/agent_net/test_pki.h"

namespace latchkey::platform {
namespace {

using net::Age;
using net::Identity;

HCERTSTORE open_roots() {
    return ::CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE,
                           L"ROOT");
}

/// Written down at once: Wine waits for the last of its certificates to be let go.
void close(HCERTSTORE store) {
    ::CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, nullptr);
    ::CertCloseStore(store, 0);
}

/// An authority that the machine trusts while this lives. Wine reads the roots when the first chain
/// is judged, and not again.
class TrustedByTheMachine {
public:
    explicit TrustedByTheMachine(const Identity& authority) {
        const HCERTSTORE roots = open_roots();
        unsigned char* bytes = nullptr;
        const int size = i2d_X509(authority.certificate.get(), &bytes);
        ::CertAddEncodedCertificateToStore(roots, X509_ASN_ENCODING, bytes,
                                           static_cast<DWORD>(size), CERT_STORE_ADD_ALWAYS,
                                           &certificate_);
        OPENSSL_free(bytes);
        close(roots);
    }
    TrustedByTheMachine(const TrustedByTheMachine&) = delete;
    TrustedByTheMachine& operator=(const TrustedByTheMachine&) = delete;
    ~TrustedByTheMachine() {
        const HCERTSTORE roots = open_roots();
        if (const CERT_CONTEXT* const there = ::CertFindCertificateInStore(
                roots, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, certificate_, nullptr))
            ::CertDeleteCertificateFromStore(there);
        close(roots);
        ::CertFreeCertificateContext(certificate_);
    }
    explicit operator bool() const { return certificate_ != nullptr; }

private:
    const CERT_CONTEXT* certificate_ = nullptr;
};

/// What the client's callback heard first, and what it excuses.
struct Heard {
    int error = 0;
    int excused = -1;
};
Heard* heard = nullptr;

int hear(int ok, X509_STORE_CTX* store) {
    const int error = X509_STORE_CTX_get_error(store);
    if (ok == 1 || error == heard->excused) return 1;
    if (heard->error == 0) heard->error = error;
    return 0;
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

/// A handshake in memory, by a client that trusts the system: 0, or X509_V_ERR_*.
int error_of(const Identity& server, const char* host, int excused = -1) {
    Heard now{0, excused};
    heard = &now;
    const Context ours(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const Context theirs(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    EXPECT_TRUE(trust_system_roots(ours.get()));
    SSL_CTX_set_verify(ours.get(), SSL_VERIFY_PEER, hear);
    SSL_CTX_use_certificate(theirs.get(), server.certificate.get());
    SSL_CTX_use_PrivateKey(theirs.get(), server.key.get());
    const Connection client(SSL_new(ours.get()), &SSL_free);
    const Connection peer(SSL_new(theirs.get()), &SSL_free);
    SSL_set1_host(client.get(), host);
    BIO* one = nullptr;
    BIO* other = nullptr;
    BIO_new_bio_pair(&one, 0, &other, 0);
    SSL_set_bio(client.get(), one, one);
    SSL_set_bio(peer.get(), other, other);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(peer.get());
    for (int turn = 0; turn < 10 && !SSL_is_init_finished(client.get()); ++turn) {
        SSL_do_handshake(client.get());
        SSL_do_handshake(peer.get());
    }
    EXPECT_EQ(SSL_is_init_finished(client.get()) != 0, now.error == 0);
    return now.error;
}

class TrustStore : public testing::Test {
protected:
    static void SetUpTestSuite() {
        authority = net::make_authority("Latchkey test authority");
        trusted = std::make_unique<TrustedByTheMachine>(authority);
    }
    static void TearDownTestSuite() { trusted.reset(); }

    static inline Identity authority;
    static inline std::unique_ptr<TrustedByTheMachine> trusted;
};

TEST_F(TrustStore, an_authority_of_the_machine_is_believed_and_no_other) {
    ASSERT_TRUE(*trusted);
    EXPECT_EQ(error_of(net::make_server(authority, "DNS:keys.example.org", Age::valid),
                       "keys.example.org"),
              X509_V_OK);
    const Identity stranger = net::make_authority("Latchkey test stranger");
    EXPECT_NE(error_of(net::make_server(stranger, "DNS:keys.example.org", Age::valid),
                       "keys.example.org"),
              X509_V_OK);
}

TEST_F(TrustStore, the_name_is_checked) {
    EXPECT_EQ(error_of(net::make_server(authority, "DNS:other.example.org", Age::valid),
                       "keys.example.org"),
              X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_F(TrustStore, the_dates_are_checked) {
    EXPECT_EQ(error_of(net::make_server(authority, "DNS:keys.example.org", Age::expired),
                       "keys.example.org"),
              X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(error_of(net::make_server(authority, "DNS:keys.example.org", Age::not_begun),
                       "keys.example.org"),
              X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST_F(TrustStore, whoever_knows_the_time_better_may_excuse_a_date) {
    EXPECT_EQ(error_of(net::make_server(authority, "DNS:keys.example.org", Age::not_begun),
                       "keys.example.org", X509_V_ERR_CERT_NOT_YET_VALID),
              X509_V_OK);
}

}  // namespace
}  // namespace latchkey::platform
