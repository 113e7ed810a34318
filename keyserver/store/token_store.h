#pragma once

// Tokens for cloud services and what became of them. A topic of store.h, whose rules hold here too.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/store/page.h"
#include "keyserver/store/records.h"

namespace latchkey::keyserver {

/// A token is redeemed once. Whoever redeemed it is told the same again for ever.
struct Redemption {
    ServerTime at;
    std::string device_key;
    std::string receipt;  ///< its id
    std::string answer;   ///< JSON text of the licensing::RedeemReply
};

struct TokenRecord {
    std::string id;
    std::string entitlement;
    PepperedKey digest{};
    std::string last5;
    std::string service;
    std::int64_t seats = 0;
    ServerTime year_ends_at;  ///< rule K3: what it gives ends then
    bool blocked = false;
    ServerTime created_at;
    std::optional<Redemption> redemption = std::nullopt;
};

class TokenStore {
public:
    virtual ~TokenStore() = default;
    /// Never redeemed.
    virtual Result<void> add(const TokenRecord& token) = 0;
    virtual Result<std::optional<TokenRecord>> find(std::string_view id) = 0;
    /// In a writing transaction the token is locked until it ends: decide and commit are one step.
    virtual Result<std::optional<TokenRecord>> find_by_digest(const PepperedKey& digest) = 0;
    /// Of one entitlement, or of all where it is empty.
    virtual Result<Listed<TokenRecord>> list(std::string_view entitlement, const Page& page) = 0;
    virtual Result<void> set_redeemed(std::string_view id, const Redemption& redemption) = 0;
    virtual Result<void> set_blocked(std::string_view id, bool blocked) = 0;
};

}  // namespace latchkey::keyserver
