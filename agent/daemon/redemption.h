#pragma once

// Redeeming tokens for cloud services (rule K3). The request and its idempotency key are durable
// before anything is sent; where no answer comes it stays, and whoever redeems the same token again
// sends it again to the letter. Nothing is sent again by itself.

#include <boost/asio/awaitable.hpp>

#include <string>

#include "agent/daemon/desk.h"
#include "agent/store/cloud.h"
#include "licensing/redemption.h"

namespace latchkey::daemon {

/// A token was redeemed, now or earlier.
struct Redeemed {
    licensing::CloudEntitlement entitlement;
    bool known = false;  ///< this machine had it already
};

class Redemption {
public:
    /// Both outlive it.
    Redemption(Desk& desk, store::CloudShelf& shelf) : desk_(desk), shelf_(shelf) {}

    /// Fails with Code::token_malformed, key_not_token or product_unknown before any network
    /// traffic; with what the key server refuses; or with what can be tried again.
    boost::asio::awaitable<Result<Redeemed>> redeem(std::string token);

private:
    Result<store::CloudRow> request(const licensing::Manifest& manifest, const std::string& token);
    boost::asio::awaitable<net::CallResult<net::Answer<json::bj::value>>> ask(
        const licensing::Manifest& manifest, const store::CloudRow& row);
    Result<Redeemed> take(const licensing::Manifest& manifest, const store::CloudRow& row,
                          const net::Answer<json::bj::value>& answer);
    Problem failed(const licensing::Manifest& manifest, const store::CloudRow& row,
                   const net::CallFailure& failure);

    Desk& desk_;
    store::CloudShelf& shelf_;
};

}  // namespace latchkey::daemon
