#include "licensing/product_key.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "licensing/check_symbols.h"

namespace latchkey::licensing {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::array<std::uint8_t, 12> random_bytes(std::mt19937_64& rng) {
    std::array<std::uint8_t, 12> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
    return bytes;
}

ProductKey sample(std::uint64_t seed, KeyKind kind = KeyKind::product_key,
                  std::uint32_t group = 0x5a5a5) {
    std::mt19937_64 rng(seed);
    return ProductKey::make(kind, group, random_bytes(rng));
}

/// The 25 characters without hyphens.
std::string bare(const ProductKey& key) {
    std::string text = key.text();
    std::erase(text, '-');
    return text;
}

std::string with_hyphens(std::string_view bare) {
    std::string text;
    for (std::size_t i = 0; i < bare.size(); ++i) {
        if (i > 0 && i % 5 == 0) text += '-';
        text += bare[i];
    }
    return text;
}

std::string detail_of(std::string_view text) {
    const auto parsed = ProductKey::parse(text);
    if (parsed) return "(accepted)";
    EXPECT_EQ(parsed.error().code, Code::key_malformed);
    return parsed.error().detail;
}

TEST(ProductKey, K1_keys_and_tokens_are_25_characters_in_five_groups_of_five) {
    for (const auto kind : {KeyKind::product_key, KeyKind::token}) {
        const auto text = sample(1, kind).text();
        ASSERT_EQ(text.size(), 29u);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i % 6 == 5)
                EXPECT_EQ(text[i], '-');
            else
                EXPECT_NE(kAlphabet.find(text[i]), std::string_view::npos);
        }
        EXPECT_EQ(ProductKey::parse(text)->kind(), kind);
    }
    EXPECT_NE(sample(1).text(), sample(1, KeyKind::token).text());
}

TEST(ProductKey, K2_a_token_where_a_key_belongs_is_recognised_from_its_text_alone) {
    const auto token = sample(2, KeyKind::token);
    const auto refused = parse_expecting(token.text(), KeyKind::product_key, token.group());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::token_not_key);
    EXPECT_NE(refused.error().title().find("token"), std::string_view::npos);
    EXPECT_NE(refused.error().remedy_text().find("latchkey redeem"), std::string_view::npos);
}

TEST(ProductKey, K2_a_key_where_a_token_belongs_is_recognised_too) {
    const auto key = sample(3);
    const auto refused = parse_expecting(key.text(), KeyKind::token, key.group());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::key_not_token);
}

TEST(ProductKey, a_key_of_another_product_is_recognised) {
    const auto key = sample(4);
    EXPECT_TRUE(parse_expecting(key.text(), KeyKind::product_key, key.group()));
    const auto refused = parse_expecting(key.text(), KeyKind::product_key, key.group() ^ 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::key_wrong_product);
    // What kind it is matters more than which product.
    EXPECT_EQ(parse_expecting(key.text(), KeyKind::token, key.group() ^ 1).error().code,
              Code::key_not_token);
    EXPECT_EQ(parse_expecting("nonsense", KeyKind::token, 1).error().code, Code::key_malformed);
}

TEST(ProductKey, what_was_made_is_read_back_from_its_text) {
    std::mt19937_64 rng(20260101);
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
        const auto kind = i % 2 == 0 ? KeyKind::product_key : KeyKind::token;
        const auto group = static_cast<std::uint32_t>(rng()) & kMaxGroup;
        const auto key = ProductKey::make(kind, group, random_bytes(rng));
        EXPECT_EQ(key.kind(), kind);
        EXPECT_EQ(key.group(), group);
        EXPECT_EQ(key.version(), 1);
        const auto again = ProductKey::parse(key.text());
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, key);
        EXPECT_EQ(again->text(), key.text());
        EXPECT_EQ(key.last5(), key.text().substr(24));
        seen.insert(key.text());
    }
    EXPECT_EQ(seen.size(), 2000u);
    for (const std::uint32_t group : {0u, 1u, kMaxGroup})
        EXPECT_EQ(sample(5, KeyKind::product_key, group).group(), group);
}

TEST(ProductKey, each_of_the_first_90_random_bits_is_in_the_key_and_the_last_6_are_not) {
    const std::array<std::uint8_t, 12> zero{};
    const auto base = ProductKey::make(KeyKind::product_key, 7, zero);
    for (std::size_t bit = 0; bit < 96; ++bit) {
        auto random = zero;
        random[bit / 8] = static_cast<std::uint8_t>(0x80u >> (bit % 8));
        const auto key = ProductKey::make(KeyKind::product_key, 7, random);
        EXPECT_EQ(key == base, bit >= 90) << bit;
    }
}

TEST(ProductKey, case_spaces_dashes_and_lookalikes_do_not_matter) {
    const auto key = sample(6);
    std::string lower = key.text();
    for (auto& c : lower) c = static_cast<char>(std::tolower(c));
    std::string alike = key.text();
    for (auto& c : alike) c = c == '1' ? 'l' : c == '0' ? 'o' : c;
    std::string alike_upper = key.text();
    for (auto& c : alike_upper) c = c == '1' ? 'I' : c == '0' ? 'O' : c;
    std::string spaced, en_dashes, odd = "\xef\xbb\xbf  ";
    for (const char c : key.text()) {
        spaced += c == '-' ? std::string(" ") : std::string(1, c);
        en_dashes += c == '-' ? std::string("\xe2\x80\x93") : std::string(1, c);
        odd += c == '-' ? std::string("\xc2\xa0-\t") : std::string(1, c);
    }
    odd += "\r\n";
    for (const auto& text : {lower, alike, alike_upper, spaced, en_dashes, odd, bare(key)}) {
        const auto parsed = ProductKey::parse(text);
        ASSERT_TRUE(parsed) << parsed.error().detail;
        EXPECT_EQ(*parsed, key);
    }
}

TEST(ProductKey, every_dash_and_space_that_word_processors_put_in_is_passed_over) {
    const auto key = sample(16);
    for (const auto* separator :
         {"\xc2\xad", "\xe2\x80\x8b", "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x94",
          "\xe2\x80\x95", "\xe2\x80\xaf", "\xe2\x81\xa0", "\xe2\x88\x92", "\xe3\x80\x80",
          "\xef\xb9\x98", "\xef\xb9\xa3", "\xef\xbb\xbf", "\xef\xbc\x8d"}) {
        std::string text;
        for (const char c : key.text())
            text += c == '-' ? std::string(separator) : std::string(1, c);
        const auto parsed = ProductKey::parse(text);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
        EXPECT_EQ(*parsed, key);
    }
}

// --- the check symbols, exhaustively ---

TEST(CheckSymbols, the_code_is_linear) {
    std::mt19937_64 rng(7);
    for (int i = 0; i < 5000; ++i) {
        check::Symbols a{}, b{}, sum{};
        for (std::size_t j = 0; j < check::kSymbols; ++j) {
            a[j] = static_cast<std::uint8_t>(rng() & 0x1f);
            b[j] = static_cast<std::uint8_t>(rng() & 0x1f);
            sum[j] = static_cast<std::uint8_t>(a[j] ^ b[j]);
        }
        const auto sa = check::syndrome(a), sb = check::syndrome(b), ss = check::syndrome(sum);
        EXPECT_EQ(ss.plain, sa.plain ^ sb.plain);
        EXPECT_EQ(ss.weighted, sa.weighted ^ sb.weighted);
    }
}

TEST(CheckSymbols, no_codeword_has_weight_one_or_two) {
    std::size_t patterns = 0;
    for (std::size_t i = 0; i < check::kSymbols; ++i) {
        for (std::uint8_t x = 1; x < 32; ++x) {
            check::Symbols word{};
            word[i] = x;
            ASSERT_FALSE(check::syndrome(word).fits());
            ++patterns;
            for (std::size_t j = i + 1; j < check::kSymbols; ++j) {
                for (std::uint8_t y = 1; y < 32; ++y) {
                    word[j] = y;
                    ASSERT_FALSE(check::syndrome(word).fits()) << i << ' ' << j;
                    ++patterns;
                }
                word[j] = 0;
            }
        }
    }
    EXPECT_EQ(patterns, 25u * 31 + 300u * 31 * 31);
}

TEST(CheckSymbols, every_single_wrong_symbol_is_found_where_it_is) {
    std::mt19937_64 rng(8);
    check::Symbols word{};
    for (auto& symbol : word) symbol = static_cast<std::uint8_t>(rng() & 0x1f);
    check::complete(word);
    ASSERT_TRUE(check::syndrome(word).fits());
    EXPECT_TRUE(check::likely_slips(word).empty());
    for (std::size_t i = 0; i < check::kSymbols; ++i) {
        for (std::uint8_t x = 1; x < 32; ++x) {
            auto wrong = word;
            wrong[i] = static_cast<std::uint8_t>(wrong[i] ^ x);
            const auto slips = check::likely_slips(wrong);
            ASSERT_EQ(slips.size(), 1u);
            EXPECT_EQ(slips[0].first, i);
            EXPECT_EQ(slips[0].last, i);
        }
    }
}

TEST(ProductKey, every_one_symbol_slip_of_a_key_is_refused_and_its_group_named) {
    const auto key = bare(sample(9));
    for (std::size_t i = 0; i < key.size(); ++i) {
        for (const char c : kAlphabet) {
            if (c == key[i]) continue;
            auto wrong = key;
            wrong[i] = c;
            const auto detail = detail_of(with_hyphens(wrong));
            const auto group = "group " + std::to_string(i / 5 + 1);
            ASSERT_NE(detail.find(group), std::string::npos) << detail;
            ASSERT_NE(detail.find("probably"), std::string::npos) << detail;
        }
    }
}

TEST(ProductKey, every_two_symbol_slip_of_a_key_is_refused) {
    const auto key = bare(sample(10));
    for (std::size_t i = 0; i < key.size(); ++i) {
        for (std::size_t j = i + 1; j < key.size(); ++j) {
            // All pairs of differences are covered by linearity above; here the parser itself.
            for (std::size_t k = 1; k < 32; k += 6) {
                auto wrong = key;
                wrong[i] = kAlphabet[(kAlphabet.find(key[i]) + k) % 32];
                wrong[j] = kAlphabet[(kAlphabet.find(key[j]) + k) % 32];
                ASSERT_FALSE(ProductKey::parse(wrong)) << i << ' ' << j;
            }
        }
    }
}

TEST(ProductKey, every_swap_of_neighbours_is_refused_and_its_group_among_those_named) {
    for (std::uint64_t seed = 100; seed < 140; ++seed) {
        const auto key = bare(sample(seed));
        for (std::size_t i = 0; i + 1 < key.size(); ++i) {
            if (key[i] == key[i + 1]) continue;
            auto wrong = key;
            std::swap(wrong[i], wrong[i + 1]);
            const auto detail = detail_of(wrong);
            ASSERT_NE(detail.find("swapped"), std::string::npos) << detail;
            ASSERT_NE(detail.find(std::to_string(i / 5 + 1)), std::string::npos) << detail;
        }
    }
}

// --- what people are told ---

TEST(ProductKey, a_wrong_length_names_the_group_where_groups_can_be_told) {
    const auto text = sample(11).text();
    EXPECT_EQ(detail_of(""), "it has 0 characters; a key has 25, in five groups of five");
    EXPECT_EQ(detail_of("7"), "it has 1 character; a key has 25, in five groups of five");
    EXPECT_EQ(detail_of(text.substr(0, 23)),
              "it has 20 characters; a key has 25, in five groups of five");
    EXPECT_EQ(detail_of(text.substr(0, 28)), "group 5 has 4 characters; each group has 5");
    auto short_third = text;
    short_third.erase(13, 1);
    EXPECT_EQ(detail_of(short_third), "group 3 has 4 characters; each group has 5");
    auto long_first = text;
    long_first.insert(2, "Z");
    EXPECT_EQ(detail_of(long_first), "group 1 has 6 characters; each group has 5");
    EXPECT_EQ(detail_of("A-B-C-D-E"), "group 1 has 1 character; each group has 5");
}

TEST(ProductKey, a_character_no_key_contains_is_named_with_its_group) {
    auto text = sample(12).text();
    text[7] = 'U';
    EXPECT_EQ(detail_of(text), "group 2 holds the character 'U', which no key contains");
    text[7] = '\x07';
    EXPECT_EQ(detail_of(text), "group 2 holds the character U+0007, which no key contains");
    text[7] = '\xff';
    EXPECT_EQ(detail_of(text), "group 2 holds a byte that is no character, which no key contains");
    text.replace(7, 1, "\xc3\xa9");
    EXPECT_EQ(detail_of(text), "group 2 holds the character U+00E9, which no key contains");
    text.replace(7, 2, "\xf0\x9f\x94\x91");
    EXPECT_EQ(detail_of(text), "group 2 holds the character U+01F511, which no key contains");
    auto unhyphenated = bare(sample(12));
    unhyphenated[24] = '*';
    EXPECT_EQ(detail_of(unhyphenated), "group 5 holds the character '*', which no key contains");
}

TEST(ProductKey, an_endless_text_is_refused_without_reading_it_through) {
    EXPECT_NE(detail_of(std::string(1 << 20, '-')).find("1048576 bytes"), std::string::npos);
    EXPECT_NE(detail_of(sample(13).text() + std::string(600, ' ')).find("629 bytes"),
              std::string::npos);
    EXPECT_TRUE(ProductKey::parse(sample(13).text() + std::string(400, ' ')));
}

TEST(ProductKey, a_key_of_an_unknown_version_says_so) {
    check::Symbols symbols{};
    symbols[0] = 2 << 1;
    check::complete(symbols);
    std::string text;
    for (const auto symbol : symbols) text += kAlphabet[symbol];
    EXPECT_NE(detail_of(text).find("version 2"), std::string::npos);
    EXPECT_NE(detail_of(std::string(25, '0')).find("version 0"), std::string::npos);
}

TEST(ProductKey, the_detail_never_holds_the_key) {
    const auto key = sample(14);
    const auto full = bare(key);
    for (std::size_t i = 0; i < 25; ++i) {
        for (const char c : {'Z', 'U', '?', '7'}) {
            auto wrong = full;
            wrong[i] = c;
            for (const auto& text : {wrong, with_hyphens(wrong), wrong.substr(1)}) {
                const auto parsed = ProductKey::parse(text);
                if (parsed) continue;
                for (std::size_t g = 0; g < 5; ++g)
                    EXPECT_EQ(parsed.error().detail.find(text.substr(g * 4, 4)), std::string::npos);
            }
        }
    }
}

TEST(ProductKey, nothing_typed_at_random_is_a_key_or_does_harm) {
    std::mt19937_64 rng(15);
    for (int i = 0; i < 20000; ++i) {
        std::string text(rng() % 40, '\0');
        for (auto& c : text) c = static_cast<char>(rng());
        EXPECT_FALSE(ProductKey::parse(text));
    }
}

TEST(ProductKeyDeathTest, a_product_group_of_more_than_20_bits_is_a_programming_error) {
    EXPECT_DEATH(ProductKey::make(KeyKind::token, kMaxGroup + 1, {}), "");
}

}  // namespace
}  // namespace latchkey::licensing
