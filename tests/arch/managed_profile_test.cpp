// The sample profile for Macs, the agent.toml beside it, and the agent's table of settings say the
// same; the Group Policy template is held against that table by policy_template_test.cpp.

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "agent/daemon/config.h"
#include "agent/daemon/managed.h"
#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

using daemon::Config;
using platform::PolicyData;
using platform::PolicyValue;
using Tree = boost::property_tree::ptree;

std::filesystem::path sample(const std::string& name) {
    return repository() / "installers/macos/policy" / name;
}

/// The pairs of a <dict>: in XML a key and its value stand one after the other.
std::vector<std::pair<std::string, std::pair<std::string, Tree>>> pairs(const Tree& dict) {
    std::vector<std::pair<std::string, std::pair<std::string, Tree>>> all;
    std::string key;
    for (const auto& [tag, element] : dict) {
        if (tag == "key")
            key = element.data();
        else
            all.push_back({key, {tag, element}});
    }
    return all;
}

/// Numbers stand for true and false, as they do in the other systems' policies.
PolicyData data_of(const std::string& tag, const Tree& element) {
    if (tag == "true" || tag == "false") return std::uint32_t{tag == "true"};
    if (tag == "string") return element.data();
    return platform::OtherData{tag};
}

void collect(const Tree& dict, const std::vector<std::string>& above,
             std::vector<PolicyValue>& into) {
    for (const auto& [key, value] : pairs(dict)) {
        auto path = above;
        path.push_back(key);
        if (value.first == "dict")
            collect(value.second, path, into);
        else if (!key.starts_with("Payload"))
            into.push_back({path, data_of(value.first, value.second), "the profile: " + key});
    }
}

std::vector<PolicyValue> profile() {
    Tree tree;
    namespace xml = boost::property_tree::xml_parser;
    xml::read_xml(sample("org.latchkey.agent.mobileconfig").string(), tree,
                  xml::no_comments | xml::trim_whitespace);
    std::vector<PolicyValue> values;
    for (const auto& [key, value] : pairs(tree.get_child("plist.dict")))
        if (key == "PayloadContent") collect(value.second.get_child("dict"), {}, values);
    return values;
}

std::string agent_toml() {
    std::ifstream file(sample("agent.toml"));
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::pair<std::string, std::string>> names_and_values(const Result<Config>& config) {
    std::vector<std::pair<std::string, std::string>> all;
    if (!config) return {{"error", config.error().detail}};
    for (const auto& setting : config->settings) all.emplace_back(setting.name, setting.value);
    return all;
}

TEST(ManagedProfile, has_every_setting_with_a_value_that_the_agent_takes) {
    const auto values = profile();
    const auto settings = daemon::managed_settings(values);
    ASSERT_TRUE(settings) << settings.error().detail;
    std::multiset<std::string_view> named;
    for (const auto& setting : settings->settings) named.insert(setting.rule->name);
    EXPECT_TRUE(settings->unknown.empty());
    std::multiset<std::string_view> wanted;
    for (const auto& rule : daemon::setting_rules()) wanted.insert(rule.name);
    EXPECT_EQ(named, wanted);
}

TEST(ManagedProfile, says_what_the_file_beside_it_says) {
    const auto from_file = daemon::parse_config({{"agent.toml", agent_toml()}});
    const auto from_profile = daemon::parse_config({}, profile());
    EXPECT_EQ(names_and_values(from_profile), names_and_values(from_file));
    EXPECT_GE(names_and_values(from_file).size(), daemon::setting_rules().size());
}

}  // namespace
}  // namespace latchkey::arch
