// program, organization, location, entitlement: add | list

#include <boost/json/array.hpp>

#include "keyserver/admin/verb.h"
#include "keyserver/case_file.h"

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

bj::object shown_organization(const Organization& organization) {
    return {{"id", organization.id},
            {"name", organization.name},
            {"created_at", format_rfc3339(organization.created_at)}};
}

Result<bj::object> add_organization(Context& context, const Arguments& arguments) {
    const std::string id = arguments.text("id");
    const Organization organization{id, arguments.has("name") ? arguments.text("name") : id,
                                    context.now};
    if (auto added = context.stores.organizations.add(organization); !added)
        return fail(std::move(added.error()));
    return shown_organization(organization);
}

Result<bj::object> list_organizations(Context& context, const Arguments& arguments) {
    return listed(context.stores.organizations.list(arguments.page()), "organizations",
                  shown_organization);
}

bj::object shown_location(const Location& location) {
    return {{"id", location.id},
            {"organization", location.organization},
            {"name", location.name},
            {"country", location.country},
            {"created_at", format_rfc3339(location.created_at)}};
}

Result<bj::object> add_location(Context& context, const Arguments& arguments) {
    const std::string id = arguments.text("id");
    const Location location{id, arguments.text("organization"),
                            arguments.has("name") ? arguments.text("name") : id,
                            arguments.text("country"), context.now};
    const auto organization = context.stores.organizations.find(location.organization);
    if (!organization) return fail(organization.error());
    if (!*organization)
        return fail(Code::record_unknown, "organization \"" + location.organization + "\"");
    if (auto added = context.stores.organizations.add_location(location); !added)
        return fail(std::move(added.error()));
    return shown_location(location);
}

Result<bj::object> list_locations(Context& context, const Arguments& arguments) {
    return listed(
        context.stores.organizations.locations(arguments.text("organization"), arguments.page()),
        "locations", shown_location);
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
            {"created_at", format_rfc3339(entitlement.created_at)}};
}

/// An organization nobody has named before is created.
Result<void> ensure_organization(Context& context, const std::string& id) {
    const auto existing = context.stores.organizations.find(id);
    if (!existing) return fail(existing.error());
    if (*existing) return {};
    return context.stores.organizations.add({id, id, context.now});
}

Result<bj::object> add_entitlement(Context& context, const Arguments& arguments) {
    const Entitlement entitlement{.id = licensing::random_id("ent_"),
                                  .product = arguments.text("product"),
                                  .program = arguments.text("program"),
                                  .organization = arguments.text("organization"),
                                  .quantity = arguments.number("quantity", 0),
                                  .activations = arguments.number("activations", 0),
                                  .activate_by = arguments.date("activate-by"),
                                  .country = arguments.text("country"),
                                  .created_at = context.now};
    const auto product = context.stores.products.find(entitlement.product);
    if (!product) return fail(product.error());
    if (!*product)
        return fail(Problem{Code::record_unknown, "product \"" + entitlement.product + "\"",
                            "See 'latchkey-keyserver admin product list'."});
    if (auto program = find_program(context.stores, entitlement.program); !program)
        return fail(std::move(program.error()));
    if (entitlement.activate_by && *entitlement.activate_by <= context.now)
        return fail(Problem{Code::activate_by_passed,
                            "--activate-by: keys had to be activated before " +
                                format_rfc3339(*entitlement.activate_by),
                            "Name a date that is still to come."});
    auto added = ensure_organization(context, entitlement.organization);
    if (added) added = context.stores.entitlements.add(entitlement);
    if (!added) return fail(std::move(added.error()));
    return shown_entitlement(entitlement);
}

Result<bj::object> list_entitlements(Context& context, const Arguments& arguments) {
    return listed(context.stores.entitlements.list(arguments.page()), "entitlements",
                  shown_entitlement);
}

}  // namespace

std::vector<Verb> entitlement_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"program",
         "add",
         "Add a program of your own",
         {{"id", id, true, "Its id"},
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
          {"RETURNABLE", "returnable"}}},
        {"organization",
         "add",
         "Add an organization",
         {{"id", text, true, "Its id"}, {"name", text, false, "Its name for people"}},
         write,
         add_organization,
         {},
         {}},
        {"organization",
         "list",
         "List organizations",
         {limit_rule(), cursor_rule()},
         read,
         list_organizations,
         "organizations",
         {{"ID", "id"}, {"NAME", "name"}}},
        {"location",
         "add",
         "Register a location of an organization",
         {{"id", text, true, "Its id, as agents name it"},
          {"organization", text, true, "Whose it is"},
          {"country", country, true, "Two letters"},
          {"name", text, false, "Its name for people"}},
         write,
         add_location,
         {},
         {}},
        {"location",
         "list",
         "List locations",
         {{"organization", text, false, "Of this organization only"}, limit_rule(), cursor_rule()},
         read,
         list_locations,
         "locations",
         {{"ID", "id"},
          {"ORGANIZATION", "organization"},
          {"COUNTRY", "country"},
          {"NAME", "name"}}},
        {"entitlement",
         "add",
         "Entitle an organization to a product under a program",
         {{"product", id, true, "The product's id"},
          {"program", id, true, "action-pack, competency, ai-cloud, or one of your own"},
          {"organization", text, true, "The organization's id; an unknown one is created"},
          {"quantity", number, true, "License quantity (shown, never what limits a key)"},
          {"activations", number, true, "Activations a key of it gets"},
          {"activate-by", date, false, "The date before which keys must be activated"},
          {"country", country, false, "The subscribing country"}},
         write,
         add_entitlement,
         {},
         {}},
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
          {"QUANTITY", "license_quantity"},
          {"ACTIVATIONS", "activations"},
          {"ACTIVATE BY", "activate_by"}}},
    };
}

}  // namespace latchkey::keyserver::admin
