#include "platform/hardware/io_registry.h"

#include <gtest/gtest.h>

#include "tests/fakes/io_registry_plist.h"

namespace latchkey::platform {
namespace {

using fakes::io_forest;
using fakes::io_value;

IoEntry entry(std::uint64_t id, std::string class_name) {
    IoEntry out;
    out.id = id;
    out.class_name = std::move(class_name);
    return out;
}

std::vector<std::string> classes(const IoForest& forest) {
    std::vector<std::string> out;
    walk(forest, [&](IoPath path) {
        std::string line;
        for (const auto* step : path) line += (line.empty() ? "" : "/") + step->class_name;
        out.push_back(line);
    });
    return out;
}

TEST(IoValues, are_read_by_what_they_are) {
    const auto value = io_value(
        "<dict><key>name</key><string>disk0</string><key>size</key><integer>500277790720</integer>"
        "<key>whole</key><true/><key>id</key><data>5BQAAA==</data>"
        "<key>model</key><data>TWFjMTQsMgBqdW5r</data></dict>");
    EXPECT_EQ(text_of(member(value, "name")), "disk0");
    EXPECT_EQ(number_of(member(value, "size")), 500277790720u);
    EXPECT_TRUE(is_true(member(value, "whole")));
    EXPECT_EQ(number_of(member(value, "id")), 0x14e4u) << "little-endian, as PCI has it";
    EXPECT_EQ(text_of(member(value, "model")), "Mac14,2")
        << "up to its end, as device trees have it";
}

TEST(IoValues, of_another_kind_say_nothing) {
    const auto value = io_value(
        "<dict><key>text</key><string>1</string><key>number</key><integer>-1</integer>"
        "<key>list</key><array><true/></array><key>none</key><data></data>"
        "<key>long</key><data>AQIDBAU=</data></dict>");
    EXPECT_EQ(member(value, "absent"), nullptr);
    EXPECT_EQ(member(*member(value, "list"), "text"), nullptr);
    EXPECT_EQ(text_of(nullptr), "");
    EXPECT_EQ(text_of(member(value, "number")), "");
    EXPECT_EQ(text_of(member(value, "none")), "");
    EXPECT_EQ(number_of(nullptr), std::nullopt);
    EXPECT_EQ(number_of(member(value, "text")), std::nullopt);
    EXPECT_EQ(number_of(member(value, "number")), std::nullopt) << "negative";
    EXPECT_EQ(number_of(member(value, "none")), std::nullopt);
    EXPECT_EQ(number_of(member(value, "long")), std::nullopt);
    EXPECT_FALSE(is_true(nullptr));
    EXPECT_FALSE(is_true(member(value, "text")));
    EXPECT_EQ(bytes_of(member(value, "text")), nullptr);
    EXPECT_EQ(bytes_of(member(value, "long"))->size(), 5u);
}

TEST(IoValues, that_are_endless_text_are_cut) {
    IoValue value;
    value.held = hwid::RawBytes(kMostIoTextBytes + 100, 'x');
    EXPECT_EQ(text_of(&value).size(), kMostIoTextBytes);
}

TEST(IoRegistry, keeps_what_is_understood_and_nothing_else) {
    const auto forest = io_forest(
        "<plist><dict><key>IOObjectClass</key><string>IOMedia</string>"
        "<key>BSD Name</key><string>disk0</string><key>Content Hint</key><string>x</string>"
        "<key>IORegistryEntryChildren</key><array><dict><key>IOObjectClass</key>"
        "<string>IOMediaBSDClient</string></dict></array></dict></plist>");
    ASSERT_EQ(forest.size(), 1u);
    EXPECT_EQ(forest[0].properties.size(), 1u);
    EXPECT_EQ(text_of(forest[0].property("BSD Name")), "disk0");
    EXPECT_EQ(classes(forest), (std::vector<std::string>{"IOMedia", "IOMedia/IOMediaBSDClient"}));
}

TEST(IoRegistry, chains_that_share_their_beginning_become_one_tree) {
    IoForest forest;
    add_chain(forest, {entry(1, "Root"), entry(2, "PCI"), entry(3, "Card")});
    add_chain(forest, {entry(1, "Root"), entry(2, "PCI"), entry(4, "Disk")});
    add_chain(forest, {entry(1, "Root"), entry(2, "PCI"), entry(3, "Card")});
    add_chain(forest, {entry(5, "Other")});
    EXPECT_EQ(classes(forest), (std::vector<std::string>{"Root", "Root/PCI", "Root/PCI/Card",
                                                         "Root/PCI/Disk", "Other"}));
}

TEST(IoRegistry, has_bounds_whatever_hangs_on_what) {
    std::vector<IoEntry> chain;
    for (std::size_t i = 0; i <= kMostIoLevels; ++i) chain.push_back(entry(i, "Deep"));
    IoForest forest;
    add_chain(forest, chain);
    EXPECT_TRUE(forest.empty()) << "deeper than any registry";
    chain.pop_back();
    add_chain(forest, std::move(chain));
    EXPECT_EQ(classes(forest).size(), kMostIoLevels);

    IoForest wide(kMostIoEntries + 10, entry(1, "Wide"));
    EXPECT_EQ(classes(wide).size(), kMostIoEntries);

    IoForest deep(1, entry(0, "Deeper"));
    IoEntry* last = &deep[0];
    for (std::size_t i = 0; i < 2 * kMostIoLevels; ++i)
        last = &last->children.emplace_back(entry(i, "Deeper"));
    EXPECT_EQ(classes(deep).size(), kMostIoLevels);
}

}  // namespace
}  // namespace latchkey::platform
