// product add | list | export; release and set: product_changes.cpp

#include "keyserver/admin/ceremony.h"
#include "keyserver/admin/product_words.h"
#include "licensing/manifest.h"
#include "licensing/product_key.h"

namespace latchkey::keyserver::admin {
namespace {

std::uint32_t random_group() {
    const Bytes bytes = licensing::random_bytes(4);
    const std::uint32_t number = static_cast<std::uint32_t>(bytes[0]) |
                                 static_cast<std::uint32_t>(bytes[1]) << 8 |
                                 static_cast<std::uint32_t>(bytes[2]) << 16;
    return number & licensing::kMaxGroup;
}

Result<bj::object> add(Context& context, const Arguments& arguments) {
    Product product;
    if (auto read = read_policy(product, arguments); !read) return fail(std::move(read.error()));
    product.id = arguments.text("id");
    product.name = arguments.text("name");
    product.version = arguments.text("version");
    product.released = arguments.date("released");
    product.needs_activation = !arguments.has("no-activation");
    product.rearm_ledger = !arguments.has("no-rearm-ledger");
    product.excluded_platforms = arguments.texts("exclude-platform");
    product.qualifying_os = arguments.texts("qualifying-os");
    product.created_at = context.now;
    const auto existing = context.stores.products.find(product.id);
    if (!existing) return fail(existing.error());
    if (*existing) return fail(Code::already_exists, "product \"" + product.id + "\"");
    // Group codes tell keys of one product from another's; a collision only costs another draw.
    constexpr int kDraws = 16;
    Result<void> added;
    for (int draw = 0; draw < kDraws; ++draw) {
        product.key_group = random_group();
        product.token_group = random_group();
        added = context.stores.products.add(product);
        if (added || added.error().code != Code::already_exists) break;
    }
    if (!added) return fail(std::move(added.error()));
    return shown_product(product);
}

Result<bj::object> list(Context& context, const Arguments& arguments) {
    return listed(context.stores.products.list(arguments.page()), "products", shown_product);
}

Result<bj::object> take_back(Context& context, const Product& product, const Arguments& arguments) {
    const std::int64_t version = arguments.number(kUnwritten, 0);
    if (version < 1) return fail(Code::usage, "no manifest has that version");
    if (auto moved =
            context.stores.products.move_manifest_version(product.id, version, version - 1);
        !moved)
        return fail(std::move(moved.error()));
    return bj::object{{"id", product.id}};
}

licensing::Manifest manifest_of(const Context& context, const Product& product,
                                const Arguments& arguments) {
    const Publisher& publisher = context.room.publisher();
    licensing::Manifest manifest;
    manifest.publisher = publisher.id;
    manifest.publisher_name = publisher.name;
    manifest.version = product.manifest_version + 1;
    manifest.product = product.id;
    manifest.product_name = product.name;
    manifest.product_version = product.version;
    manifest.released = product.released;
    manifest.needs_activation = product.needs_activation;
    manifest.excluded_platforms = product.excluded_platforms;
    manifest.qualifying_os = product.qualifying_os;
    manifest.key_group = product.key_group;
    manifest.token_group = product.token_group;
    manifest.url = arguments.has("url") ? arguments.text("url") : context.url;
    manifest.salt_id = publisher.salt_id;
    manifest.salt = publisher.salt;
    manifest.root_version = context.room.root().version;
    manifest.root = context.room.root().root;
    manifest.root_chain = context.room.trust_bundle().root_chain;
    manifest.policy.rearm_ledger = product.rearm_ledger;
    manifest.policy.initial_grace_days = product.initial_grace_days;
    manifest.policy.out_of_tolerance_days = product.out_of_tolerance_days;
    manifest.policy.rearms = product.rearms;
    manifest.policy.lab_reimages_per_year = product.lab_reimages_per_year;
    manifest.issued_at = context.now;
    return manifest;
}

Result<std::string> signed_here(const Context& context, const licensing::Manifest& manifest) {
    const auto root = context.room.load_root();
    if (!root) return fail(root.error());
    if (!*root)
        return fail(
            Problem{Code::config_invalid,
                    "root.key is not in the data directory, and only the root signs manifests",
                    "Name it with --root-key, wherever it is kept."});
    return sound_manifest(**root, manifest);
}

Result<bj::object> export_manifest(Context& context, const Arguments& arguments) {
    const auto product = required_product(context, arguments.text("id"));
    if (!product) return fail(product.error());
    if (arguments.has(kUnwritten)) return take_back(context, *product, arguments);
    const auto manifest = manifest_of(context, *product, arguments);
    bj::object out{{"id", manifest.product},
                   {"publisher", manifest.publisher},
                   {"manifest_version", manifest.version},
                   {"url", text_or_null(manifest.url)}};
    if (arguments.has(ceremony::kUnsigned)) {
        out["unsigned"] = licensing::to_json(manifest);
    } else {
        auto jws = signed_here(context, manifest);
        if (!jws) return fail(std::move(jws.error()));
        out["manifest"] = std::move(*jws);
    }
    if (auto moved = context.stores.products.move_manifest_version(
            product->id, manifest.version - 1, manifest.version);
        !moved)
        return fail(std::move(moved.error()));
    return out;
}

}  // namespace

std::vector<Verb> product_verbs() {
    using enum ArgumentKind;
    return {
        {.noun = "product",
         .name = "add",
         .help = "Add a product",
         .arguments = {{"id", new_id, true, "Its id: a-z, 0-9, '.', '_', '-'"},
                       {"name", text, true, "Its name for people"},
                       {"no-activation", flag, false,
                        "It needs no activation (client access licenses and the like)"},
                       {"no-rearm-ledger", flag, false,
                        "Keep no ledger of its graces and rearms by hardware"},
                       policy_rule(0),
                       policy_rule(1),
                       policy_rule(2),
                       policy_rule(3),
                       {"exclude-platform", platform, false,
                        "Its keys do not work there: linux, windows, mac", false, true},
                       {"qualifying-os", text, false,
                        "An OS edition an upgrade license may be used on", false, true},
                       {"version", text, false, "Its latest version"},
                       {"released", date, false, "When that version was released"}},
         .access = Store::Access::write,
         .run = add,
         .items = {},
         .columns = {}},
        release_verb(),
        set_verb(),
        {.noun = "product",
         .name = "list",
         .help = "List products",
         .arguments = {limit_rule(), cursor_rule()},
         .access = Store::Access::read,
         .run = list,
         .items = "products",
         .columns = {{"ID", "id"},
                     {"NAME", "name"},
                     {"VERSION", "version"},
                     {"NEEDS ACTIVATION", "needs_activation"},
                     {"EXCLUDED", "excluded_platforms"}}},
        {.noun = "product",
         .name = "export",
         .help = "Write a product's manifest, signed by the root",
         .arguments = {{"id", id, true, "The product", true},
                       {"url", text, false,
                        "Where agents reach this key server (https://HOST[:PORT])"},
                       {ceremony::kRootKey, path, false,
                        "The root's private key, where it is kept (default: root.key in --data)"},
                       {ceremony::kUnsigned, flag, false, ""},
                       {kUnwritten, number, false, ""}},
         .access = Store::Access::write,
         .run = export_manifest,
         .items = {},
         .columns = {}},
    };
}

}  // namespace latchkey::keyserver::admin
