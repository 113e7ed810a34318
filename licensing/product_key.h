#pragma once

// 5x5 product keys and tokens: 25 Crockford base-32 symbols in five groups (rules K1, K2).
//
//   symbol 1       version (4 bits, now 1) and kind (1 bit: 0 product key, 1 token)
//   symbols 2-5    product group (20 bits), as the product's manifest names it
//   symbols 6-23   90 random bits: the secret
//   symbols 24-25  two check symbols: a Reed-Solomon code over GF(32) of distance 3, so every one-
//   and two-symbol slip and
//                  every swap of neighbours is caught (proven exhaustively in product_key_test.cpp)
//
// Case, spaces and hyphens do not matter; I and L read as 1, O as 0, as Crockford says; U is
// refused.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::licensing {

enum class KeyKind : std::uint8_t { product_key, token };

inline constexpr std::size_t kKeySymbols = 25;
inline constexpr std::uint32_t kMaxGroup = (1u << 20) - 1;

/// A well-formed key or token. It is a secret: it has no operator<<, and only last5() may be shown.
class ProductKey {
public:
    /// Reads what a person typed. Fails with Code::key_malformed; the detail names the group that
    /// looks wrong ("group 3"), never the key. No network, no knowledge of which keys exist.
    static Result<ProductKey> parse(std::string_view text);

    /// Makes one from 12 random bytes (96 bits, of which 90 are used). `group` <= kMaxGroup.
    static ProductKey make(KeyKind kind, std::uint32_t group,
                           const std::array<std::uint8_t, 12>& random);

    KeyKind kind() const;
    int version() const;
    std::uint32_t group() const;

    /// "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX": the one canonical spelling. Secret.
    std::string text() const;
    /// The last group, the only part that may be shown or logged.
    std::string last5() const;

    friend bool operator==(const ProductKey&, const ProductKey&) = default;

private:
    std::array<std::uint8_t, kKeySymbols> symbols_{};  // 0..31 each
};

/// parse(), and in addition refuses a token with Code::token_not_key (rule K2), or a key where a
/// token belongs with Code::key_not_token, and a wrong group with Code::key_wrong_product; `group`
/// is the manifest's code for that kind.
Result<ProductKey> parse_expecting(std::string_view text, KeyKind expected, std::uint32_t group);

}  // namespace latchkey::licensing
