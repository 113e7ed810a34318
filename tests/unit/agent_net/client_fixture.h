#pragma once

// A publisher's keys, a right key server on loopback, and one call to it. Tests change one thing.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/net/make_client.h"
#include "base/path_text.h"
#include "licensing/messages.h"
#include "licensing/seal.h"
#include "tests/unit/agent_net/test_server.h"

namespace latchkey::net {

namespace asio = boost::asio;
namespace bj = json::bj;
using licensing::SealKey;
using licensing::SigningKey;

inline constexpr ServerTime kServerNow{Days{20500}};

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
class ClientFixture : public testing::Test {
protected:
    ClientFixture() {
        std::filesystem::create_directories(folder_);
        write_pem(authority_, folder_ / "ca.pem");
    }
    ~ClientFixture() override { std::filesystem::remove_all(folder_); }

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
        const Caller caller{
            {"example.org", 1, room_.root.public_key()}, seen_version_, &device_, weights_version_};
        const ServerAddress address{url_, ca_file_, proxy_, nullptr, passed_};
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
    std::string ca_file_ = utf8_text(folder_ / "ca.pem");
    std::string proxy_ = "none";
    std::optional<ServerTime> passed_;
    std::string url_;
    std::int64_t seen_version_ = 0;
    std::int64_t weights_version_ = 0;
    SigningKey device_ = SigningKey::generate();
    Deadlines deadlines_;
    std::unique_ptr<TestServer> server_;
    std::optional<SeenRequest> last_;
};

}  // namespace latchkey::net
