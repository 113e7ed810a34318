#pragma once

// The tokens of token_store.h on one connection to a database (sql_topics.h).

#include "keyserver/store/sql.h"
#include "keyserver/store/token_store.h"

namespace latchkey::keyserver {

class SqlTokens final : public TokenStore {
public:
    explicit SqlTokens(Database& db) : db_(db) {}
    Result<void> add(const TokenRecord& token) override;
    Result<std::optional<TokenRecord>> find(std::string_view id) override;
    Result<std::optional<TokenRecord>> find_by_digest(const PepperedKey& digest) override;
    Result<Listed<TokenRecord>> list(std::string_view entitlement, const Page& page) override;
    Result<void> set_redeemed(std::string_view id, const Redemption& redemption) override;
    Result<void> set_blocked(std::string_view id, bool blocked) override;

private:
    Database& db_;
};

}  // namespace latchkey::keyserver
