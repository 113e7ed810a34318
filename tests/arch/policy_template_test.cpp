// The Group Policy template and the agent's table of settings say the same, both ways.

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "agent/daemon/settings.h"
#include "base/setting_text.h"
#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

using daemon::SettingRule;
using daemon::Shape;
using Tree = boost::property_tree::ptree;

const std::string kRoot = R"(SOFTWARE\Policies\Latchkey\)";

Tree read(const std::string& name, const std::string& root) {
    Tree tree;
    namespace xml = boost::property_tree::xml_parser;
    xml::read_xml((repository() / "installers/windows/policy" / name).string(), tree,
                  xml::no_comments | xml::trim_whitespace);
    return tree.get_child(root);
}

const Tree& admx() {
    static const Tree tree = read("latchkey.admx", "policyDefinitions");
    return tree;
}
const Tree& adml() {
    static const Tree tree = read("en-US/latchkey.adml", "policyDefinitionResources");
    return tree;
}

std::string attribute(const Tree& element, const std::string& name) {
    return element.get("<xmlattr>." + name, "");
}

std::vector<std::string> children(const Tree& element) {
    std::vector<std::string> names;
    for (const auto& [name, child] : element)
        if (name != "<xmlattr>") names.push_back(name);
    return names;
}

/// What the file says of one setting, in words that can be compared.
struct Said {
    std::string kind;  ///< "enum", "text", "list", "flag"
    std::vector<std::string> choices;
    std::string most;  ///< maxLength of a text
    friend bool operator==(const Said&, const Said&) = default;
    friend void PrintTo(const Said& said, std::ostream* out) {
        *out << said.kind << " " << testing::PrintToString(said.choices) << " " << said.most;
    }
};

/// "agent\role" for a value, "publisher\url\*" for the key of a list.
std::string place(const std::string& key, const std::string& value) {
    return (key.starts_with(kRoot) ? key.substr(kRoot.size()) : "?" + key) + "\\" + value;
}

Said enumeration(const Tree& element) {
    Said said{"enum", {}, {}};
    for (const auto& [name, item] : element)
        if (name == "item") said.choices.push_back(item.get<std::string>("value.string"));
    return said;
}

std::map<std::string, Said> template_says() {
    std::map<std::string, Said> all;
    const auto add = [&](const std::string& where, Said said) {
        EXPECT_TRUE(all.emplace(where, std::move(said)).second) << where << " is there twice";
    };
    for (const auto& [tag, policy] : admx().get_child("policies")) {
        EXPECT_EQ(tag, "policy");
        const auto key = attribute(policy, "key");
        if (const auto flag = attribute(policy, "valueName"); !flag.empty()) {
            EXPECT_EQ(policy.get("enabledValue.decimal.<xmlattr>.value", ""), "1") << flag;
            EXPECT_EQ(policy.get("disabledValue.decimal.<xmlattr>.value", ""), "0") << flag;
            add(place(key, flag), {"flag", {}, {}});
            continue;
        }
        for (const auto& [kind, element] : policy.get_child("elements")) {
            if (kind == "list") {
                EXPECT_EQ(attribute(element, "explicitValue"), "true") << attribute(policy, "name");
                add(place(attribute(element, "key"), "*"), {"list", {}, {}});
                continue;
            }
            EXPECT_EQ(attribute(element, "required"), "true")
                << attribute(policy, "name") << ": an empty text is refused by the agent";
            const auto where = place(key, attribute(element, "valueName"));
            add(where, kind == "enum" ? enumeration(element)
                                      : Said{kind, {}, attribute(element, "maxLength")});
        }
    }
    return all;
}

std::pair<std::string, Said> rule_says(const SettingRule& rule) {
    const auto first = std::string(rule.name.substr(0, rule.name.find('.')));
    const auto last = std::string(rule.name.substr(rule.name.rfind('.') + 1));
    if (rule.of_many()) return {first + "\\" + last + "\\*", {"list", {}, {}}};
    const std::string where = first + "\\" + last;
    switch (rule.shape) {
        case Shape::choice:
            return {where, {"enum", {rule.choices.begin(), rule.choices.end()}, {}}};
        case Shape::flag:
            return {where, {"flag", {}, {}}};
        case Shape::country:
            return {where, {"text", {}, "2"}};
        case Shape::text:
        case Shape::place:
        case Shape::url:
        case Shape::proxy:
            break;
    }
    return {where, {"text", {}, std::to_string(setting_text::kMaxBytes)}};
}

/// Every $(kind.ID) below `element`.
void collect(const Tree& element, const std::string& kind, std::set<std::string>& into) {
    static const std::regex reference(R"(\$\((\w+)\.(\w+)\))");
    std::smatch match;
    const auto text = element.data();
    if (std::regex_match(text, match, reference) && match[1] == kind) into.insert(match[2]);
    for (const auto& [name, child] : element) collect(child, kind, into);
}

std::set<std::string> ids(const std::string& table) {
    std::set<std::string> found;
    for (const auto& [name, entry] : adml().get_child("resources." + table)) {
        EXPECT_TRUE(found.insert(attribute(entry, "id")).second)
            << attribute(entry, "id") << " is there twice";
        EXPECT_EQ(entry.data().empty(), table != "stringTable") << attribute(entry, "id");
    }
    return found;
}

TEST(PolicyTemplate, has_every_setting_with_its_type_and_bounds_and_no_other) {
    std::map<std::string, Said> wanted;
    for (const auto& rule : daemon::setting_rules()) wanted.insert(rule_says(rule));
    EXPECT_EQ(template_says(), wanted);
}

TEST(PolicyTemplate, says_everything_in_words_and_nothing_twice) {
    std::set<std::string> strings;
    std::set<std::string> presentations;
    collect(admx(), "string", strings);
    collect(admx(), "presentation", presentations);
    EXPECT_EQ(ids("stringTable"), strings);
    EXPECT_EQ(ids("presentationTable"), presentations);
}

TEST(PolicyTemplate, explains_every_setting_and_shows_what_it_asks_for) {
    std::map<std::string, std::set<std::string>> shown;
    for (const auto& [tag, presentation] : adml().get_child("resources.presentationTable"))
        for (const auto& [kind, box] : presentation)
            if (kind != "<xmlattr>")
                shown[attribute(presentation, "id")].insert(kind + " " + attribute(box, "refId"));
    const std::map<std::string, std::string> boxes{
        {"enum", "dropdownList"}, {"text", "textBox"}, {"list", "listBox"}};
    for (const auto& [tag, policy] : admx().get_child("policies")) {
        const auto name = attribute(policy, "name");
        EXPECT_EQ(attribute(policy, "class"), "Machine") << name;
        EXPECT_EQ(attribute(policy, "displayName"), "$(string." + name + ")");
        EXPECT_EQ(attribute(policy, "explainText"), "$(string." + name + "_explain)");
        std::set<std::string> asked;
        if (const auto elements = policy.get_child_optional("elements")) {
            EXPECT_EQ(attribute(policy, "presentation"), "$(presentation." + name + ")");
            for (const auto& [kind, element] : *elements)
                asked.insert(boxes.at(kind) + " " + attribute(element, "id"));
        }
        EXPECT_EQ(shown[name], asked) << name;
    }
}

TEST(PolicyTemplate, is_built_as_the_schema_wants_it) {
    using testing::ElementsAre;
    const std::string space = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
    for (const auto* file : {&admx(), &adml()}) {
        EXPECT_EQ(attribute(*file, "xmlns"), space);
        EXPECT_EQ(attribute(*file, "schemaVersion"), "1.0");
    }
    EXPECT_THAT(children(admx()), ElementsAre("policyNamespaces", "resources", "supportedOn",
                                              "categories", "policies"));
    EXPECT_THAT(children(adml()), ElementsAre("displayName", "description", "resources"));
    EXPECT_EQ(admx().get("resources.<xmlattr>.minRequiredRevision", ""),
              attribute(adml(), "revision"));
    std::set<std::string> categories;
    for (const auto& [tag, category] : admx().get_child("categories")) {
        const auto parent = category.get("parentCategory.<xmlattr>.ref", "");
        EXPECT_EQ(parent.empty(), categories.empty()) << "one root, and it comes first";
        EXPECT_TRUE(parent.empty() || categories.contains(parent)) << parent;
        categories.insert(attribute(category, "name"));
    }
    const auto supported = admx().get("supportedOn.definitions.definition.<xmlattr>.name", "");
    std::set<std::string> names;
    for (const auto& [tag, policy] : admx().get_child("policies")) {
        const auto name = attribute(policy, "name");
        EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
        EXPECT_TRUE(categories.contains(policy.get("parentCategory.<xmlattr>.ref", ""))) << name;
        EXPECT_EQ(policy.get("supportedOn.<xmlattr>.ref", ""), supported) << name;
        const bool flag = !attribute(policy, "valueName").empty();
        const std::vector<std::string> value{"enabledValue", "disabledValue"};
        std::vector<std::string> order{"parentCategory", "supportedOn"};
        flag ? void(order.insert(order.end(), value.begin(), value.end()))
             : order.push_back("elements");
        EXPECT_EQ(children(policy), order) << name;
    }
}

}  // namespace
}  // namespace latchkey::arch
