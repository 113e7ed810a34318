#pragma once

// An administration verb as data: its words, its arguments, what it does, how its answer is shown.
// Command line, local endpoint and help all read the same table, so a verb is added in one place
// (docs/recipes.md).

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/keys/key_keeper.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver::admin {

namespace bj = boost::json;

enum class ArgumentKind : std::uint8_t {
    text,      ///< 1 to 256 bytes, no control characters
    id,        ///< [a-z0-9._-]{1,64}: names what is there
    new_id,    ///< an id that begins with a letter or a digit
    new_name,  ///< likewise, also with capital letters and ':'; for organizations and locations
    number,    ///< 0 to 1,000,000,000
    page,      ///< 1 to kMaxPage
    date,      ///< "2027-06-30", or RFC 3339
    country,   ///< countries.h
    platform,  ///< linux, windows, mac
    flag,      ///< given or not
    file,      ///< the client reads the file; the verb gets its content
    path,      ///< a file of the client's, which it works on itself; 1 to 4096 bytes
};

struct ArgumentRule {
    std::string_view name;  ///< "entitlement" for --entitlement
    ArgumentKind kind = ArgumentKind::text;
    bool required = false;
    std::string_view help;  ///< empty: our own client's, not on the command line
    bool positional = false;
    bool repeated = false;
};

/// What is wrong with the id of an organization or a location that is to be made; empty: nothing.
/// Those that are there already stay whatever they are.
std::string wrong_with_new_name(std::string_view text);

/// As they travel: values by name; a flag has none.
using RawArguments = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Arguments that were held against the verb's rules; asking for one that is not there gives its
/// empty value.
class Arguments {
public:
    static Result<Arguments> checked(std::span<const ArgumentRule> rules, RawArguments raw);

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string text(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    std::int64_t number(std::string_view name, std::int64_t fallback) const;
    std::optional<ServerTime> date(std::string_view name) const;
    Page page() const;  ///< --limit and --cursor

private:
    RawArguments values_;
};

struct Context {
    Stores& stores;
    KeyKeeper& keys;
    const KeyRoom& room;  ///< in force when the command began
    std::string url;      ///< where this key server was last reached; may be empty
    ServerTime now;
    std::filesystem::path directory;  ///< --data
};

/// One column of a table for people: a member of each item, or "outer.inner".
struct Column {
    std::string_view title;
    std::string_view member;
    std::string_view usual = {};  ///< goes without saying: shown as "-"
};

struct Verb {
    std::string_view noun;
    std::string_view name;
    std::string_view help;
    std::vector<ArgumentRule> arguments;
    Store::Access access = Store::Access::read;
    Result<bj::object> (*run)(Context& context, const Arguments& arguments) = nullptr;
    std::string_view items;       ///< lists: the member that holds them
    std::vector<Column> columns;  ///< lists: what a table shows
};

/// `product export`: the manifest of this version was never written anywhere; its number is free
/// again unless there was another export meanwhile.
inline constexpr std::string_view kUnwritten = "unwritten";

/// Every verb, grouped by noun.
const std::vector<Verb>& verbs();
const Verb* find_verb(std::string_view noun, std::string_view name);

/// May the verb begin a new key server? The ones that add can; the others would work on nothing.
bool may_begin(const Verb& verb);

/// Lists take these two.
ArgumentRule limit_rule();
ArgumentRule cursor_rule();

// The groups, one file each.
std::vector<Verb> product_verbs();
std::vector<Verb> organization_verbs();
std::vector<Verb> entitlement_verbs();
std::vector<Verb> key_verbs();
std::vector<Verb> token_verbs();
std::vector<Verb> machine_verbs();
std::vector<Verb> ledger_verbs();
std::vector<Verb> console_verbs();
std::vector<Verb> signing_verbs();
std::vector<Verb> return_verbs();

/// `item(T) -> bj::object` for each of a listed piece, under `member`, with "next_cursor".
template <class T, class Item>
Result<bj::object> listed(Result<Listed<T>> piece, std::string_view member, Item item) {
    if (!piece) return fail(std::move(piece.error()));
    bj::array items;
    for (const auto& each : piece->items) items.push_back(item(each));
    bj::object out;
    out[member] = std::move(items);
    if (piece->next.empty())
        out["next_cursor"] = nullptr;
    else
        out["next_cursor"] = piece->next;
    return out;
}

/// RFC 3339, or null.
bj::value time_or_null(const std::optional<ServerTime>& time);
/// The text, or null where it is empty.
bj::value text_or_null(std::string_view text);

}  // namespace latchkey::keyserver::admin
