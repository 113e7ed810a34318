// The client against a real TLS server on loopback: what it sends, what it believes, and what every
// fault is called.

#include "agent/net/key_server_client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "agent/net/make_client.h"
#include "licensing/messages.h"
#include "licensing/seal.h"
#include "tests/unit/agent_net/test_server.h"

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
namespace bj = json::bj;
using licensing::SealKey;
using licensing::SigningKey;

constexpr ServerTime kServerNow{Days{20500}};

/// A publisher's keys, and what a right key server would answer with them.
struct KeyRoom {
    SigningKey root = SigningKey::generate();
    SigningKey signer = SigningKey::generate();
    SealKey seal = SealKey::generate();
    licensing::KeySet set;

    KeyRoom() {
        set.publisher = "example.org";
        set.version = 3;
        set.issued_at = kServerNow - Days{1};
        set.expires_at = kServerNow + Days{90};
        set.signing_keys.push_back({licensing::key_id(signer.public_key()), signer.public_key(),
                                    kServerNow - Days{1}, kServerNow + Days{90}});
        set.seal_kid = licensing::key_id(seal.public_key());
        set.seal_key = seal.public_key();
    }
    std::string bundle() const {
        return json::to_text(
            licensing::to_json(licensing::TrustBundle{{}, licensing::sign_key_set(root, set)}));
    }
    std::string challenge(const std::string& target) const {
        const licensing::Challenge challenge{"example.org", target.substr(target.find('=') + 1),
                                             kServerNow};
        return json::to_text({{"challenge", licensing::sign_challenge(signer, challenge)}});
    }
    /// A signed answer to the request; `by` another key makes it a forgery.
    std::string reply(const SeenRequest& seen, int status, bj::value body,
                      const SigningKey* by = nullptr) const {
        const std::string proof_jws = seen.headers.at("Latchkey-Request");
        const auto device = licensing::public_key_from_text(seen.headers.at("Latchkey-Device"));
        const auto proof = licensing::verify_request(proof_jws, *device);
        licensing::Reply reply;
        reply.nonce = (*proof)->nonce;
        reply.request_hash = licensing::request_hash(proof_jws);
        reply.server_time = kServerNow;
        reply.status = status;
        reply.body = std::move(body);
        return json::to_text({{"reply", licensing::sign_reply(by ? *by : signer, reply)}});
    }
};

/// One client, one server, one call.
class KeyServerClientTest : public testing::Test {
protected:
    KeyServerClientTest() {
        std::filesystem::create_directories(folder_);
        write_pem(authority_, folder_ / "ca.pem");
    }
    ~KeyServerClientTest() override { std::filesystem::remove_all(folder_); }

    /// What a right key server answers; a test overrides single paths.
    std::string right(const SeenRequest& seen) {
        if (seen.target == "/.well-known/latchkey") return http_answer(200, room_.bundle());
        if (seen.target.starts_with("/v1/time"))
            return http_answer(200, room_.challenge(seen.target));
        last_ = seen;
        return http_answer(200, room_.reply(seen, 200, {{"answer", 42}}));
    }
    void serve(Script script, const Identity* identity = nullptr,
               TestServer::Speaks speaks = TestServer::Speaks::tls) {
        server_ = std::make_unique<TestServer>(io_, identity ? *identity : identity_,
                                               std::move(script), speaks);
        url_ = server_->url();
    }
    /// Everything as it should be but for one path.
    void serve_with(const std::string& path, std::function<std::string(const SeenRequest&)> odd) {
        serve([this, path, odd = std::move(odd)](const SeenRequest& seen) {
            return seen.target.starts_with(path) ? odd(seen) : right(seen);
        });
    }
    CallResult<Answer<bj::value>> call() {
        auto client = make_key_server_client(
            io_.get_executor(), [] { return SinceBoot{}; }, deadlines_);
        const Caller caller{{"example.org", 1, room_.root.public_key()}, seen_version_, &device_};
        const ServerAddress address{url_, ca_file_, proxy_};
        const Call what{"POST", "/v1/activations", R"({"product_key":"SECRET"})", "idem-1"};
        std::optional<CallResult<Answer<bj::value>>> result;
        asio::co_spawn(
            io_,
            [&]() -> asio::awaitable<void> {
                result = co_await client->call(address, caller, what);
                io_.stop();
            },
            asio::detached);
        io_.restart();
        io_.run();
        EXPECT_TRUE(result.has_value());
        return std::move(*result);
    }
    CallFailure failure() {
        auto result = call();
        EXPECT_FALSE(result.has_value());
        return result ? CallFailure{} : result.error();
    }
    void expect(const CallFailure& failure, Code code, const std::string& words) {
        EXPECT_EQ(failure.problem.name(), info(code).name) << failure.problem.detail;
        EXPECT_NE(failure.problem.detail.find(words), std::string::npos) << failure.problem.detail;
        EXPECT_FALSE(failure.final);
    }
    std::string host() const { return url_.substr(std::string("https://").size()); }

    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / ("latchkey_net_" + licensing::random_id(""));
    asio::io_context io_;
    KeyRoom room_;
    Identity authority_ = make_authority("Private CA");
    Identity identity_ = make_server(authority_, "IP:127.0.0.1", Age::valid);
    std::string ca_file_ = folder_ / "ca.pem";
    std::string proxy_ = "none";
    std::string url_;
    std::int64_t seen_version_ = 0;
    SigningKey device_ = SigningKey::generate();
    Deadlines deadlines_;
    std::unique_ptr<TestServer> server_;
    std::optional<SeenRequest> last_;
};

TEST_F(KeyServerClientTest, a_right_server_is_believed) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    const auto answer = call();
    ASSERT_TRUE(answer.has_value()) << answer.error().problem.detail;
    EXPECT_EQ(answer->message.at("answer").as_int64(), 42);
    EXPECT_EQ(answer->fresh.server_time, kServerNow);
    EXPECT_EQ(answer->fresh.trusted.key_set->version, 3);
    EXPECT_EQ(server_->connections(), 1) << "one connection serves trust, challenge and call";
}

TEST_F(KeyServerClientTest, the_request_is_signed_sealed_and_keeps_its_secrets) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    ASSERT_TRUE(call().has_value());
    ASSERT_TRUE(last_.has_value());
    EXPECT_EQ(last_->method, "POST");
    EXPECT_EQ(last_->headers.at("Latchkey-Protocol"), "1");
    EXPECT_EQ(last_->headers.at("Idempotency-Key"), "idem-1");
    EXPECT_EQ(last_->body.find("SECRET"), std::string::npos);
    const auto body = licensing::parse_sealed_body(last_->body);
    ASSERT_TRUE(body);
    EXPECT_EQ(licensing::unseal(body->sealed, room_.seal), R"({"product_key":"SECRET"})");
    const auto proof =
        licensing::verify_request(last_->headers.at("Latchkey-Request"), device_.public_key());
    ASSERT_TRUE(proof);
    EXPECT_EQ((*proof)->body_sha256, base64url(licensing::sha256(last_->body)));
    EXPECT_EQ((*proof)->path, "/v1/activations");
    EXPECT_EQ((*proof)->idempotency_key, "idem-1");
    EXPECT_TRUE(licensing::verify_challenge((*proof)->challenge, room_.set));
}

TEST_F(KeyServerClientTest, a_signed_refusal_is_final_and_brings_its_numbers) {
    serve_with("/v1/activations", [this](const SeenRequest& seen) {
        const licensing::ProblemDocument refusal{
            {Code::activation_limit_reached, "10 of 10 used", {}}, 10, 10, std::nullopt};
        return http_answer(409, room_.reply(seen, 409, licensing::to_json(refusal)),
                           "application/problem+json");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::activation_limit_reached);
    EXPECT_TRUE(refused.final);
    EXPECT_EQ(refused.used, 10);
    EXPECT_EQ(refused.limit, 10);
}

TEST_F(KeyServerClientTest, a_signed_but_retryable_refusal_is_not_final) {
    serve_with("/v1/activations", [this](const SeenRequest& seen) {
        const licensing::ProblemDocument refusal{
            {Code::rate_limited, "", {}}, std::nullopt, std::nullopt, 77};
        return http_answer(429, room_.reply(seen, 429, licensing::to_json(refusal)),
                           "application/problem+json");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::rate_limited);
    EXPECT_FALSE(refused.final);
    EXPECT_EQ(refused.retry_after, Duration{seconds{77}});
}

TEST_F(KeyServerClientTest, an_unsigned_refusal_is_never_final) {
    serve_with("/v1/activations", [](const SeenRequest&) {
        const licensing::ProblemDocument refusal{
            {Code::key_blocked, "", {}}, std::nullopt, std::nullopt, std::nullopt};
        return http_answer(403, json::to_text(licensing::to_json(refusal)),
                           "application/problem+json", "Retry-After: 90\r\n");
    });
    const auto refused = failure();
    EXPECT_EQ(refused.problem.code, Code::key_blocked);
    EXPECT_FALSE(refused.final);
    EXPECT_EQ(refused.retry_after, Duration{seconds{90}});
}

TEST_F(KeyServerClientTest, a_reply_signed_by_another_key_is_refused) {
    const SigningKey stranger = SigningKey::generate();
    serve_with("/v1/activations", [&](const SeenRequest& seen) {
        return http_answer(200, room_.reply(seen, 200, {{"answer", 1}}, &stranger));
    });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, a_replayed_reply_is_refused) {
    std::string first;
    serve_with("/v1/activations", [&](const SeenRequest& seen) {
        if (first.empty()) first = http_answer(200, room_.reply(seen, 200, {{"answer", 1}}));
        return first;
    });
    ASSERT_TRUE(call().has_value());
    expect(failure(), Code::reply_not_fresh, "");
}

TEST_F(KeyServerClientTest, a_replayed_challenge_is_refused) {
    const std::string old = room_.challenge("/v1/time?nonce=somebody-elses");
    serve_with("/v1/time", [&](const SeenRequest&) { return http_answer(200, old); });
    expect(failure(), Code::reply_not_fresh, host());
}

TEST_F(KeyServerClientTest, an_unsigned_success_is_refused) {
    serve_with("/v1/activations",
               [](const SeenRequest&) { return http_answer(200, R"({"license":"x"})"); });
    expect(failure(), Code::signature_invalid, host());
}

TEST_F(KeyServerClientTest, a_key_set_of_another_root_is_refused) {
    const KeyRoom other;
    serve_with("/.well-known",
               [&](const SeenRequest&) { return http_answer(200, other.bundle()); });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, a_key_set_that_goes_back_is_refused) {
    seen_version_ = 4;
    serve([this](const SeenRequest& seen) { return right(seen); });
    expect(failure(), Code::signature_invalid, "");
}

TEST_F(KeyServerClientTest, duplicate_members_are_refused) {
    serve_with("/v1/time", [](const SeenRequest&) {
        return http_answer(200, R"({"challenge":"a","challenge":"b"})");
    });
    expect(failure(), Code::captive_portal, "twice");
}

TEST_F(KeyServerClientTest, a_certificate_of_another_authority_names_its_issuer) {
    const Identity other =
        make_server(make_authority("Interception Proxy"), "IP:127.0.0.1", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &other);
    const auto refused = failure();
    expect(refused, Code::tls_untrusted, host());
    EXPECT_NE(refused.problem.detail.find("Interception Proxy"), std::string::npos)
        << refused.problem.detail;
}

/// The system's trust store is what SSL_CERT_FILE names, as for every program that uses OpenSSL.
class InspectedTest : public KeyServerClientTest {
protected:
    InspectedTest() {
        write_pem(inspector_, folder_ / "system.pem");
        ::setenv("SSL_CERT_FILE", (folder_ / "system.pem").c_str(), 1);
    }
    ~InspectedTest() override { ::unsetenv("SSL_CERT_FILE"); }

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
    ca_file_ = folder_ / "system.pem";
    EXPECT_TRUE(call().has_value()) << "the replies are signed inside";
}

TEST_F(InspectedTest, the_system_without_a_configured_authority_is_simply_trusted) {
    const Identity shown = make_server(inspector_, "IP:127.0.0.1", Age::valid);
    inspect(shown);
    ca_file_.clear();
    EXPECT_TRUE(call().has_value());
}

TEST_F(KeyServerClientTest, an_expired_certificate_is_called_expired) {
    const Identity expired = make_server(authority_, "IP:127.0.0.1", Age::expired);
    serve([this](const SeenRequest& seen) { return right(seen); }, &expired);
    expect(failure(), Code::tls_untrusted, "expired");
}

TEST_F(KeyServerClientTest, a_certificate_of_another_host_is_called_so) {
    const Identity elsewhere = make_server(authority_, "IP:127.0.0.2", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &elsewhere);
    expect(failure(), Code::tls_untrusted, "mismatch");
}

TEST_F(KeyServerClientTest, a_host_name_is_checked_too) {
    const Identity named = make_server(authority_, "DNS:keys.example.org", Age::valid);
    serve([this](const SeenRequest& seen) { return right(seen); }, &named);
    url_ = "https://localhost:" + std::to_string(server_->port());
    expect(failure(), Code::tls_untrusted, "mismatch");
}

TEST_F(KeyServerClientTest, a_missing_ca_file_is_named) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    ca_file_ = folder_ / "none.pem";
    const auto refused = failure();
    expect(refused, Code::config_invalid, "none.pem: No such file");
    EXPECT_NE(refused.problem.remedy.find("ca_file"), std::string::npos);
}

TEST_F(KeyServerClientTest, a_ca_file_without_a_certificate_is_named) {
    serve([this](const SeenRequest& seen) { return right(seen); });
    std::ofstream(ca_file_) << "not a certificate\n";
    expect(failure(), Code::config_invalid, "ca.pem: it holds no certificate in PEM form");
    write_pem(authority_, ca_file_);
    EXPECT_TRUE(call().has_value()) << "and read again once it was put right";
}

TEST_F(KeyServerClientTest, plain_http_on_the_port_is_something_else) {
    serve([](const SeenRequest&) { return std::string(); }, nullptr,
          TestServer::Speaks::plain_http);
    // A TLS hello is no HTTP request, so such a server answers 400 or hangs up; both are told.
    const auto refused = failure();
    expect(refused, Code::captive_portal, host());
}

TEST_F(KeyServerClientTest, a_portals_page_is_recognised) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(200, "<html>Sign in</html>", "text/html");
    });
    expect(failure(), Code::captive_portal, "text/html");
}

TEST_F(KeyServerClientTest, a_redirect_is_not_followed) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(302, "", "text/html", "Location: https://evil.example/\r\n");
    });
    expect(failure(), Code::captive_portal, "redirect");
    EXPECT_EQ(server_->connections(), 1);
}

TEST_F(KeyServerClientTest, a_gateways_error_page_is_a_server_out_of_reach) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return http_answer(502, "<html>Bad gateway</html>", "text/html", "Retry-After: 120\r\n");
    });
    const auto refused = failure();
    expect(refused, Code::keyserver_unreachable, "502");
    EXPECT_EQ(refused.retry_after, Duration{seconds{120}});
}

TEST_F(KeyServerClientTest, an_oversized_answer_is_cut_off) {
    serve_with("/.well-known",
               [](const SeenRequest&) { return http_answer(200, std::string(70 * 1024, 'x')); });
    expect(failure(), Code::captive_portal, "larger");
}

TEST_F(KeyServerClientTest, a_truncated_answer_is_told) {
    serve_with("/.well-known", [](const SeenRequest&) {
        return std::string(
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"key_set\":");
    });
    expect(failure(), Code::keyserver_unreachable, "broke off");
}

TEST_F(KeyServerClientTest, a_connection_closed_without_an_answer_is_told) {
    serve_with("/v1/activations", [](const SeenRequest&) { return std::string("!"); });
    expect(failure(), Code::keyserver_unreachable, host());
}

TEST_F(KeyServerClientTest, rubbish_instead_of_http_is_something_else) {
    serve_with("/.well-known", [](const SeenRequest&) { return std::string("SSH-2.0-x\r\n\r\n"); });
    expect(failure(), Code::captive_portal, "not HTTP");
}

TEST_F(KeyServerClientTest, a_silent_server_runs_into_the_deadline) {
    deadlines_.exchange = Duration{20};
    serve_with("/v1/time", [](const SeenRequest&) { return std::string(); });
    expect(failure(), Code::keyserver_unreachable, "no answer in time");
}

TEST_F(KeyServerClientTest, a_handshake_that_never_ends_runs_into_the_deadline) {
    deadlines_.handshake = Duration{20};
    asio::ip::tcp::acceptor silent(io_, {asio::ip::address_v4::loopback(), 0});
    url_ = "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    expect(failure(), Code::keyserver_unreachable, "no answer in time");
}

TEST_F(KeyServerClientTest, nobody_listening_is_a_server_out_of_reach) {
    {
        const asio::ip::tcp::acceptor gone(io_, {asio::ip::address_v4::loopback(), 0});
        url_ = "https://127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    }
    expect(failure(), Code::keyserver_unreachable, "connection refused");
}

TEST_F(KeyServerClientTest, an_unknown_name_is_a_server_out_of_reach) {
    url_ = "https://nowhere.invalid";
    expect(failure(), Code::keyserver_unreachable, "nowhere.invalid:443: the name");
}

TEST_F(KeyServerClientTest, an_address_with_a_path_is_refused) {
    url_ = "https://127.0.0.1:1/v2";
    expect(failure(), Code::config_invalid, "url");
}

TEST_F(KeyServerClientTest, a_proxy_that_refuses_is_named) {
    // A TLS server is no proxy: it answers CONNECT with nothing that makes sense.
    serve([this](const SeenRequest& seen) { return right(seen); });
    proxy_ = "http://127.0.0.1:1";
    expect(failure(), Code::keyserver_unreachable, "127.0.0.1:1");
}

}  // namespace
}  // namespace latchkey::net
