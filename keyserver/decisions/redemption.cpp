// POST /v1/tokens/redeem: a token becomes a cloud entitlement, once.

#include "keyserver/decisions/once.h"
#include "keyserver/rules/token_rules.h"
#include "licensing/product_key.h"
#include "licensing/receipt.h"

namespace latchkey::keyserver {
namespace {

/// Everything the decision looks at.
struct TokenFile {
    Product product;
    TokenRecord token;
    Entitlement entitlement;
    licensing::Program program;
    std::vector<Location> locations;
};

/// As parse_expecting(), in a token's words.
Result<licensing::ProductKey> parse_token(std::string_view text, std::uint32_t group) {
    auto token = licensing::parse_expecting(text, licensing::KeyKind::token, group);
    if (!token && token.error().code == Code::key_malformed)
        return fail(Code::token_malformed, token.error().detail);
    return token;
}

Result<TokenRecord> find_token(Stores& stores, const Pepper& pepper, const Product& product,
                               std::string_view text) {
    const auto parsed = parse_token(text, product.token_group);
    if (!parsed) return fail(parsed.error());
    auto token = stores.tokens.find_by_digest(pepper.of(*parsed));
    if (!token) return fail(std::move(token.error()));
    if (!*token) return fail(Code::token_unknown, "the token ending in " + parsed->last5());
    return std::move(**token);
}

Result<TokenFile> open_file(Stores& stores, const Pepper& pepper,
                            const licensing::RedeemRequest& request) {
    auto product = find_product(stores, request.product);
    if (!product) return fail(std::move(product.error()));
    auto token = find_token(stores, pepper, *product, request.token);
    if (!token) return fail(std::move(token.error()));
    auto entitlement = stores.entitlements.find(token->entitlement);
    if (!entitlement) return fail(std::move(entitlement.error()));
    if (!*entitlement)
        return fail(Code::state_corrupt, "token " + token->id + " has no entitlement");
    auto program = find_program(stores, (*entitlement)->program);
    if (!program) return fail(std::move(program.error()));
    auto locations = all_locations(stores, (*entitlement)->organization);
    if (!locations) return fail(std::move(locations.error()));
    return TokenFile{std::move(*product), std::move(*token), std::move(**entitlement),
                     std::move(*program), std::move(*locations)};
}

licensing::CloudEntitlement entitlement_of(const TokenFile& file, const KeyRoom& room,
                                           const ProvenRequest& request, ServerTime now) {
    return {.id = licensing::random_id("cld_"),
            .publisher = room.publisher().id,
            .product = file.product.id,
            .service = file.token.service,
            .program = file.program.id,
            .organization = file.entitlement.organization,
            .seats = file.token.seats,
            .token_last5 = file.token.last5,
            .device_key = request.device_key,
            .receipt = licensing::random_id("rcp_"),
            .redeemed_at = now,
            .ends_at = file.token.year_ends_at};
}

licensing::Receipt receipt_of(const licensing::CloudEntitlement& given, const TokenFile& file,
                              const licensing::RedeemRequest& claims) {
    licensing::Receipt receipt;
    receipt.id = given.receipt;
    receipt.kind = licensing::ReceiptKind::redemption;
    receipt.publisher = given.publisher;
    receipt.product = given.product;
    receipt.license = given.id;
    receipt.device_key = given.device_key;
    receipt.key_last5 = given.token_last5;
    receipt.organization = given.organization;
    receipt.program = given.program;
    receipt.rule = file.program.rule;
    receipt.reasons.push_back(
        "A token was redeemed for " + given.service + ", " + std::to_string(given.seats) +
        (given.seats == 1 ? " seat" : " seats") + " until " +
        format_rfc3339(given.ends_at).substr(0, 10) + "; no activation is used.");
    receipt.claimed_location = claims.location;
    receipt.claimed_country = claims.country;
    receipt.at = given.redeemed_at;
    return receipt;
}

ReceiptRecord record_of(const licensing::Receipt& receipt, const TokenRecord& token,
                        std::string jws) {
    return {.id = receipt.id,
            .kind = std::string(licensing::name(receipt.kind)),
            .machine = {},
            .key = {},
            .license = receipt.license,
            .device_key = licensing::to_text(receipt.device_key),
            .counted = 0,
            .returned = false,
            .continuity = std::string(licensing::name(receipt.continuity)),
            .verdict = std::string(hwid::name(receipt.verdict)),
            .at = receipt.at,
            .jws = std::move(jws),
            .token = token.id};
}

Outcome answer_again(const Redemption& redemption) {
    auto body = json::parse_strict(redemption.answer, {.max_bytes = 1024 * 1024});
    if (!body) return refuse({Code::state_corrupt, "a remembered answer is damaged", {}});
    return Answer{200, std::move(*body), false};
}

}  // namespace

Outcome DecisionService::decide_redemption(Stores& stores, const ProvenRequest& request,
                                           licensing::RedeemRequest message, ServerTime now) {
    const auto file = open_file(stores, room_.pepper(), message);
    licensing::wipe(message.token);
    if (!file) return refuse(file.error());
    auto decision = keyserver::decide_redemption({file->token, file->program, file->entitlement,
                                                  file->locations, message, request.device, now});
    if (decision.refusal) return refuse(std::move(*decision.refusal));
    if (decision.repeated) return answer_again(*file->token.redemption);

    const auto given = entitlement_of(*file, room_, request, now);
    const auto receipt = receipt_of(given, *file, message);
    const auto& key = room_.signing_key();
    const licensing::RedeemReply reply{licensing::sign_cloud_entitlement(key, given),
                                       licensing::sign_receipt(key, receipt)};
    auto body = licensing::to_json(reply);
    auto kept = stores.tokens.set_redeemed(file->token.id,
                                           {now, request.device, receipt.id, json::to_text(body)});
    if (kept) kept = stores.decisions.add_receipt(record_of(receipt, file->token, reply.receipt));
    if (!kept) return refuse(std::move(kept.error()));
    return Answer{201, std::move(body), false};
}

Outcome DecisionService::redeem(const ProvenRequest& request, std::string_view message,
                                ServerTime now) {
    const auto value = json::parse_strict(message);
    if (!value) return refuse(value.error());
    auto parsed = licensing::redeem_request_from_json(*value);
    if (!parsed) return refuse(std::move(parsed.error()));
    auto outcome = once(request, message, now, [&](Stores& stores) {
        return decide_redemption(stores, request, *parsed, now);
    });
    licensing::wipe(parsed->token);
    return outcome;
}

}  // namespace latchkey::keyserver
