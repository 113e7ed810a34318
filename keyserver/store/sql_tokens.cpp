#include "keyserver/store/sql_tokens.h"

#include <algorithm>

#include "keyserver/store/sql_rows.h"
#include "keyserver/store/sql_walk.h"

namespace latchkey::keyserver {
namespace {

Result<TokenRecord> read_token(Query& row) {
    TokenRecord token{.id = row.text(1),
                      .entitlement = row.text(2),
                      .digest = {},
                      .last5 = row.text(4),
                      .service = row.text(5),
                      .seats = row.integer(6),
                      .year_ends_at = row.time(7),
                      .blocked = row.boolean(8),
                      .created_at = row.time(13)};
    const auto digest = row.blob(3);
    if (digest.size() != token.digest.size())
        return fail(Code::state_corrupt, "a token's digest is damaged");
    std::copy(digest.begin(), digest.end(), token.digest.begin());
    if (const auto at = row.optional_time(9))
        token.redemption = Redemption{*at, row.text(10), row.text(11), row.text(12)};
    return token;
}

}  // namespace

Result<void> SqlTokens::add(const TokenRecord& token) {
    return added(db_.query("INSERT INTO tokens (id, entitlement, digest, last5, service, seats, "
                           "year_ends_at, blocked, redeemed_at, redeemed_by, receipt, answer, "
                           "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', '', ?) "
                           "ON CONFLICT DO NOTHING")
                     .bind(token.id, token.entitlement, Blob(token.digest), token.last5,
                           token.service, token.seats, token.year_ends_at, token.blocked,
                           token.created_at)
                     .run());
}

Result<std::optional<TokenRecord>> SqlTokens::find(std::string_view id) {
    Query query = db_.query("SELECT * FROM tokens WHERE id = ?");
    return read_one<TokenRecord>(query.bind(id), read_token);
}

Result<std::optional<TokenRecord>> SqlTokens::find_by_digest(const PepperedKey& digest) {
    Query query = db_.query(db_.locks() ? "SELECT * FROM tokens WHERE digest = ? FOR UPDATE"
                                        : "SELECT * FROM tokens WHERE digest = ?");
    return read_one<TokenRecord>(query.bind(Blob(digest)), read_token);
}

Result<Listed<TokenRecord>> SqlTokens::list(std::string_view entitlement, const Page& page) {
    const auto start = page_start(page);
    if (!start) return fail(start.error());
    Query query =
        db_.query(entitlement.empty()
                      ? "SELECT * FROM tokens WHERE seq > ?1 AND ?2 = '' ORDER BY seq LIMIT ?3"
                      : "SELECT * FROM tokens WHERE " LATCHKEY_SQL_AFTER(
                            "entitlement") "ORDER BY entitlement, seq LIMIT ?3");
    return read_page<TokenRecord>(query.bind(*start, entitlement, page.limit + 1), page,
                                  read_token);
}

Result<void> SqlTokens::set_redeemed(std::string_view id, const Redemption& redemption) {
    return done(
        db_.query("UPDATE tokens SET redeemed_at = ?, redeemed_by = ?, receipt = ?, "
                  "answer = ? WHERE id = ?")
            .bind(redemption.at, redemption.device_key, redemption.receipt, redemption.answer, id)
            .run());
}

Result<void> SqlTokens::set_blocked(std::string_view id, bool blocked) {
    return done(db_.query("UPDATE tokens SET blocked = ? WHERE id = ?").bind(blocked, id).run());
}

}  // namespace latchkey::keyserver
