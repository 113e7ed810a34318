#pragma once

// A key server that says what the test says, and a machine like the desktop of tests/machines.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "agent/daemon/machine.h"
#include "agent/net/key_server_client.h"
#include "licensing/seal.h"
#include "tests/fakes/machines.h"

namespace latchkey::daemon {

inline licensing::Trusted key_set_of(const licensing::SigningKey& root,
                                     const licensing::PinnedRoot& pinned) {
    licensing::KeySet set;
    set.publisher = pinned.publisher;
    set.version = 1;
    set.issued_at = ServerTime{Days{20500}};
    set.expires_at = ServerTime{Days{20900}};
    const auto key = licensing::SigningKey::generate().public_key();
    set.signing_keys.push_back({licensing::key_id(key), key, set.issued_at, set.expires_at});
    set.seal_key = licensing::SealKey::generate().public_key();
    set.seal_kid = licensing::key_id(set.seal_key);
    return licensing::accept_bundle({{}, licensing::sign_key_set(root, set)}, pinned, 0).value();
}

/// Answers what the test says; nothing, until it says something.
class ScriptedClient final : public net::KeyServerClient {
public:
    explicit ScriptedClient(boost::asio::any_io_executor executor) : bell(std::move(executor)) {
        bell.expires_at(boost::asio::steady_timer::time_point::max());
    }

    boost::asio::awaitable<net::CallResult<net::Answer<json::bj::value>>> call(
        const net::ServerAddress&, const net::Caller& caller, const net::Call& call) override {
        calls.push_back(call);
        signed_by_device = caller.device != nullptr;
        if (!failure && !message) {
            boost::system::error_code ignored;
            co_await bell.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        if (failure) co_return tl::unexpected(*failure);
        net::Answer<json::bj::value> answer{*message, {*trusted, server_time, seconds{1}}};
        co_return answer;
    }
    boost::asio::awaitable<net::CallResult<net::Answer<licensing::Challenge>>> time(
        const net::ServerAddress&, const net::Caller&) override {
        ++times;
        if (on_time) on_time();
        if (failure) co_return tl::unexpected(*failure);
        net::Answer<licensing::Challenge> answer{{}, {*trusted, server_time, seconds{1}}};
        co_return answer;
    }

    boost::asio::steady_timer bell;
    std::vector<net::Call> calls;
    std::function<void()> on_time;  ///< happens while the time is asked for
    int times = 0;                  ///< how often the signed time alone was asked for
    bool signed_by_device = false;
    std::optional<json::bj::value> message;
    std::optional<net::CallFailure> failure;
    std::optional<licensing::Trusted> trusted;
    ServerTime server_time{};
};

class Captures final : public CaptureSource {
public:
    Capture take(WallTime) override { return {fakes::machine("desktop"), false}; }
};

}  // namespace latchkey::daemon
