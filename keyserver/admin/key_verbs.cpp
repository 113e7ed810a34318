// key issue | list | show | block

#include <boost/json/array.hpp>

#include <algorithm>

#include "keyserver/admin/verb.h"
#include "keyserver/decisions/case_file.h"
#include "licensing/product_key.h"

namespace latchkey::keyserver::admin {
namespace {

bj::object shown(const KeyRecord& key) {
    return {{"id", key.id},
            {"last5", key.last5},
            {"entitlement", key.entitlement},
            {"activations", bj::object{{"used", key.used},
                                       {"limit", key.limit},
                                       {"left", std::max<std::int64_t>(0, key.limit - key.used)}}},
            {"blocked", key.blocked},
            {"created_at", format_rfc3339(key.created_at)}};
}

Result<KeyRecord> required_key(Context& context, const std::string& id) {
    auto key = context.stores.keys.find(id);
    if (!key) return fail(std::move(key.error()));
    if (!*key) return fail(Code::record_unknown, "product key \"" + id + "\"");
    return std::move(**key);
}

Result<bj::object> issue(Context& context, const Arguments& arguments) {
    const auto entitlement = context.stores.entitlements.find(arguments.text("entitlement"));
    if (!entitlement) return fail(entitlement.error());
    if (!*entitlement)
        return fail(Code::entitlement_unknown,
                    "entitlement \"" + arguments.text("entitlement") + "\"");
    const auto product = context.stores.products.find((*entitlement)->product);
    if (!product) return fail(product.error());
    if (!*product) return fail(Code::product_unknown, (*entitlement)->product);
    if (!(*product)->needs_activation)
        return fail(Code::activation_not_required,
                    "product \"" + (*product)->id + "\" has no keys");

    std::array<std::uint8_t, 12> random{};
    const Bytes bytes = licensing::random_bytes(random.size());
    std::copy(bytes.begin(), bytes.end(), random.begin());
    const auto made =
        licensing::ProductKey::make(licensing::KeyKind::product_key, (*product)->key_group, random);
    const KeyRecord key{.id = licensing::random_id("key_"),
                        .entitlement = (*entitlement)->id,
                        .digest = context.room.pepper().of(made),
                        .last5 = made.last5(),
                        .limit = arguments.number("activations", (*entitlement)->activations),
                        .used = 0,
                        .blocked = false,
                        .created_at = context.now};
    if (auto added = context.stores.keys.add(key); !added) return fail(std::move(added.error()));
    bj::object out{{"key", made.text()}};
    for (auto& member : shown(key)) out[member.key()] = std::move(member.value());
    return out;
}

Result<bj::object> list(Context& context, const Arguments& arguments) {
    return listed(context.stores.keys.list(arguments.text("entitlement"), arguments.page()), "keys",
                  shown);
}

Result<bj::object> show(Context& context, const Arguments& arguments) {
    auto key = required_key(context, arguments.text("id"));
    if (!key) return fail(std::move(key.error()));
    if (auto returned = apply_returns(context.stores, *key, context.now); !returned)
        return fail(std::move(returned.error()));
    bj::object out = shown(*key);
    const auto entitlement = context.stores.entitlements.find(key->entitlement);
    if (!entitlement) return fail(entitlement.error());
    if (*entitlement) {
        out["product"] = (*entitlement)->product;
        out["program"] = (*entitlement)->program;
        out["organization"] = (*entitlement)->organization;
        out["license_quantity"] = (*entitlement)->quantity;
        out["activate_by"] = time_or_null((*entitlement)->activate_by);
    }
    return out;
}

Result<bj::object> block(Context& context, const Arguments& arguments) {
    auto key = required_key(context, arguments.text("id"));
    if (!key) return fail(std::move(key.error()));
    key->blocked = !arguments.has("undo");
    if (auto set = context.stores.keys.set_blocked(key->id, key->blocked); !set)
        return fail(std::move(set.error()));
    return shown(*key);
}

}  // namespace

std::vector<Verb> key_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"key",
         "issue",
         "Make a product key; it is shown this once",
         {{"entitlement", text, true, "The entitlement's id"},
          {"activations", number, false, "Its activations (default: the entitlement's)"}},
         write,
         issue,
         {},
         {}},
        {"key",
         "list",
         "List product keys by their last five characters",
         {{"entitlement", text, false, "Of this entitlement only"}, limit_rule(), cursor_rule()},
         read,
         list,
         "keys",
         {{"ID", "id"},
          {"LAST 5", "last5"},
          {"ENTITLEMENT", "entitlement"},
          {"USED", "activations.used"},
          {"LIMIT", "activations.limit"},
          {"LEFT", "activations.left"},
          {"BLOCKED", "blocked"}}},
        {"key",
         "show",
         "Show one product key with its entitlement",
         {{"id", text, true, "The key's id", true}},
         write,
         show,
         {},
         {}},
        {"key",
         "block",
         "Refuse activations and renewals with this key from now on",
         {{"id", text, true, "The key's id", true}, {"undo", flag, false, "Allow them again"}},
         write,
         block,
         {},
         {}},
    };
}

}  // namespace latchkey::keyserver::admin
