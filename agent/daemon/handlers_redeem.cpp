// POST /v1/redeem: a token for a cloud service.

#include "agent/daemon/handlers.h"
#include "agent/localapi/cloud.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
namespace bj = json::bj;

constexpr std::size_t kMaxTokenText = 256;

constexpr std::string_view kKnown =
    "This machine had redeemed the token before; nothing was redeemed now.";

}  // namespace

asio::awaitable<localapi::Response> redeem_request(Agent& agent, localapi::Request request) {
    json::ObjectReader in(request.body, "request");
    std::string token = in.string("token", kMaxTokenText);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused))
        co_return localapi::failed(*bad);
    const auto done = co_await agent.redemption().redeem(std::move(token));
    if (!done) co_return localapi::failed(done.error());
    const auto status = agent.status();
    co_return localapi::ok(
        {{"schema_version", localapi::kSchemaVersion},
         {"cloud_entitlement",
          localapi::cloud_json(done->entitlement, status.cloud, status.now, status.cloud_policy)},
         {"note", done->known ? bj::value(kKnown) : bj::value(nullptr)}});
}

}  // namespace latchkey::daemon
