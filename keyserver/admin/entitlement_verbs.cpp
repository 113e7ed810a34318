// program: add | list; entitlement: add | cap | caps | toolkit | list

#include <boost/json/array.hpp>

#include "keyserver/admin/verb.h"
#include "keyserver/decisions/case_file.h"
#include "keyserver/rules/grants.h"

namespace latchkey::keyserver::admin {
namespace {

using licensing::Program;

bj::object shown_program(const Program& program) {
    return {{"id", program.id},
            {"title", program.title},
            {"rule", licensing::name(program.rule)},
            {"sharing", program.sharing == licensing::Sharing::country ? "country" : "worldwide"},
            {"returnable", program.returnable},
            {"kind", program.lease ? "lease" : "perpetual"},
            {"lease_days", program.lease ? bj::value(program.lease_days) : bj::value(nullptr)},
            {"renewal_days", program.renewal_days},
            {"preset", licensing::find_preset(program.id) != nullptr}};
}

Result<bj::object> list_programs(Context& context, const Arguments&) {
    auto own = context.stores.entitlements.own_programs();
    if (!own) return fail(std::move(own.error()));
    bj::array programs;
    for (const auto& program : licensing::program_presets())
        programs.push_back(shown_program(program));
    for (const auto& program : *own) programs.push_back(shown_program(program));
    return bj::object{{"programs", std::move(programs)}, {"next_cursor", nullptr}};
}

Result<bj::object> add_program(Context& context, const Arguments& arguments) {
    Program program;
    program.id = arguments.text("id");
    program.title = arguments.has("title") ? arguments.text("title") : program.id;
    const auto rule = licensing::counting_rule_from_name(arguments.text("rule"));
    if (!rule)
        return fail(Code::usage,
                    "--rule must be significant-change, any-change or every-activation");
    program.rule = *rule;
    program.sharing =
        arguments.has("country-only") ? licensing::Sharing::country : licensing::Sharing::worldwide;
    program.returnable = arguments.has("returnable");
    program.lease = !arguments.has("perpetual");
    if (!program.lease && arguments.has("lease-days"))
        return fail(Code::usage, "--perpetual and --lease-days exclude each other");
    constexpr int kPerpetualRecheckDays = 30;
    program.lease_days = static_cast<int>(arguments.number("lease-days", program.lease_days));
    program.renewal_days = static_cast<int>(arguments.number(
        "renewal-days", program.lease ? program.renewal_days : kPerpetualRecheckDays));
    constexpr int kLongestLeaseDays = 3660;
    if (program.lease_days < 1 || program.lease_days > kLongestLeaseDays ||
        program.renewal_days < 1 || (program.lease && program.renewal_days >= program.lease_days))
        return fail(Code::usage, "a lease lasts 1 to 3660 days and is renewed before it ends");
    if (program.returnable && !program.lease)
        return fail(Code::usage, "only leases can be returnable");
    if (licensing::find_preset(program.id))
        return fail(Code::already_exists, "the preset \"" + program.id + "\"");
    if (auto added = context.stores.entitlements.add_program(program); !added)
        return fail(std::move(added.error()));
    return shown_program(program);
}

bj::object shown_entitlement(const Entitlement& entitlement) {
    return {{"id", entitlement.id},
            {"product", entitlement.product},
            {"program", entitlement.program},
            {"organization", entitlement.organization},
            {"license_quantity", entitlement.quantity},
            {"activations", entitlement.activations},
            {"activate_by", time_or_null(entitlement.activate_by)},
            {"country", text_or_null(entitlement.country)},
            {"purpose", name(entitlement.purpose)},
            {"toolkit_location", text_or_null(entitlement.location)},
            {"created_at", format_rfc3339(entitlement.created_at)}};
}

/// An organization nobody has named before is created.
Result<void> ensure_organization(Context& context, const std::string& id) {
    const auto existing = context.stores.organizations.find(id);
    if (!existing) return fail(existing.error());
    if (*existing) return {};
    if (const auto wrong = wrong_with_new_name(id); !wrong.empty())
        return fail(Problem{Code::usage, "--organization " + wrong,
                            "There is no such organization, and one of that id cannot be made."});
    return context.stores.organizations.add({id, id, context.now});
}

Result<Program> check_product_and_program(Context& context, const std::string& product,
                                          const std::string& program) {
    const auto found = context.stores.products.find(product);
    if (!found) return fail(found.error());
    if (!*found)
        return fail(Problem{Code::record_unknown, "product \"" + product + "\"",
                            "See 'latchkey-keyserver admin product list'."});
    return find_program(context.stores, program);
}

/// Rules E2 and E6 bind here, when licenses are granted.
Result<void> check_caps(Context& context, const Entitlement& wish) {
    auto& entitlements = context.stores.entitlements;
    const auto caps = entitlements.caps(wish.product, wish.program);
    if (!caps) return fail(caps.error());
    const auto granted = [&](const std::string& country) {
        return entitlements.granted(wish.organization, wish.product, wish.program, country);
    };
    const auto here = granted(wish.country);
    if (!here) return fail(here.error());
    const auto worldwide = granted({});
    if (!worldwide) return fail(worldwide.error());
    if (auto refused = refuse_grant({wish, *caps, *here, *worldwide}))
        return fail(std::move(*refused));
    return {};
}

Result<bj::object> grant(Context& context, const Entitlement& wish) {
    const auto program = check_product_and_program(context, wish.product, wish.program);
    if (!program) return fail(program.error());
    if (wish.activate_by && *wish.activate_by <= context.now)
        return fail(Problem{
            Code::activate_by_passed,
            "--activate-by: keys had to be activated before " + format_rfc3339(*wish.activate_by),
            "Name a date that is still to come."});
    auto granted = check_caps(context, wish);
    if (granted) granted = ensure_organization(context, wish.organization);
    if (granted) granted = context.stores.entitlements.add(wish);
    if (!granted) return fail(std::move(granted.error()));
    bj::object out = shown_entitlement(wish);
    bj::array warnings;
    for (const auto& warning : warnings_about_grant(*program, wish)) warnings.emplace_back(warning);
    out["warnings"] = std::move(warnings);
    return out;
}

Entitlement wish_of(const Context& context, const Arguments& arguments) {
    return {.id = licensing::random_id("ent_"),
            .product = arguments.text("product"),
            .program = arguments.text("program"),
            .organization = arguments.text("organization"),
            .quantity = arguments.number("quantity", 0),
            .activations = arguments.number("activations", 0),
            .activate_by = arguments.date("activate-by"),
            .country = arguments.text("country"),
            .created_at = context.now};
}

Result<bj::object> add_entitlement(Context& context, const Arguments& arguments) {
    Entitlement wish = wish_of(context, arguments);
    if (arguments.has("purpose")) {
        const auto purpose = purpose_from_name(arguments.text("purpose"));
        if (!purpose)
            return fail(Code::usage, "--purpose must be internal, demonstration or training");
        wish.purpose = *purpose;
    }
    return grant(context, wish);
}

Result<bj::object> add_toolkit(Context& context, const Arguments& arguments) {
    Entitlement wish = wish_of(context, arguments);
    wish.location = arguments.text("location");
    const auto location = find_location(context.stores, wish.organization, wish.location);
    if (!location) return fail(location.error());
    wish.country = location->country;
    const auto has_one = context.stores.entitlements.has_toolkit(wish.organization, wish.location,
                                                                 wish.product, wish.program);
    if (!has_one) return fail(has_one.error());
    if (auto refused = refuse_toolkit({*location, *has_one})) return fail(std::move(*refused));
    return grant(context, wish);
}

bj::object shown_cap(const Cap& cap) {
    return {{"product", cap.product},
            {"program", cap.program},
            {"country", text_or_null(cap.country)},
            {"where", cap.country.empty() ? "worldwide" : cap.country},
            {"license_quantity", cap.quantity}};
}

Result<bj::object> set_cap(Context& context, const Arguments& arguments) {
    const Cap cap{arguments.text("product"), arguments.text("program"), arguments.text("country"),
                  arguments.number("quantity", 0)};
    const auto known = check_product_and_program(context, cap.product, cap.program);
    if (!known) return fail(known.error());
    if (auto done = context.stores.entitlements.set_cap(cap); !done)
        return fail(std::move(done.error()));
    const auto granted = context.stores.entitlements.most_granted(cap, kGrantsLookedAt);
    if (!granted) return fail(granted.error());
    bj::object out = shown_cap(cap);
    bj::array warnings;
    for (const auto& warning : warnings_about_cap(cap, *granted)) warnings.emplace_back(warning);
    out["warnings"] = std::move(warnings);
    return out;
}

Result<bj::object> list_caps(Context& context, const Arguments& arguments) {
    const auto caps =
        context.stores.entitlements.caps(arguments.text("product"), arguments.text("program"));
    if (!caps) return fail(caps.error());
    bj::array items;
    for (const auto& cap : *caps) {
        const auto most = context.stores.entitlements.most_granted(cap, 1);
        if (!most) return fail(most.error());
        bj::object item = shown_cap(cap);
        item["granted"] = most->empty() ? 0 : most->front().quantity;
        item["granted_to"] = text_or_null(most->empty() ? "" : most->front().organization);
        items.push_back(std::move(item));
    }
    return bj::object{{"caps", std::move(items)}, {"next_cursor", nullptr}};
}

/// Rule K9: benefit, program, quantity, activate-by date, activations used and left.
Result<bj::object> list_entitlements(Context& context, const Arguments& arguments) {
    auto piece = context.stores.entitlements.list(arguments.page());
    if (!piece) return fail(std::move(piece.error()));
    bj::array items;
    for (const auto& entitlement : piece->items) {
        bj::object item = shown_entitlement(entitlement);
        const auto use = context.stores.entitlements.use_of(entitlement.id);
        if (!use) return fail(use.error());
        item["keys"] = bj::object{{"count", use->keys},
                                  {"used", use->used},
                                  {"limit", use->limit},
                                  {"left", use->limit - use->used}};
        items.push_back(std::move(item));
    }
    bj::object out{{"entitlements", std::move(items)}};
    out["next_cursor"] = text_or_null(piece->next);
    return out;
}

}  // namespace

std::vector<Verb> entitlement_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"program",
         "add",
         "Add a program of your own",
         {{"id", new_id, true, "Its id"},
          {"title", text, false, "Its name for people"},
          {"rule", text, true, "significant-change, any-change or every-activation"},
          {"country-only", flag, false, "Shared inside the subscribing country only"},
          {"returnable", flag, false,
           "Ending a license gives its activation back (when the lease ends)"},
          {"perpetual", flag, false, "Licenses do not end"},
          {"lease-days", number, false, "How long a lease lasts (default 180)"},
          {"renewal-days", number, false, "How often agents renew (default 7, perpetual 30)"}},
         write,
         add_program,
         {},
         {}},
        {"program",
         "list",
         "List programs: the presets and your own",
         {},
         read,
         list_programs,
         "programs",
         {{"ID", "id"},
          {"TITLE", "title"},
          {"COUNTS", "rule"},
          {"SHARED", "sharing"},
          {"KIND", "kind"},
          {"LEASE DAYS", "lease_days"},
          {"RETURNABLE", "returnable"}}},
        {"entitlement",
         "add",
         "Entitle an organization to a product under a program",
         {{"product", id, true, "The product's id"},
          {"program", id, true, "action-pack, competency, ai-cloud, or one of your own"},
          {"organization", text, true, "The organization's id; an unknown one is created"},
          {"quantity", number, true, "License quantity (shown, never what limits a key)"},
          {"activations", number, true, "Activations a key of it gets"},
          {"activate-by", date, false, "The date before which keys must be activated"},
          {"country", country, false, "The subscribing country"},
          {"purpose", text, false,
           "internal (default), demonstration or training; only internal ones are capped"}},
         write,
         add_entitlement,
         {},
         {}},
        {"entitlement",
         "toolkit",
         "Grant an additional location toolkit to a location with a competency of its own",
         {{"product", id, true, "The product's id"},
          {"program", id, true, "The program that grants it"},
          {"organization", text, true, "The organization's id"},
          {"location", text, true, "Its registered location; not the headquarters"},
          {"quantity", number, true, "License quantity; caps bind it"},
          {"activations", number, true, "Activations a key of it gets"},
          {"activate-by", date, false, "The date before which keys must be activated"}},
         write,
         add_toolkit,
         {},
         {}},
        {"entitlement",
         "cap",
         "Set the most licenses one organization may be granted of a product under a program",
         {{"product", id, true, "The product's id"},
          {"program", id, true, "The program"},
          {"quantity", number, true, "The most; what was granted before stays"},
          {"country", country, false, "In this country; without it, worldwide"}},
         write,
         set_cap,
         {},
         {}},
        {"entitlement",
         "caps",
         "List the caps, each with the most that one organization was granted",
         {{"product", id, false, "Of this product only"},
          {"program", id, false, "Of this program only"}},
         read,
         list_caps,
         "caps",
         {{"PRODUCT", "product"},
          {"PROGRAM", "program"},
          {"WHERE", "where"},
          {"QUANTITY", "license_quantity"},
          {"GRANTED", "granted"},
          {"TO", "granted_to"}}},
        {"entitlement",
         "list",
         "List entitlements",
         {limit_rule(), cursor_rule()},
         read,
         list_entitlements,
         "entitlements",
         {{"ID", "id"},
          {"PRODUCT", "product"},
          {"PROGRAM", "program"},
          {"ORGANIZATION", "organization"},
          {"COUNTRY", "country"},
          {"PURPOSE", "purpose", name(Purpose::internal)},
          {"TOOLKIT OF", "toolkit_location"},
          {"QUANTITY", "license_quantity"},
          {"ACTIVATE BY", "activate_by"},
          {"KEYS", "keys.count"},
          {"USED", "keys.used"},
          {"LEFT", "keys.left"}}},
    };
}

}  // namespace latchkey::keyserver::admin
