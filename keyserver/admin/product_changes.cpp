// product release | set

#include <boost/json/array.hpp>

#include "keyserver/admin/product_words.h"
#include "keyserver/rules/versions.h"

namespace latchkey::keyserver::admin {
namespace {

/// Member by member, what the change made of the product as it is shown.
bj::array changes(const Product& before, const Product& after) {
    bj::array out;
    const bj::object was = shown_product(before);
    for (const auto& member : shown_product(after))
        if (const auto& old = was.at(member.key()); old != member.value())
            out.push_back(
                bj::object{{"what", member.key()}, {"from", old}, {"to", member.value()}});
    return out;
}

Result<bj::object> changed(Context& context, const Product& before, const Product& after) {
    if (auto kept = context.stores.products.change(after); !kept)
        return fail(std::move(kept.error()));
    bj::object out = shown_product(after);
    out["changed"] = changes(before, after);
    if (after.manifest_version > 0)
        out["note"] = "Agents know the product by its manifest: export it again, and install it.";
    return out;
}

/// Rule E5: keys of what was the latest version may be activated for 12 more months.
Result<bj::object> release(Context& context, const Arguments& arguments) {
    const auto product = required_product(context, arguments.text("id"));
    if (!product) return fail(product.error());
    const auto after = released(*product,
                                {arguments.text("version"), arguments.date("released"),
                                 arguments.has("correct"), arguments.text("previous")},
                                context.now);
    if (!after) return fail(after.error());
    return changed(context, *product, *after);
}

/// One of two flags that exclude each other.
Result<void> read_switch(bool& what, const Arguments& arguments, std::string_view on,
                         std::string_view off) {
    if (arguments.has(on) && arguments.has(off))
        return fail(Code::usage,
                    "--" + std::string(on) + " and --" + std::string(off) + " exclude each other");
    if (arguments.has(on)) what = true;
    if (arguments.has(off)) what = false;
    return {};
}

/// A list is replaced as a whole, or emptied.
Result<void> read_list(std::vector<std::string>& list, const Arguments& arguments,
                       std::string_view values, std::string_view none) {
    if (arguments.has(values) && arguments.has(none))
        return fail(Code::usage, "--" + std::string(values) + " and --" + std::string(none) +
                                     " exclude each other");
    if (arguments.has(values)) list = arguments.texts(values);
    if (arguments.has(none)) list.clear();
    return {};
}

Result<bj::object> set(Context& context, const Arguments& arguments) {
    const auto before = required_product(context, arguments.text("id"));
    if (!before) return fail(before.error());
    Product after = *before;
    if (arguments.has("name")) after.name = arguments.text("name");
    auto read = read_policy(after, arguments);
    if (read)
        read = read_switch(after.needs_activation, arguments, "needs-activation", "no-activation");
    if (read) read = read_switch(after.rearm_ledger, arguments, "rearm-ledger", "no-rearm-ledger");
    if (read)
        read = read_list(after.excluded_platforms, arguments, "exclude-platform",
                         "exclude-no-platform");
    if (read) read = read_list(after.qualifying_os, arguments, "qualifying-os", "any-os");
    if (!read) return fail(std::move(read.error()));
    if (after == *before)
        return fail(Problem{Code::usage, "nothing would change",
                            "Name what is to be another way; 'latchkey-keyserver admin product "
                            "list --json' shows what is."});
    return changed(context, *before, after);
}

}  // namespace

Verb release_verb() {
    using enum ArgumentKind;
    return {.noun = "product",
            .name = "release",
            .help =
                "A new version is the latest now: the one before may be activated for 12 "
                "months. Export the manifest afterwards",
            .arguments = {{"id", id, true, "The product", true},
                          {"version", text, true, "The new version"},
                          {"released", date, false, "When it was released (default: now)"},
                          {"correct", flag, false,
                           "Replace the latest release, which was entered wrong"},
                          {"previous", text, false,
                           "With --correct: the version before it (default: as on record)"}},
            .access = Store::Access::write,
            .run = release,
            .items = {},
            .columns = {}};
}

Verb set_verb() {
    using enum ArgumentKind;
    return {.noun = "product",
            .name = "set",
            .help =
                "Change what 'product add' set; what is not named stays. Export the manifest "
                "afterwards",
            .arguments = {{"id", id, true, "The product", true},
                          {"name", text, false, "Its name for people"},
                          {"no-activation", flag, false, "It needs no activation"},
                          {"needs-activation", flag, false, "It needs one"},
                          {"no-rearm-ledger", flag, false,
                           "Keep no ledger of its graces and rearms by hardware"},
                          {"rearm-ledger", flag, false, "Keep one"},
                          policy_rule(0),
                          policy_rule(1),
                          policy_rule(2),
                          policy_rule(3),
                          {"exclude-platform", platform, false,
                           "Its keys do not work on these, and on no other", false, true},
                          {"exclude-no-platform", flag, false, "Its keys work everywhere"},
                          {"qualifying-os", text, false,
                           "The OS editions an upgrade license may be used on", false, true},
                          {"any-os", flag, false, "Every edition qualifies"}},
            .access = Store::Access::write,
            .run = set,
            .items = {},
            .columns = {}};
}

}  // namespace latchkey::keyserver::admin
