#include "tests/fakes/io_registry_plist.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cstdlib>
#include <iostream>
#include <sstream>

namespace latchkey::fakes {
namespace {

using boost::property_tree::ptree;
using platform::IoEntry;
using platform::IoForest;
using platform::IoMember;
using platform::IoValue;

constexpr std::string_view kChildren = "IORegistryEntryChildren";

[[noreturn]] void refuse(const std::string& why) {
    std::cerr << "property list: " << why << '\n';
    std::abort();
}

ptree parsed(const std::string& xml) {
    std::istringstream in(xml);
    ptree tree;
    boost::property_tree::read_xml(in, tree, boost::property_tree::xml_parser::no_comments);
    return tree;
}

hwid::RawBytes bytes_of_base64(const std::string& text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    hwid::RawBytes out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = kDigits.find(c);
        if (digit == std::string_view::npos) continue;  // white space, padding
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return out;
}

IoValue value_of(const std::string& type, const ptree& node);

/// Calls `take(name, type, node)` for every member.
template <class Take>
void each_member(const ptree& dictionary, Take take) {
    std::string name;
    for (const auto& [tag, node] : dictionary) {
        if (tag == "key")
            name = node.data();
        else
            take(name, tag, node);
    }
}

IoValue value_of(const std::string& type, const ptree& node) {
    if (type == "true" || type == "false") return {type == "true"};
    if (type == "integer") return {static_cast<std::int64_t>(std::stoll(node.data()))};
    if (type == "string") return {node.data()};
    if (type == "data") return {bytes_of_base64(node.data())};
    if (type == "array") {
        IoValue::Array all;
        for (const auto& [tag, element] : node) all.push_back(value_of(tag, element));
        return {std::move(all)};
    }
    if (type == "dict") {
        IoValue::Dictionary all;
        each_member(node, [&](const auto& name, const auto& tag, const ptree& inner) {
            all.push_back({name, value_of(tag, inner)});
        });
        return {std::move(all)};
    }
    refuse("<" + type + "> is not for a registry");
}

IoEntry entry_of(const ptree& dictionary) {
    IoEntry entry;
    each_member(dictionary, [&](const std::string& name, const auto& tag, const ptree& node) {
        if (name == "IORegistryEntryID") {
            entry.id = std::stoull(node.data());
        } else if (name == "IORegistryEntryName") {
            entry.name = node.data();
        } else if (name == "IOObjectClass") {
            entry.class_name = node.data();
        } else if (name == kChildren) {
            for (const auto& [inner_tag, child] : node) entry.children.push_back(entry_of(child));
        } else if (platform::is_wanted_property(name)) {
            entry.properties.push_back({name, value_of(tag, node)});
        }
    });
    return entry;
}

}  // namespace

IoForest io_forest(const std::string& plist) {
    const ptree tree = parsed(plist);
    const auto root = tree.get_child_optional("plist");
    if (!root) refuse("there is no <plist>");
    IoForest forest;
    for (const auto& [tag, node] : *root) {
        if (tag == "dict") forest.push_back(entry_of(node));  // of the whole registry
        if (tag != "array") continue;                         // -r: of the entries asked for
        for (const auto& [inner_tag, entry] : node) forest.push_back(entry_of(entry));
    }
    if (forest.empty()) refuse("there are no entries in it");
    return forest;
}

IoValue io_value(const std::string& xml) {
    const ptree tree = parsed(xml);
    if (tree.empty()) refuse("nothing in it");
    return value_of(tree.front().first, tree.front().second);
}

}  // namespace latchkey::fakes
