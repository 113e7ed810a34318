// organization: add | list; location: add | qualify | list

#include <boost/json/array.hpp>

#include "keyserver/admin/verb.h"
#include "keyserver/decisions/case_file.h"

namespace latchkey::keyserver::admin {
namespace {

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
            {"headquarters", location.headquarters},
            {"competency", text_or_null(location.competency)},
            {"created_at", format_rfc3339(location.created_at)}};
}

Result<bj::object> add_location(Context& context, const Arguments& arguments) {
    const std::string id = arguments.text("id");
    const Location location{id,
                            arguments.text("organization"),
                            arguments.has("name") ? arguments.text("name") : id,
                            arguments.text("country"),
                            context.now,
                            arguments.has("headquarters"),
                            arguments.text("competency")};
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

Result<bj::object> qualify_location(Context& context, const Arguments& arguments) {
    auto location =
        find_location(context.stores, arguments.text("organization"), arguments.text("id"));
    if (!location) return fail(std::move(location.error()));
    location->competency = arguments.text("competency");
    if (auto set = context.stores.organizations.set_competency(location->organization, location->id,
                                                               location->competency);
        !set)
        return fail(std::move(set.error()));
    return shown_location(*location);
}

}  // namespace

std::vector<Verb> organization_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"organization",
         "add",
         "Add an organization",
         {{"id", new_name, true, "Its id: letters, digits, '.', '_', '-', ':'"},
          {"name", text, false, "Its name for people"}},
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
         {{"id", new_name, true, "Its id, as agents name it: letters, digits, '.', '_', '-', ':'"},
          {"organization", text, true, "Whose it is"},
          {"country", country, true, "Two letters"},
          {"name", text, false, "Its name for people"},
          {"headquarters", flag, false, "It is the organization's headquarters"},
          {"competency", text, false, "What the location itself attained, such as gold"}},
         write,
         add_location,
         {},
         {}},
        {"location",
         "qualify",
         "Note the competency that a location attained, or lost",
         {{"organization", text, true, "Whose it is"},
          {"id", text, true, "The location"},
          {"competency", text, false, "Such as gold; without it, none any more"}},
         write,
         qualify_location,
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
          {"NAME", "name"},
          {"HEADQUARTERS", "headquarters"},
          {"COMPETENCY", "competency"}}},
    };
}

}  // namespace latchkey::keyserver::admin
