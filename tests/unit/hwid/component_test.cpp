#include "hwid/component.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::hwid {
namespace {

TEST(Component, every_kind_has_one_name_that_leads_back_to_it) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < kKindCount; ++i) {
        const auto kind = static_cast<Kind>(i);
        EXPECT_EQ(kind_from_name(name(kind)), kind);
        EXPECT_FALSE(title(kind).empty());
        names.insert(name(kind));
    }
    EXPECT_EQ(names.size(), kKindCount);
}

TEST(Component, unknown_kind_names_have_no_kind) {
    for (const auto* text : {"", "Disk", "disk ", "chassis_asset_tag", "zzz", "\xff"}) {
        EXPECT_FALSE(kind_from_name(text)) << text;
    }
}

TEST(Component, states_are_spelled_as_in_snapshots) {
    EXPECT_EQ(name(State::present), "present");
    EXPECT_EQ(name(State::absent), "absent");
    EXPECT_EQ(name(State::unreadable), "unreadable");
}

TEST(Component, a_missing_attribute_is_empty) {
    const Component disk{Kind::disk, "S1", "sda", {{"bus", "ata"}}, State::present};
    EXPECT_EQ(disk.attribute("bus"), "ata");
    EXPECT_EQ(disk.attribute("wwn"), "");
}

}  // namespace
}  // namespace latchkey::hwid
