// What a certificate must be for the client to speak to its holder, and what each wrong one is
// called.

#include <fstream>

#include "tests/fakes/system.h"
#include "tests/unit/agent_net/client_fixture.h"

namespace latchkey::net {
namespace {

class CertificatesTest : public ClientFixture {};

TEST_F(CertificatesTest, a_certificate_of_another_authority_names_its_issuer) {
    const Identity other =
        make_server(make_authority("Interception Proxy"), "IP:127.0.0.1", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &other);
    const auto refused = failure();
    expect(refused, Code::tls_untrusted, host());
    EXPECT_NE(refused.problem.detail.find("Interception Proxy"), std::string::npos)
        << refused.problem.detail;
}

/// The system's trust store is what SSL_CERT_FILE names, as for every program that uses OpenSSL.
class InspectedTest : public CertificatesTest {
protected:
    InspectedTest() {
        write_pem(inspector_, folder_ / "system.pem");
        fakes::set_variable("SSL_CERT_FILE", (folder_ / "system.pem").string());
    }
    ~InspectedTest() override { fakes::unset_variable("SSL_CERT_FILE"); }

    void inspect(const Identity& shown) {
        serve([this](const SeenRequest& seen) { return right(seen); }, &shown);
    }

    Identity inspector_ = make_authority("Interception Proxy");
};

TEST_F(InspectedTest, a_certificate_of_an_authority_that_only_the_system_trusts_is_interception) {
    const Identity shown = make_server(inspector_, "IP:127.0.0.1", Age::valid);
    inspect(shown);
    const auto refused = failure();
    expect(refused, Code::tls_intercepted, host());
    EXPECT_NE(refused.problem.detail.find("Interception Proxy"), std::string::npos)
        << refused.problem.detail;
}

TEST_F(InspectedTest, the_system_would_refuse_another_hosts_or_an_expired_one_too) {
    for (const auto& shown :
         {std::pair("IP:127.0.0.2", Age::valid), std::pair("IP:127.0.0.1", Age::expired)}) {
        const Identity bad = make_server(inspector_, shown.first, shown.second);
        inspect(bad);
        expect(failure(), Code::tls_untrusted, host());
    }
}

TEST_F(InspectedTest, naming_the_inspectors_authority_lets_everything_through) {
    const Identity shown = make_server(inspector_, "IP:127.0.0.1", Age::valid);
    inspect(shown);
    ca_file_ = utf8_text(folder_ / "system.pem");
    EXPECT_TRUE(call().has_value()) << "the replies are signed inside";
}

TEST_F(InspectedTest, the_system_without_a_configured_authority_is_simply_trusted) {
    const Identity shown = make_server(inspector_, "IP:127.0.0.1", Age::valid);
    inspect(shown);
    ca_file_.clear();
    EXPECT_TRUE(call().has_value());
}

TEST_F(CertificatesTest, an_expired_certificate_is_called_expired) {
    const Identity expired = make_server(authority_, "IP:127.0.0.1", Age::expired);
    serve([this](const SeenRequest& seen) { return right(seen); }, &expired);
    expect(failure(), Code::tls_untrusted, "expired");
}

/// What a machine meets whose clock lost its battery.
TEST_F(CertificatesTest,
       a_certificate_that_begins_after_the_calendar_is_refused_unless_a_signed_time_is_beyond) {
    const Identity ahead = make_server(authority_, "IP:127.0.0.1", Age::not_begun);
    serve([this](const SeenRequest& seen) { return right(seen); }, &ahead);
    expect(failure(), Code::tls_untrusted, "not yet valid");
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    const ServerTime today{now.time_since_epoch()};
    passed_ = today;
    expect(failure(), Code::tls_untrusted, "not yet valid");
    passed_ = today + Days{2};
    EXPECT_TRUE(call().has_value());
}

TEST_F(CertificatesTest, a_signed_time_mends_nothing_else_of_a_certificate) {
    passed_ = ServerTime{Days{40000}};
    const Identity elsewhere = make_server(authority_, "IP:127.0.0.2", Age::not_begun);
    serve([this](const SeenRequest& seen) { return right(seen); }, &elsewhere);
    expect(failure(), Code::tls_untrusted, "mismatch");
    const Identity stranger = make_server(make_authority("Nobody"), "IP:127.0.0.1", Age::not_begun);
    serve([this](const SeenRequest& seen) { return right(seen); }, &stranger);
    expect(failure(), Code::tls_untrusted, "Nobody");
    const Identity expired = make_server(authority_, "IP:127.0.0.1", Age::expired);
    serve([this](const SeenRequest& seen) { return right(seen); }, &expired);
    expect(failure(), Code::tls_untrusted, "expired");
}

TEST_F(CertificatesTest, a_certificate_of_another_host_is_called_so) {
    const Identity elsewhere = make_server(authority_, "IP:127.0.0.2", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &elsewhere);
    expect(failure(), Code::tls_untrusted, "mismatch");
}

TEST_F(CertificatesTest, a_host_name_is_checked_too) {
    const Identity named = make_server(authority_, "DNS:keys.example.org", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &named);
    url_ = "https://localhost:" + std::to_string(server_->port());
    expect(failure(), Code::tls_untrusted, "mismatch");
}

TEST_F(CertificatesTest, a_missing_ca_file_is_named) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    ca_file_ = utf8_text(folder_ / "none.pem");
    const auto refused = failure();
    expect(refused, Code::config_invalid, "none.pem: No such file");
    EXPECT_NE(refused.problem.remedy.find("ca_file"), std::string::npos);
}

TEST_F(CertificatesTest, a_ca_file_without_a_certificate_is_named) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    std::ofstream(ca_file_) << "not a certificate\n";
    expect(failure(), Code::config_invalid, "ca.pem: it holds no certificate in PEM form");
    write_pem(authority_, ca_file_);
    EXPECT_TRUE(call().has_value()) << "and read again once it was put right";
}

}  // namespace
}  // namespace latchkey::net
