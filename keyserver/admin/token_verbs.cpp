// token issue | list | show | block

#include <boost/json/array.hpp>

#include <algorithm>

#include "keyserver/admin/verb.h"
#include "licensing/product_key.h"
#include "licensing/redemption.h"

namespace latchkey::keyserver::admin {
namespace {

constexpr std::int64_t kMostAtOnce = 1000;

bj::object shown(const TokenRecord& token) {
    bj::object out{{"id", token.id},
                   {"last5", token.last5},
                   {"entitlement", token.entitlement},
                   {"service", token.service},
                   {"seats", token.seats},
                   {"year_ends_at", format_rfc3339(token.year_ends_at)},
                   {"blocked", token.blocked},
                   {"redeemed_at", nullptr},
                   {"redeemed_by", nullptr},
                   {"receipt", nullptr},
                   {"created_at", format_rfc3339(token.created_at)}};
    if (const auto& redemption = token.redemption) {
        out["redeemed_at"] = format_rfc3339(redemption->at);
        out["redeemed_by"] = redemption->device_key;
        out["receipt"] = redemption->receipt;
    }
    return out;
}

Result<TokenRecord> required_token(Context& context, const std::string& id) {
    auto token = context.stores.tokens.find(id);
    if (!token) return fail(std::move(token.error()));
    if (!*token) return fail(Code::record_unknown, "token \"" + id + "\"");
    return std::move(**token);
}

/// What every token of one call has in common.
struct Wanted {
    Product product;
    std::string entitlement;
    std::string service;
    std::int64_t seats = 1;
    ServerTime year_ends_at;
};

Result<Wanted> read_wanted(Context& context, const Arguments& arguments) {
    const std::string id = arguments.text("entitlement");
    const auto entitlement = context.stores.entitlements.find(id);
    if (!entitlement) return fail(entitlement.error());
    if (!*entitlement) return fail(Code::entitlement_unknown, "entitlement \"" + id + "\"");
    auto product = context.stores.products.find((*entitlement)->product);
    if (!product) return fail(std::move(product.error()));
    if (!*product) return fail(Code::product_unknown, (*entitlement)->product);
    Wanted wanted{std::move(**product), id, arguments.text("service"), arguments.number("seats", 1),
                  arguments.date("year-ends").value_or(ServerTime{})};
    if (wanted.service.size() > licensing::kMaxServiceBytes)
        return fail(Code::usage, "--service must be 1 to " +
                                     std::to_string(licensing::kMaxServiceBytes) + " bytes");
    if (wanted.seats < 1) return fail(Code::usage, "--seats must be 1 or more");
    if (wanted.year_ends_at <= context.now)
        return fail(Problem{Code::enrollment_ended,
                            "--year-ends: the year ended " + format_rfc3339(wanted.year_ends_at),
                            "Name a date that is still to come."});
    return wanted;
}

Result<bj::object> make_one(Context& context, const Wanted& wanted) {
    std::array<std::uint8_t, 12> random{};
    const Bytes bytes = licensing::random_bytes(random.size());
    std::copy(bytes.begin(), bytes.end(), random.begin());
    const auto made =
        licensing::ProductKey::make(licensing::KeyKind::token, wanted.product.token_group, random);
    const TokenRecord token{.id = licensing::random_id("tok_"),
                            .entitlement = wanted.entitlement,
                            .digest = context.room.pepper().of(made),
                            .last5 = made.last5(),
                            .service = wanted.service,
                            .seats = wanted.seats,
                            .year_ends_at = wanted.year_ends_at,
                            .blocked = false,
                            .created_at = context.now};
    if (auto added = context.stores.tokens.add(token); !added)
        return fail(std::move(added.error()));
    bj::object out{{"token", made.text()}};
    for (auto& member : shown(token)) out[member.key()] = std::move(member.value());
    return out;
}

/// One as `key issue` shows its key; with --count a list, also of one.
Result<bj::object> issue(Context& context, const Arguments& arguments) {
    const auto wanted = read_wanted(context, arguments);
    if (!wanted) return fail(wanted.error());
    if (!arguments.has("count")) return make_one(context, *wanted);
    const std::int64_t count = arguments.number("count", 1);
    if (count < 1 || count > kMostAtOnce)
        return fail(Code::usage, "--count must be 1 to " + std::to_string(kMostAtOnce));
    bj::array tokens;
    for (std::int64_t i = 0; i < count; ++i) {
        auto token = make_one(context, *wanted);
        if (!token) return token;
        tokens.push_back(std::move(*token));
    }
    return bj::object{{"tokens", std::move(tokens)}};
}

Result<bj::object> list(Context& context, const Arguments& arguments) {
    return listed(context.stores.tokens.list(arguments.text("entitlement"), arguments.page()),
                  "tokens", shown);
}

Result<bj::object> show(Context& context, const Arguments& arguments) {
    const auto token = required_token(context, arguments.text("id"));
    if (!token) return fail(token.error());
    bj::object out = shown(*token);
    const auto entitlement = context.stores.entitlements.find(token->entitlement);
    if (!entitlement) return fail(entitlement.error());
    if (*entitlement) {
        out["product"] = (*entitlement)->product;
        out["program"] = (*entitlement)->program;
        out["organization"] = (*entitlement)->organization;
    }
    return out;
}

Result<bj::object> block(Context& context, const Arguments& arguments) {
    auto token = required_token(context, arguments.text("id"));
    if (!token) return fail(std::move(token.error()));
    token->blocked = !arguments.has("undo");
    if (auto set = context.stores.tokens.set_blocked(token->id, token->blocked); !set)
        return fail(std::move(set.error()));
    return shown(*token);
}

}  // namespace

std::vector<Verb> token_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"token",
         "issue",
         "Make tokens for a cloud service; they are shown this once",
         {{"entitlement", text, true, "The entitlement's id"},
          {"service", text, true, "The cloud service, as people are to read it"},
          {"seats", number, false, "Seats that each of them gives (default 1)"},
          {"year-ends", date, true, "The date on which the program's enrollment year ends"},
          {"count", number, false, "So many of them, 1 to 1000 (default 1)"}},
         write,
         issue,
         {},
         {}},
        {"token",
         "list",
         "List tokens by their last five characters",
         {{"entitlement", text, false, "Of this entitlement only"}, limit_rule(), cursor_rule()},
         read,
         list,
         "tokens",
         {{"ID", "id"},
          {"LAST 5", "last5"},
          {"ENTITLEMENT", "entitlement"},
          {"SERVICE", "service"},
          {"SEATS", "seats"},
          {"YEAR ENDS", "year_ends_at"},
          {"REDEEMED", "redeemed_at"},
          {"BLOCKED", "blocked"}}},
        {"token",
         "show",
         "Show one token with its entitlement",
         {{"id", text, true, "The token's id", true}},
         read,
         show,
         {},
         {}},
        {"token",
         "block",
         "Refuse to redeem this token from now on",
         {{"id", text, true, "The token's id", true}, {"undo", flag, false, "Allow it again"}},
         write,
         block,
         {},
         {}},
    };
}

}  // namespace latchkey::keyserver::admin
