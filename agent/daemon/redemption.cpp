#include "agent/daemon/redemption.h"

#include "agent/daemon/answers.h"
#include "agent/daemon/redemption_answer.h"
#include "licensing/product_key.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using licensing::ProductKey;

constexpr std::string_view kPath = "/v1/tokens/redeem";

Result<ProductKey> parse_token(const std::string& text) {
    auto token = ProductKey::parse(text);
    if (!token) return fail(Code::token_malformed, token.error().detail);
    if (token->kind() != licensing::KeyKind::token)
        return fail(Code::key_not_token,
                    "what was given is a well-formed product key; nothing was sent");
    return token;
}

/// The product whose group code the token carries.
Result<licensing::Manifest> manifest_of(const Manifests& manifests, const ProductKey& token) {
    for (const auto& [product, manifest] : manifests)
        if (manifest.token_group == token.group()) return manifest;
    return fail(Problem{Code::product_unknown,
                        "no manifest here names the product of the token ending in " +
                            token.last5() + "; nothing was sent",
                        "Install the manifest of the product that the token came with."});
}

net::CallFailure unsent(Problem problem) { return {std::move(problem), false, {}, {}, {}}; }

std::string words_of(const licensing::CloudEntitlement& given) {
    return given.service + ": " + std::to_string(given.seats) +
           (given.seats == 1 ? " seat" : " seats") + " under " + given.program + " until " +
           format_rfc3339(given.ends_at).substr(0, 10) + ", with the token ending in " +
           given.token_last5 + ".";
}

}  // namespace

/// The pending request of that token, or a new one, durable now.
Result<store::CloudRow> Redemption::request(const licensing::Manifest& manifest,
                                            const std::string& token) {
    for (auto& row : shelf_.cloud())
        if (row.pending && row.pending->token == token && row.publisher == manifest.publisher &&
            row.pending->product == manifest.product)
            return std::move(row);
    const auto& organization = desk_.config.organization;
    const licensing::RedeemRequest message{manifest.product,
                                           token,
                                           std::string(agent_version()),
                                           organization.id,
                                           organization.location,
                                           organization.country};
    store::CloudRow row;
    row.publisher = manifest.publisher;
    row.id = licensing::random_id("idk_");
    row.pending = store::PendingRedemption{manifest.product, token,
                                           json::to_text(licensing::to_json(message)),
                                           desk_.runner.moment().now};
    store::Commit commit;
    commit.cloud.push_back(row);
    if (auto kept = desk_.runner.keep(std::move(commit)); !kept) return fail(kept.error());
    return row;
}

asio::awaitable<net::CallResult<net::Answer<json::bj::value>>> Redemption::ask(
    const licensing::Manifest& manifest, const store::CloudRow& row) {
    const auto device = desk_.trust.device_key(manifest);
    if (!device) co_return tl::unexpected(unsent(device.error()));
    const auto publisher = desk_.trust.of(manifest);
    if (!publisher) co_return tl::unexpected(unsent(publisher.error()));
    const net::Caller caller{publisher->root, publisher->key_set_version, *device};
    const net::ServerAddress server = desk_.server(manifest);
    const net::Call call{"POST", std::string(kPath), row.pending->body, row.id};
    auto answer = co_await desk_.client.call(server, caller, call);
    if (!answer) co_return tl::unexpected(std::move(answer.error()));
    desk_.runner.signed_time(answer->fresh.server_time, answer->fresh.round_trip);
    if (const auto kept = desk_.trust.accept(answer->fresh.trusted); !kept)
        co_return tl::unexpected(net::CallFailure{kept.error(), false, {}, {}, {}, true});
    co_return std::move(*answer);
}

/// What may have reached the key server waits for its answer; everything else is over.
Problem Redemption::failed(const licensing::Manifest& manifest, const store::CloudRow& row,
                           const net::CallFailure& failure) {
    store::Commit commit;
    if (failure.final || !failure.may_have_arrived) commit.cloud_gone.push_back(row.key());
    const auto& problem = failure.problem;
    std::string detail(problem.title());
    if (!problem.detail.empty()) detail += " (" + problem.detail + ")";
    commit.journal.push_back({0,
                              desk_.runner.moment().now,
                              manifest.product,
                              failure.final ? "redemption_refused" : "redemption_failed",
                              std::move(detail),
                              {},
                              manifest.publisher});
    if (auto kept = desk_.runner.keep(std::move(commit), problem.name()); !kept)
        return kept.error();
    return asked_once(problem,
                      "A token is not tried again by itself: check network, proxy and [keyserver] "
                      "url, then run 'latchkey redeem' with the same token; it is redeemed once.");
}

Result<Redeemed> Redemption::take(const licensing::Manifest& manifest, const store::CloudRow& row,
                                  const net::Answer<json::bj::value>& answer) {
    const auto token = ProductKey::parse(row.pending->token);
    const auto device = desk_.trust.device_key(manifest);
    if (!token || !device) return fail(Code::state_corrupt, "the pending redemption");
    auto documents = understand_redemption(
        answer.message, *answer.fresh.trusted.key_set,
        {manifest.publisher, manifest.product, token->last5(), (*device)->public_key()});
    if (!documents)
        return fail(failed(manifest, row, {documents.error(), false, {}, {}, {}, true}));
    Redeemed redeemed{documents->entitlement, false};
    for (const auto& other : shelf_.cloud())
        if (other.entitlement && other.id == redeemed.entitlement.id) redeemed.known = true;
    store::Commit commit;
    commit.cloud_gone.push_back(row.key());
    commit.cloud.push_back({row.publisher, redeemed.entitlement.id, std::nullopt,
                            redeemed.entitlement, std::move(documents->entitlement_jws)});
    if (!redeemed.known)
        commit.journal.push_back({0, desk_.runner.moment().now, manifest.product, "redeemed",
                                  words_of(redeemed.entitlement), std::move(documents->receipt_jws),
                                  manifest.publisher});
    if (auto kept = desk_.runner.keep(std::move(commit)); !kept) return fail(kept.error());
    return redeemed;
}

asio::awaitable<Result<Redeemed>> Redemption::redeem(std::string token) {
    const auto parsed = parse_token(token);
    licensing::wipe(token);
    if (!parsed) co_return fail(parsed.error());
    const auto manifest = manifest_of(desk_.manifests, *parsed);
    if (!manifest) co_return fail(manifest.error());
    // Nothing goes out for a state that may be another machine's.
    if (!desk_.settled) co_await desk_.machine.look(desk_.runner.wall());
    if (!desk_.settled)
        co_return fail(Code::storage_failed, "whose state this is could not be stored");
    const auto row = request(*manifest, parsed->text());
    if (!row) co_return fail(row.error());
    const auto answer = co_await ask(*manifest, *row);
    if (!answer) co_return fail(failed(*manifest, *row, answer.error()));
    co_return take(*manifest, *row, *answer);
}

}  // namespace latchkey::daemon
