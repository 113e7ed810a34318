#include "licensing/product_key.h"

#include <cstdlib>
#include <optional>
#include <vector>

#include "licensing/check_symbols.h"

namespace latchkey::licensing {
namespace {

static_assert(kKeySymbols == check::kSymbols);

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroups = 5;
constexpr std::size_t kGroupSize = 5;
constexpr int kVersion = 1;
constexpr std::size_t kMaxTypedBytes = 512;
constexpr std::size_t kFirstRandom = 5;

constexpr std::array<std::int8_t, 128> make_values() {
    std::array<std::int8_t, 128> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        const auto c = static_cast<std::size_t>(kAlphabet[i]);
        values[c] = static_cast<std::int8_t>(i);
        if (kAlphabet[i] >= 'A') values[c + ('a' - 'A')] = static_cast<std::int8_t>(i);
    }
    for (const char c : {'I', 'i', 'L', 'l'}) values[static_cast<std::size_t>(c)] = 1;
    for (const char c : {'O', 'o'}) values[static_cast<std::size_t>(c)] = 0;
    return values;
}

constexpr auto kValues = make_values();

std::optional<std::uint8_t> symbol_value(char32_t c) {
    if (c >= kValues.size() || kValues[c] < 0) return std::nullopt;
    return static_cast<std::uint8_t>(kValues[c]);
}

/// What mails, documents and people put between groups.
bool is_separator(char32_t c) {
    switch (c) {
        case U' ':
        case U'\t':
        case U'\r':
        case U'\n':
        case U'-':
        case 0x00a0:  // no-break space
        case 0x00ad:  // soft hyphen
        case 0x202f:
        case 0x2060:
        case 0x2212:  // minus sign
        case 0x3000:
        case 0xfe58:
        case 0xfe63:
        case 0xfeff:
        case 0xff0d:
            return true;
        default:
            return (c >= 0x2000 && c <= 0x200d) ||  // spaces, some of no width
                   (c >= 0x2010 && c <= 0x2015);    // hyphens and dashes
    }
}

constexpr char32_t kNotText = 0xffffffff;

/// Takes one code point off the front of `rest`; kNotText for bytes that are no UTF-8.
char32_t take_code_point(std::string_view& rest) {
    const auto lead = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    if (lead < 0x80) return lead;
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || rest.size() < more) return kNotText;
    char32_t c = lead & (0x3fu >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<unsigned char>(rest[i]);
        if ((next & 0xc0) != 0x80) return kNotText;
        c = (c << 6) | (next & 0x3fu);
    }
    rest.remove_prefix(more);
    return c;
}

/// The one offending character, in a form that is safe to print.
std::string spell(char32_t c) {
    if (c == kNotText) return "a byte that is no character";
    if (c > 0x20 && c < 0x7f) return std::string("the character '") + static_cast<char>(c) + "'";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (int shift = c > 0xffff ? 20 : 12; shift >= 0; shift -= 4)
        text += digits[(c >> shift) & 0xf];
    return "the character U+" + text;
}

std::string group_name(std::size_t position) {
    return "group " + std::to_string(position / kGroupSize + 1);
}

/// What was typed, cut at the separators.
struct Typed {
    std::vector<std::size_t> sizes;  ///< of the runs between separators
    std::size_t count = 0;
    check::Symbols symbols{};
    std::optional<char32_t> bad;
    std::size_t bad_position = 0;
    std::size_t bad_run = 0;

    bool in_five_groups() const { return sizes.size() == kGroups; }
};

Typed read_typed(std::string_view rest) {
    Typed typed;
    bool in_run = false;
    while (!rest.empty()) {
        const char32_t c = take_code_point(rest);
        if (is_separator(c)) {
            in_run = false;
            continue;
        }
        if (!in_run) typed.sizes.push_back(0);
        in_run = true;
        ++typed.sizes.back();
        const auto value = symbol_value(c);
        if (!value && !typed.bad) {
            typed.bad = c;
            typed.bad_position = typed.count;
            typed.bad_run = typed.sizes.size() - 1;
        }
        if (typed.count < kKeySymbols) typed.symbols[typed.count] = value.value_or(0);
        ++typed.count;
    }
    return typed;
}

/// Why the characters cannot be a key at all; empty where they can.
std::string describe_shape(const Typed& typed) {
    const bool right_length = typed.count == kKeySymbols;
    if (typed.bad && (right_length || typed.in_five_groups())) {
        const std::size_t group =
            typed.in_five_groups() ? typed.bad_run : typed.bad_position / kGroupSize;
        return "group " + std::to_string(group + 1) + " holds " + spell(*typed.bad) +
               ", which no key contains";
    }
    if (right_length) return {};
    if (typed.in_five_groups()) {
        for (std::size_t i = 0; i < kGroups; ++i) {
            if (typed.sizes[i] == kGroupSize) continue;
            return "group " + std::to_string(i + 1) + " has " + std::to_string(typed.sizes[i]) +
                   (typed.sizes[i] == 1 ? " character" : " characters") + "; each group has 5";
        }
    }
    return "it has " + std::to_string(typed.count) +
           (typed.count == 1 ? " character" : " characters") +
           "; a key has 25, in five groups of five";
}

std::string describe_slip(const check::Slip& slip) {
    if (slip.first == slip.last) {
        const auto group = group_name(slip.first);
        return group + " does not fit the rest; probably one character of " + group + " is wrong";
    }
    const auto left = group_name(slip.first);
    const auto right = group_name(slip.last);
    if (left == right)
        return left + " does not fit the rest; probably two neighbouring characters of " + left +
               " are swapped";
    return "the groups do not fit each other; probably the last character of " + left +
           " and the first of " + right + " are swapped";
}

std::string describe_misfit(const check::Symbols& symbols) {
    const auto slips = check::likely_slips(symbols);
    if (slips.empty()) {
        return "the groups do not fit each other; probably more than one character is wrong, so "
               "compare every group";
    }
    bool one_group = true;
    for (const auto& slip : slips)
        one_group &= slip.first / kGroupSize == slips.front().first / kGroupSize &&
                     slip.last / kGroupSize == slips.front().first / kGroupSize;
    if (slips.size() == 1 || one_group) return describe_slip(slips.front());
    std::string groups;
    std::size_t last_named = kGroups;
    for (const auto& slip : slips) {
        if (slip.first / kGroupSize == last_named) continue;
        last_named = slip.first / kGroupSize;
        groups += (groups.empty() ? "" : " or ") + std::to_string(last_named + 1);
    }
    return "the groups do not fit each other; probably two neighbouring characters are swapped, "
           "beginning in group " +
           groups;
}

}  // namespace

Result<ProductKey> ProductKey::parse(std::string_view text) {
    if (text.size() > kMaxTypedBytes) {
        return fail(Code::key_malformed, "the text has " + std::to_string(text.size()) +
                                             " bytes; a key has 25 characters, in five groups of "
                                             "five");
    }
    const Typed typed = read_typed(text);
    if (auto wrong = describe_shape(typed); !wrong.empty())
        return fail(Code::key_malformed, std::move(wrong));
    if (!check::syndrome(typed.symbols).fits())
        return fail(Code::key_malformed, describe_misfit(typed.symbols));
    ProductKey key;
    key.symbols_ = typed.symbols;
    if (key.version() != kVersion) {
        return fail(Code::key_malformed,
                    "it is a key of version " + std::to_string(key.version()) +
                        ", which this program does not know; a newer version may");
    }
    return key;
}

ProductKey ProductKey::make(KeyKind kind, std::uint32_t group,
                            const std::array<std::uint8_t, 12>& random) {
    if (group > kMaxGroup) std::abort();
    ProductKey key;
    key.symbols_[0] = static_cast<std::uint8_t>((kVersion << 1) | (kind == KeyKind::token ? 1 : 0));
    for (std::size_t i = 0; i < 4; ++i)
        key.symbols_[1 + i] = static_cast<std::uint8_t>((group >> (15 - 5 * i)) & 0x1f);
    for (std::size_t i = kFirstRandom; i + 2 < kKeySymbols; ++i) {
        const std::size_t bit = (i - kFirstRandom) * 5;
        const unsigned pair = (static_cast<unsigned>(random[bit / 8]) << 8) | random[bit / 8 + 1];
        key.symbols_[i] = static_cast<std::uint8_t>((pair >> (11 - bit % 8)) & 0x1f);
    }
    check::complete(key.symbols_);
    return key;
}

KeyKind ProductKey::kind() const {
    return (symbols_[0] & 1) != 0 ? KeyKind::token : KeyKind::product_key;
}

int ProductKey::version() const { return symbols_[0] >> 1; }

std::uint32_t ProductKey::group() const {
    std::uint32_t group = 0;
    for (std::size_t i = 1; i <= 4; ++i) group = (group << 5) | symbols_[i];
    return group;
}

std::string ProductKey::text() const {
    std::string text;
    text.reserve(kKeySymbols + kGroups - 1);
    for (std::size_t i = 0; i < kKeySymbols; ++i) {
        if (i > 0 && i % kGroupSize == 0) text += '-';
        text += kAlphabet[symbols_[i]];
    }
    return text;
}

std::string ProductKey::last5() const {
    return text().substr(kKeySymbols - kGroupSize + kGroups - 1);
}

Result<ProductKey> parse_expecting(std::string_view text, KeyKind expected, std::uint32_t group) {
    auto key = ProductKey::parse(text);
    if (!key) return key;
    if (key->kind() != expected) {
        switch (key->kind()) {
            case KeyKind::token:
                return fail(Code::token_not_key, "what was given is a well-formed token");
            case KeyKind::product_key:
                return fail(Code::key_not_token, "what was given is a well-formed product key");
        }
    }
    if (key->group() != group) {
        return fail(Code::key_wrong_product, "groups 1 and 2 name another product than this one");
    }
    return key;
}

}  // namespace latchkey::licensing
